use http::header;

use super::*;

/// Headers that describe the connection or the framing.
const OWN_HEADERS: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::PROXY_AUTHORIZATION,
];

fn kind_of(method: &str, url: &str) -> Option<ErrorKind> {
    let request = Request::builder().method(method).uri(url).body(Bytes::new()).unwrap();
    check(&request).err().map(|error| {
        assert_eq!(error.sent, Sent::No);
        error.kind
    })
}

fn fault_of(url: &str) -> RequestFault {
    match kind_of("GET", url) {
        Some(ErrorKind::InvalidRequest(fault)) => fault,
        other => panic!("{url}: {other:?}"),
    }
}

#[test]
fn ordinary_requests_pass() {
    for url in [
        "https://api.contentstack.io/v3/stacks/delivery_tokens?include_count=true&query=%7B%22a%22%3A1%7D",
        "https://eu-api.contentstack.com:8443/v3/content_types/a_b/entries/blt1.json",
        "https://example.com",
        "https://example.com?x=1",
        "https://example.com/a//b/",
        "https://example.com/v1.2/...",
        "https://example.com/a%2fb",
        "https://192.0.2.7/",
        "https://[2001:db8::7]/",
        "http://localhost:8085/",
        "http://127.0.0.1/",
        "http://127.200.3.4:1/",
        "http://[::1]:8085/x?",
    ] {
        assert_eq!(kind_of("GET", url), None, "{url}");
    }
}

#[test]
fn dot_segments_in_every_spelling() {
    for path in [
        ".",
        "..",
        "%2e",
        "%2E",
        "%2e%2e",
        "%2E%2e",
        ".%2e",
        "%2e.",
        "../x",
        "a/../b",
        "a/./b",
        "a/%2e%2e/b",
        "a%2f..%2fb",
        "a%2F%2E%2E",
        "a%5c..%5cb",
    ] {
        let url = format!("https://example.com/v3/stacks/management_tokens/{path}");
        assert_eq!(fault_of(&url), RequestFault::DotSegment, "{url}");
    }
}

#[test]
fn characters_that_clients_encode_differently() {
    for (url, c) in [
        ("https://example.com/a\"b", '"'),
        ("https://example.com/{uid}", '{'),
        ("https://example.com/a|b", '|'),
        ("https://example.com/a\\..\\b", '\\'),
        ("https://example.com/a^b", '^'),
        ("https://example.com/100%", '%'),
        ("https://example.com/%zz", '%'),
        ("https://example.com/%2", '%'),
    ] {
        assert_eq!(fault_of(url), RequestFault::PathCharacter(c), "{url}");
    }
    for (url, c) in [
        ("https://example.com/?a='b'", '\''),
        ("https://example.com/?a={}", '{'),
        ("https://example.com/?a=%", '%'),
    ] {
        assert_eq!(fault_of(url), RequestFault::QueryCharacter(c), "{url}");
    }
}

#[test]
fn hosts_that_clients_rewrite() {
    for url in [
        "https://EXAMPLE.com/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://127.0.0.1./",
        "https://example.com./",
        "https://a..b/",
        "https://ex%61mple.com/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://example.com:/",
        "https://example.com:0/",
        "https://example.com:0443/",
        "https://example.com:99999/",
    ] {
        // What `http` itself refuses cannot reach a transport.
        if url.parse::<Uri>().is_ok() {
            assert_eq!(fault_of(url), RequestFault::Host, "{url}");
        }
    }
    assert_eq!(fault_of("https://user:pw@example.com/"), RequestFault::UserInfo);
    assert_eq!(fault_of("/v3/stacks"), RequestFault::NotAbsolute);
    assert_eq!(fault_of("ftp://example.com/"), RequestFault::Scheme);
}

#[test]
fn plain_http_only_to_loopback() {
    for url in [
        "http://example.com/",
        "http://localhost.example.com/",
        "http://sub.localhost/",
        "http://128.0.0.1/",
        "http://0.0.0.0/",
        "http://[::2]/",
        "http://[::ffff:7f00:1]/",
    ] {
        let kind = kind_of("GET", url);
        assert!(
            matches!(kind, Some(ErrorKind::InsecureUrl | ErrorKind::InvalidRequest(RequestFault::Host))),
            "{url}: {kind:?}"
        );
    }
    assert!(is_loopback("::1"));
    assert!(is_loopback("LOCALHOST"));
    assert!(!is_loopback("127.1"));
    assert!(!is_loopback(""));
}

#[test]
fn methods_and_headers_of_the_connection() {
    for method in ["CONNECT", "TRACE"] {
        let kind = kind_of(method, "https://example.com/");
        assert!(matches!(kind, Some(ErrorKind::InvalidRequest(RequestFault::Method(_)))), "{method}");
    }
    for name in OWN_HEADERS {
        let request = Request::get("https://example.com/").header(&name, "x").body(Bytes::new()).unwrap();
        assert_eq!(check(&request).unwrap_err().kind, ErrorKind::InvalidRequest(RequestFault::Header(name)));
    }
}

#[test]
fn the_text_shows_no_value_of_the_request() {
    let request = Request::get("https://example.com/canary/../canary?canary").body(Bytes::new()).unwrap();
    let error = check(&request).unwrap_err();
    assert_eq!(error.to_string(), "the request cannot be sent as it is: the path has a dot segment");
    assert!(!format!("{error:?}").contains("canary"));
}
