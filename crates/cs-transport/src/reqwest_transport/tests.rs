use super::*;

fn changed(url: &str) -> Option<RequestFault> {
    unchanged(&Uri::try_from(url).unwrap(), &LastOrigin::default()).err()
}

/// Trap 1, in the client's own parser: what it would have made of these, had the check let them pass.
#[test]
fn the_parser_moves_a_delete_to_another_route() {
    for uid in ["..", "%2e%2e", "%2E."] {
        let url = format!("https://api.example.com/v3/stacks/management_tokens/{uid}");
        assert_eq!(Url::parse(&url).unwrap().path(), "/v3/stacks/", "{uid}");
        assert_eq!(changed(&url), Some(RequestFault::DotSegment));
    }
}

#[test]
fn other_changes_are_noticed() {
    assert_eq!(changed("https://127.1/"), Some(RequestFault::Host));
    assert_eq!(changed("https://A.test/"), Some(RequestFault::Host));
    assert_eq!(changed("https://a.test/?q='x'"), Some(RequestFault::DotSegment));
    assert_eq!(changed("https://a.test/%7Bx%7D//y?"), None);
}

#[test]
fn the_origin_that_is_kept_is_that_of_the_call() {
    let last = LastOrigin::default();
    for url in [
        "https://a.test/one",
        "https://a.test/two?x=1",
        "https://a.test:8443/two",
        "http://a.test/two",
        "https://b.test/",
        "https://a.test/one",
    ] {
        assert_eq!(unchanged(&Uri::try_from(url).unwrap(), &last).unwrap().as_str(), url);
    }
    assert_eq!(unchanged(&Uri::try_from("https://A.test/one").unwrap(), &last), Err(RequestFault::Host));
}
