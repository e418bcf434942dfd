use super::*;

fn outgoing(method: &str, url: &str, body: &'static str) -> Outgoing {
    let request = Request::builder().method(method).uri(url).body(Bytes::from(body)).unwrap();
    prepare(request, &Settings::default(), Timestamp::UNIX_EPOCH).unwrap()
}

#[test]
fn default_ports_go() {
    for (url, expected) in [
        ("https://a.test:443/x?y", "https://a.test/x?y"),
        ("https://a.test:80/", "https://a.test:80/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://localhost:443/", "http://localhost:443/"),
    ] {
        assert_eq!(outgoing("GET", url, "").parts.uri.to_string(), expected);
    }
}

#[test]
fn which_requests_have_a_body() {
    for (method, body, expected) in [
        ("GET", "", false),
        ("DELETE", "", false),
        ("HEAD", "", false),
        ("POST", "", true),
        ("PUT", "", true),
        ("PATCH", "", true),
        ("GET", "x", true),
        ("DELETE", "x", true),
    ] {
        assert_eq!(outgoing(method, "https://a.test/", body).body.is_some(), expected, "{method} `{body}`");
    }
}

#[test]
fn a_deadline_shortens_the_limit_and_never_lengthens_it() {
    let settings = Settings::default();
    let now = Timestamp::from_second(1_000).unwrap();
    let with = |second| CallInfo::new("/").deadline(Timestamp::from_second(second).unwrap());
    assert_eq!(total_limit(None, &settings, now).unwrap(), settings.total_limit);
    assert_eq!(total_limit(Some(&with(1_001)), &settings, now).unwrap(), Duration::from_secs(1));
    assert_eq!(total_limit(Some(&with(9_999)), &settings, now).unwrap(), settings.total_limit);
    for passed in [1_000, 999, -1] {
        let error = total_limit(Some(&with(passed)), &settings, now).unwrap_err();
        assert_eq!((error.kind, error.sent), (ErrorKind::Timeout(Limit::Total), Sent::No));
    }
}

#[test]
fn switches_of_a_client_do_not_pass() {
    let mut request = Request::get("https://a.test/").body(Bytes::new()).unwrap();
    request.extensions_mut().insert("a switch");
    let outgoing = prepare(request, &Settings::default(), Timestamp::UNIX_EPOCH).unwrap();
    assert!(outgoing.parts.extensions.is_empty());
}

#[test]
fn errors_are_found_inside_io_errors() {
    let tls = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
    assert_eq!(connect_kind(&io::Error::other(tls)), ErrorKind::Tls);
    assert_eq!(connect_kind(&io::Error::from(io::ErrorKind::ConnectionRefused)), ErrorKind::Connect);
}
