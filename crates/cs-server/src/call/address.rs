//! Which API a request is for, when one port serves them all.
//!
//! The vendor has a host for each API. Here the first sign that is there decides:
//!
//! 1. a path below `/stacks/`, without a version before it: GraphQL;
//! 2. the host: its first label is that of one of the vendor's hosts, as in `cdn.localhost` or `eu-rest-preview.test`;
//! 3. the header `preview_token`: preview;
//! 4. the credential of the delivery API, `access_token`, where nobody sends `authorization` or `authtoken`: delivery;
//! 5. the header `live_preview` beside another credential: live preview as older clients did it, on the management host;
//! 6. an `environment` in a header or the query, where nobody sends any credential: delivery, which says which one is missing;
//! 7. else the management API.
//!
//! Signs 3 to 7 are guesses: a route that the API does not have is looked for in the management API, then in the delivery API, which
//! say that the credential does not work there.

use bytes::Bytes;
use cs_model::Api;
use cs_model::generated::REGIONS;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderName, Request};

use super::headers::{ACCESS_TOKEN, AUTHTOKEN, ENVIRONMENT, LIVE_PREVIEW, PREVIEW_TOKEN};
use super::parameter;

/// Where a request is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) api: Api,
    /// Whether the API is known for certain, so that no other is tried.
    pub(super) is_certain: bool,
    /// Whether it is the GraphQL host for drafts.
    pub(super) is_draft: bool,
}

/// Finds out which API a request is for.
pub(super) fn of(request: &Request<Bytes>, query: &[(String, String)]) -> Address {
    let certain = |api, is_draft| Address { api, is_certain: true, is_draft };
    let guess = |api| Address { api, is_certain: false, is_draft: false };
    let host = of_host(request);
    if request.uri().path().starts_with("/stacks/") {
        return certain(Api::GraphQl, host.is_some_and(|(_, is_draft)| is_draft));
    }
    let headers = request.headers();
    let has = |name: &HeaderName| headers.contains_key(name);
    match host {
        // Its hosts serve no other path; the management host serves older previews, too.
        Some((api, is_draft)) if api != Api::Management => return certain(api, is_draft),
        Some(_) if !has(&LIVE_PREVIEW) => return certain(Api::Management, false),
        _ => {}
    }
    if host.is_none() && has(&PREVIEW_TOKEN) {
        return guess(Api::Preview);
    }
    let others = has(&AUTHORIZATION) || has(&AUTHTOKEN);
    if host.is_none() && !others && (has(&ACCESS_TOKEN) || parameter(query, "access_token").is_some()) {
        return guess(Api::Delivery);
    }
    if has(&LIVE_PREVIEW) {
        return guess(Api::LegacyPreview);
    }
    let names_environment = || has(&ENVIRONMENT) || parameter(query, "environment").is_some();
    guess(if host.is_none() && !others && names_environment() { Api::Delivery } else { Api::Management })
}

/// The API whose hosts begin with the same label, and whether it is one for drafts.
fn of_host(request: &Request<Bytes>) -> Option<(Api, bool)> {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = header.or_else(|| request.uri().host())?;
    // Addresses and `localhost` have nothing to say.
    let (label, _) = host.split_once('.').filter(|(label, _)| !label.bytes().all(|b| b.is_ascii_digit()))?;
    let begins =
        |known: &str| known.split_once('.').is_some_and(|(known, _)| known.eq_ignore_ascii_case(label));
    REGIONS.iter().find_map(|region| {
        let apis = [Api::Management, Api::Delivery, Api::Preview, Api::GraphQl];
        let api = apis.into_iter().find(|api| begins(region.host(*api)));
        let drafts = || begins(region.graphql_preview).then_some((Api::GraphQl, true));
        api.map(|api| (api, false)).or_else(drafts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(path: &str, headers: &[(&str, &str)]) -> (Api, bool) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::new()).unwrap();
        let address = of(&request, &super::super::pairs(request.uri().query()));
        (address.api, address.is_draft)
    }

    #[test]
    fn hosts_decide_before_headers() {
        let entries = "/v3/content_types/page/entries";
        for (host, expected) in [
            ("api.contentstack.io", Api::Management),
            ("azure-eu-api.localhost:8080", Api::Management),
            ("cdn.localhost", Api::Delivery),
            ("gcp-na-cdn.example.invalid", Api::Delivery),
            ("EU-REST-PREVIEW.contentstack.com", Api::Preview),
            ("graphql.localhost", Api::GraphQl),
        ] {
            let headers = [("host", host), ("access_token", "x")];
            assert_eq!(api(entries, &headers), (expected, false), "{host}");
        }
        assert_eq!(api(entries, &[("host", "eu-graphql-preview.test")]), (Api::GraphQl, true));
        for host in ["localhost:8080", "127.0.0.1", "[::1]:80", "contentstack.test", "cdnx.test"] {
            let headers = [("host", host), ("access_token", "x")];
            assert_eq!(api(entries, &headers), (Api::Delivery, false), "{host}");
        }
    }

    #[test]
    fn without_a_host_of_theirs_credentials_decide() {
        let entries = "/v3/content_types/page/entries";
        assert_eq!(api(entries, &[]).0, Api::Management);
        assert_eq!(api("/v3/content_types?environment=production", &[]).0, Api::Delivery);
        assert_eq!(api("/v3/content_types?environment=production", &[("authtoken", "y")]).0, Api::Management);
        assert_eq!(api("/v3/content_types?access_token=x", &[]).0, Api::Delivery);
        assert_eq!(api(entries, &[("preview_token", "x"), ("live_preview", "h")]).0, Api::Preview);
        assert_eq!(api(entries, &[("access_token", "x"), ("authtoken", "y")]).0, Api::Management);
        assert_eq!(api(entries, &[("authorization", "x"), ("live_preview", "h")]).0, Api::LegacyPreview);
        assert_eq!(api(entries, &[("host", "api.x"), ("live_preview", "h")]).0, Api::LegacyPreview);
        assert_eq!(api("/stacks/blt1?environment=production", &[]).0, Api::GraphQl);
    }
}
