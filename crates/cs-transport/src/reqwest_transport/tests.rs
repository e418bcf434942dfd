use super::*;

fn url_of(url: &str) -> Result<Url, RequestFault> {
    let uri = Uri::try_from(url).unwrap();
    unchanged(base_of(&uri)?, &uri)
}

fn changed(url: &str) -> Option<RequestFault> {
    url_of(url).err()
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
fn the_rest_stays_as_it_is() {
    for url in ["https://a.test/one", "https://a.test:8443/two?x=1", "http://[::1]:80/", "https://a.test/"] {
        let (uri, made) = (Uri::try_from(url).unwrap(), url_of(&url.replace(":80/", "/")).unwrap());
        assert_eq!((made.path(), made.query(), made.host_str()), (uri.path(), uri.query(), uri.host()));
    }
}
