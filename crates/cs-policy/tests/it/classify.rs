//! Classification: exact, total, and equal to the plainest way to say what it does.

use cs_model::{Api, Method, RouteId};
use cs_policy::{classify, classify_bytes};
use proptest::prelude::*;

const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];

fn template(api: Api, method: Method, path: &str) -> Option<&'static str> {
    classify(api, method, path).map(|route| route.row().template)
}

/// Every route whose template matches, by looking at each; the most literal from the left wins.
fn plainly(api: Api, method: Method, path: &[u8]) -> Option<&'static str> {
    let path = path.strip_prefix(b"/")?;
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte);
    let mut best: Option<(Vec<bool>, &'static str)> = None;
    for route in RouteId::all().map(RouteId::row).filter(|route| route.api == api && route.method == method) {
        let template: Vec<&str> = route.template.split('/').skip(1).collect();
        let literal: Vec<bool> = template.iter().map(|part| !part.starts_with('{')).collect();
        let matches = template.len() == segments.len()
            && template.iter().zip(&segments).zip(&literal).all(|((part, segment), literal)| {
                if *literal {
                    part.as_bytes() == *segment
                } else {
                    !matches!(*segment, b"" | b"." | b"..") && segment.iter().all(plain)
                }
            });
        if matches && best.as_ref().is_none_or(|(so_far, _)| literal > *so_far) {
            best = Some((literal, route.template));
        }
    }
    // Two templates match the same requests; which one stands for both is said in the documentation.
    best.map(
        |(_, template)| {
            if template == "/v3/assets/{asset_type}" { "/v3/assets/{asset_uid}" } else { template }
        },
    )
}

#[test]
fn every_template_is_found_by_a_path_made_from_it() {
    for id in RouteId::all() {
        let route = id.row();
        let path: Vec<_> = route
            .template
            .split('/')
            .map(|part| if part.starts_with('{') { "blt0123456789abcdef" } else { part })
            .collect();
        let found = template(route.api, route.method, &path.join("/"));
        let expected = if route.template == "/v3/assets/{asset_type}" {
            "/v3/assets/{asset_uid}"
        } else {
            route.template
        };
        assert_eq!(found, Some(expected));
    }
}

#[test]
fn literal_beats_parameter() {
    let get = |path| template(Api::Management, Method::Get, path);
    assert_eq!(get("/v3/taxonomies/$all/terms"), Some("/v3/taxonomies/$all/terms"));
    assert_eq!(get("/v3/taxonomies/$all/terms/x"), Some("/v3/taxonomies/{taxonomy_uid}/terms/{term_uid}"));
    assert_eq!(get("/v3/assets/rt"), Some("/v3/assets/rt"));
    assert_eq!(get("/v3/assets/folders"), Some("/v3/assets/{asset_uid}"));
    assert_eq!(get("/v3/assets/folders/x"), Some("/v3/assets/folders/{folder_uid}"));
    assert_eq!(get("/v3/workflows/publishing_rules"), Some("/v3/workflows/publishing_rules"));
    assert_eq!(get("/v3/webhooks/x/logs"), Some("/v3/webhooks/{execution_uid}/logs"));
    assert_eq!(get("/v3/webhooks/x/executions"), Some("/v3/webhooks/{webhook_uid}/executions"));
    let post = |path| template(Api::Management, Method::Post, path);
    assert_eq!(post("/v3/content_types/import"), Some("/v3/content_types/import"));
    assert_eq!(
        post("/v3/content_types/import/entries"),
        Some("/v3/content_types/{content_type_uid}/entries")
    );
    assert_eq!(post("/v3/bulk/release/items"), Some("/v3/bulk/release/items"));
}

