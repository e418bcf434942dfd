use super::*;

fn prepared(request: Request<Bytes>, second: i64) -> Result<Outgoing<()>, TransportError> {
    let now = || Timestamp::from_second(second).unwrap();
    prepare(request, None, &Origins::new(|_| Ok(())), &Settings::default(), now)
}

fn outgoing(method: &str, url: &str, body: &'static str) -> Outgoing<()> {
    prepared(Request::builder().method(method).uri(url).body(Bytes::from(body)).unwrap(), 0).unwrap()
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
    let limit = |deadline: Option<i64>| {
        let mut request = Request::get("https://a.test/").body(Bytes::new()).unwrap();
        let deadline = deadline.map(|second| Timestamp::from_second(second).unwrap());
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(CallInfo::new("/").deadline(deadline));
        }
        prepared(request, 1_000).map(|outgoing| outgoing.limit)
    };
    let most = Settings::default().total_limit;
    assert_eq!(limit(None).unwrap(), most);
    assert_eq!(limit(Some(1_001)).unwrap(), Duration::from_secs(1));
    assert_eq!(limit(Some(9_999)).unwrap(), most);
    for passed in [1_000, 999, -1] {
        let error = limit(Some(passed)).unwrap_err();
        assert_eq!((error.kind, error.sent), (ErrorKind::Timeout(Limit::Total), Sent::No));
    }
}

#[test]
fn what_is_known_of_an_origin_is_of_no_other() {
    let origins = Origins::new(|uri| Ok(uri.authority().map(ToString::to_string)));
    let made = |url: &'static str| origins.of(&Uri::from_static(url)).map(|origin| origin.made);
    for _ in 0..2 {
        for (url, expected) in [
            ("https://a.test/one", "a.test"),
            ("https://a.test/two", "a.test"),
            ("https://a.test:443/two", "a.test"),
            ("https://a.test:8443/two", "a.test:8443"),
            ("http://127.0.0.1/", "127.0.0.1"),
        ] {
            assert_eq!(made(url).unwrap().as_deref(), Some(expected), "{url}");
        }
        for (first, url, kind) in [
            ("https://a.test/", "https://A.test/", ErrorKind::InvalidRequest(RequestFault::Host)),
            ("https://a.test/", "http://a.test/", ErrorKind::InsecureUrl),
            ("https://a.test/", "https://u@a.test/", ErrorKind::InvalidRequest(RequestFault::UserInfo)),
            ("https://a.test/", "/", ErrorKind::InvalidRequest(RequestFault::NotAbsolute)),
        ] {
            assert!(made(first).is_ok());
            let error = made(url).unwrap_err();
            assert_eq!((error.kind, error.sent), (kind, Sent::No), "{url}");
        }
    }
}

#[test]
fn switches_of_a_client_do_not_pass() {
    let mut request = Request::get("https://a.test/").body(Bytes::new()).unwrap();
    request.extensions_mut().insert("a switch");
    let outgoing = prepared(request, 0).unwrap();
    assert!(outgoing.parts.extensions.is_empty());
}

#[test]
fn errors_are_found_inside_io_errors() {
    let tls = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
    assert_eq!(connect_kind(&io::Error::other(tls)), ErrorKind::Tls);
    assert_eq!(connect_kind(&io::Error::from(io::ErrorKind::ConnectionRefused)), ErrorKind::Connect);
}