#[test]
fn what_is_not_exact_is_no_route() {
    for path in [
        "/v3/stacks/management_tokens/..",
        "/v3/stacks/management_tokens/.",
        "/v3/stacks/management_tokens/%2e%2e",
        "/v3/stacks//management_tokens",
        "//v3/stacks/management_tokens",
        "/v3/stacks/management_tokens//",
        "/v3/Stacks/management_tokens",
        "/V3/stacks/management_tokens",
        "v3/stacks/management_tokens",
        "/v3/stacks/management_tokens/a b",
        "/v3/stacks/management_tokens/a?b",
        "/v3/stacks/management_tokens/a#b",
        "/v3/stacks/management_tokens/a\\b",
        "/v3/stacks/management_tokens/\u{e9}",
        "/v3/stacks/management_tokens/{uid}",
        "/v3/stacks/management_tokens/a\0",
        "/v3/stacks/management%5Ftokens",
        " /v3/stacks",
        "/v3/stacks ",
        "/v2/stacks",
        "/stacks/management_tokens",
        "/v3/stacks/management_tokens/x/y",
    ] {
        for method in METHODS {
            assert_eq!(classify(Api::Management, method, path), None, "{path}");
        }
    }
}

#[test]
fn one_trailing_slash_is_let_pass() {
    assert_eq!(template(Api::Management, Method::Get, "/v3/stacks/"), Some("/v3/stacks"));
    assert_eq!(template(Api::Management, Method::Get, "/v3/metadata/"), Some("/v3/metadata"));
    assert_eq!(template(Api::Management, Method::Get, "/v3/metadata//"), None);
}

#[test]
fn apis_have_routes_of_their_own() {
    assert_eq!(template(Api::Delivery, Method::Get, "/v3/stacks/sync"), Some("/v3/stacks/sync"));
    assert_eq!(template(Api::Management, Method::Get, "/v3/stacks/sync"), None);
    assert_eq!(template(Api::GraphQl, Method::Post, "/stacks/blt1"), Some("/stacks/{api_key}"));
    assert_eq!(template(Api::Preview, Method::Get, "/v3/assets"), None);
}

#[test]
fn very_long_paths_and_bytes_that_are_no_text() {
    let long = format!("/v3/content_types/{}/entries", "a".repeat(100_000));
    assert_eq!(
        template(Api::Management, Method::Get, &long),
        Some("/v3/content_types/{content_type_uid}/entries")
    );
    assert_eq!(template(Api::Management, Method::Get, &"/a".repeat(100_000)), None);
    assert_eq!(classify_bytes(Api::Management, Method::Get, b"/v3/assets/\xff\xfe"), None);
}

/// Paths that are near to real ones: pieces of templates, traps, and noise.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static str> =
        RouteId::all().flat_map(|route| route.row().template.split('/').skip(1)).collect();
    let segment = prop_oneof![
        6 => proptest::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        3 => "[a-z0-9]{1,6}".prop_map(String::into_bytes),
        1 => proptest::sample::select(vec!["", ".", "..", "%2e", "$all", "V3", "a b", "\u{fc}", "{}"])
            .prop_map(|trap| trap.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(segment, 0..9).prop_map(|segments| {
        let mut path = b"/v3".to_vec();
        for segment in segments {
            path.push(b'/');
            path.extend(segment);
        }
        path
    })
}

/// Paths of a real template with something in each parameter, and perhaps one byte changed.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let fill =
        prop_oneof!["[a-z]{1,4}", Just("import".to_owned()), Just("rt".to_owned()), Just("$all".to_owned())];
    let change = proptest::option::of((any::<proptest::sample::Index>(), any::<u8>()));
    (0..RouteId::all().len(), proptest::collection::vec(fill, 6), change).prop_map(|(index, fill, change)| {
        let template = RouteId::new(index as u16).unwrap().row().template;
        let mut fill = fill.into_iter();
        let parts: Vec<String> = template
            .split('/')
            .map(|part| if part.starts_with('{') { fill.next().unwrap() } else { part.to_owned() })
            .collect();
        let mut path = parts.join("/").into_bytes();
        if let Some((place, byte)) = change {
            let place = place.index(path.len());
            path[place] = byte;
        }
        path
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn never_panics(path in proptest::collection::vec(any::<u8>(), 0..200)) {
        for api in Api::ALL {
            for method in METHODS {
                let _ = classify_bytes(api, method, &path);
            }
        }
    }

    #[test]
    fn equals_looking_at_each_route(path in prop_oneof![path(), nearly()]) {
        for api in Api::ALL {
            for method in METHODS {
                let found = classify_bytes(api, method, &path).map(|route| route.row().template);
                prop_assert_eq!(found, plainly(api, method, &path), "{:?}", String::from_utf8_lossy(&path));
            }
        }
    }
}
