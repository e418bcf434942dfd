//! Requests without a type.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cs_model::{Api, Method};
use cs_server::in_process::{Fault, URL};
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, RawRequest};
use cs_transport::{CallInfo, ErrorKind, Lane, Sent, TransportError, from_fn};

use crate::world::World;

#[test]
fn any_known_route_is_sent_under_the_same_rules() {
    let world = World::new();
    let send = |request: &RawRequest| world.client.send_raw(Some(&world.api_key), request);
    let list = RawRequest::new(Method::Get, "/v3/environments").query("limit", "1").branch("main");
    world.transport.fail_next(Fault::LoseAnswer);
    let answer = send(&list).unwrap();
    assert!(answer.status().is_success());
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(body["environments"].as_array().unwrap().len(), 1);
    let refused = send(&RawRequest::new(Method::Get, "/v3/environments/none")).unwrap();
    assert!(refused.status().is_client_error(), "the caller reads the answer");

    let before = world.transport.requests();
    for path in
        ["/v3/stacks/delivery_tokens/..", "/v3/nonsense", "v3/user", "/v3/user#x", "https://example.com/"]
    {
        assert_eq!(
            send(&RawRequest::new(Method::Delete, path)).unwrap_err().code(),
            "unknown_route",
            "{path}"
        );
    }
    assert_eq!(world.transport.requests(), before);
}

/// The API counts by the method, and bulk requests apart.
#[test]
fn each_request_is_paced_as_the_api_counts_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let transport = from_fn(move |request: http::Request<bytes::Bytes>| {
        let info = request.extensions().get::<CallInfo>().unwrap().clone();
        noted.lock().unwrap().push((info.lane, info.idempotent));
        Ok(http::Response::new("{}".into()))
    });
    let credential = Credential::Authtoken(cs_model::Secret::new("x"));
    let client = Client::builder(transport).base_url(URL).unpaced().credential(credential).build().unwrap();
    let changing = cs_model::generated::ROUTES
        .iter()
        .find(|row| row.state_change && row.api == Api::Management)
        .unwrap();
    let parts = changing.template.split('/').map(|part| if part.starts_with('{') { "blt1" } else { part });
    let changing = parts.collect::<Vec<_>>().join("/");
    for (method, path) in [
        (Method::Get, "/v3/environments"),
        (Method::Get, changing.as_str()),
        (Method::Post, "/v3/environments"),
        (Method::Post, "/v3/bulk/publish"),
    ] {
        let stack = "blt0".parse().unwrap();
        client.send_raw(Some(&stack), &RawRequest::new(method, path)).unwrap();
    }
    let expected = [(Lane::Read, true), (Lane::Read, false), (Lane::Write, false), (Lane::Bulk, false)];
    assert_eq!(*seen.lock().unwrap(), expected.map(|(lane, again)| (Some(lane), again)));
}

#[test]
fn a_write_without_an_answer_is_in_doubt() {
    let world = World::new();
    world.transport.fail_next(Fault::LoseAnswer);
    let request = RawRequest::new(Method::Post, "/v3/stacks/delivery_tokens").body(serde_json::json!({}));
    let error = world.client.send_raw(Some(&world.api_key), &request).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
}

/// A `GET` that changes something is a write.
#[test]
fn a_get_that_changes_state_is_sent_once() {
    let changing: Vec<_> = cs_model::generated::ROUTES
        .iter()
        .filter(|route| route.state_change && route.method == Method::Get && route.api == Api::Management)
        .collect();
    assert_eq!(changing.len(), 5, "{changing:?}");
    for route in changing {
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let losing = from_fn(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe))
        });
        let credential = Credential::Authtoken(cs_model::Secret::new("x"));
        let client = Client::builder(losing).base_url(URL).unpaced().credential(credential).build().unwrap();
        let path = route.template.split('/').map(|part| if part.starts_with('{') { "blt1" } else { part });
        let request = RawRequest::new(Method::Get, path.collect::<Vec<_>>().join("/"));
        let api_key = "blt0123456789abcdef".parse().unwrap();
        let error = client.send_raw(Some(&api_key), &request).unwrap_err();
        assert_eq!(error.code(), "outcome_unknown", "{}", route.template);
        assert_eq!(sent.load(Ordering::Relaxed), 1, "{}", route.template);
    }
}

#[test]
fn a_path_that_is_no_path_is_shown_without_what_may_be_secret() {
    let world = World::new();
    for (path, shown) in [
        ("/v3/user?authtoken=CANARY", "/v3/user"),
        ("/v3/user#CANARY", "/v3/user"),
        ("https://user:CANARY@host/v3/user", "[no path]"),
        ("me:CANARY@host/v3/user", "[no path]"),
        ("//me:CANARY@host/v3/user", ""),
    ] {
        let request = RawRequest::new(Method::Get, path);
        let error = world.client.send_raw(None, &request).unwrap_err();
        assert_eq!(error.to_string(), format!("no document lists GET `{shown}`"));
        assert!(!format!("{error:?} {request:?}").contains("CANARY"), "{error:?} {request:?}");
    }
}

#[test]
fn the_verdict_comes_before_the_wire() {
    let world = World::new();
    let client = Client::builder(Arc::clone(&world.transport))
        .base_url(URL)
        .credential(Credential::Management(cs_model::Secret::new("x")))
        .build()
        .unwrap();
    let request = RawRequest::new(Method::Get, "/v3/stacks/management_tokens");
    let error = client.send_raw(Some(&world.api_key), &request).unwrap_err();
    assert_eq!(error.code(), "denied");
}

/// The headers and the body of a request, as they leave.
fn sent(request: &RawRequest) -> (http::HeaderMap, bytes::Bytes) {
    let seen = Mutex::new(None);
    let transport = from_fn(|request: http::Request<bytes::Bytes>| {
        let (parts, body) = request.into_parts();
        *seen.lock().unwrap() = Some((parts.headers, body));
        Ok(http::Response::new(bytes::Bytes::from_static(b"{}")))
    });
    let client = Client::builder(&transport)
        .region("na")
        .credential(Credential::Authtoken(cs_model::Secret::new("x")))
        .organization("blt7".parse().unwrap())
        .unpaced()
        .build()
        .unwrap();
    client.send_raw(Some(&"blt1".parse().unwrap()), request).unwrap();
    drop(client);
    seen.into_inner().unwrap().unwrap()
}

#[test]
fn headers_and_bodies_of_other_routes_are_sent_as_they_are() {
    let publish = RawRequest::new(Method::Post, "/v3/bulk/publish")
        .header("API_Version", "3.2")
        .unwrap()
        .header("bulk_version", "v2")
        .unwrap()
        .header("organization_uid", "blt9")
        .unwrap()
        .body(serde_json::json!({}));
    let (headers, body) = sent(&publish);
    assert_eq!(
        (&headers["api_version"], &headers["bulk_version"]),
        (&"3.2".parse().unwrap(), &"v2".parse().unwrap())
    );
    assert_eq!(headers.get_all("organization_uid").iter().collect::<Vec<_>>(), ["blt9"], "not the client's");
    assert_eq!((&headers["content-type"], &*body), (&"application/json".parse().unwrap(), &b"{}"[..]));

    let form = "multipart/form-data; boundary=b";
    let upload = RawRequest::new(Method::Post, "/v3/assets").bytes(form, vec![0, 255]).unwrap();
    let (headers, body) = sent(&upload);
    assert_eq!(headers.get_all("content-type").iter().collect::<Vec<_>>(), [form]);
    assert_eq!((&headers["organization_uid"], &*body), (&"blt7".parse().unwrap(), &[0, 255][..]));
    let shown = format!("{:?}", publish.clone().header("x-note", "canary").unwrap());
    assert!(shown.contains("api_version") && !shown.contains("canary") && !shown.contains("3.2"), "{shown}");
}

#[test]
fn headers_that_are_not_the_callers_are_refused_by_name() {
    let request = || RawRequest::new(Method::Get, "/v3/environments");
    for name in [
        "authorization",
        "AuthToken",
        "access_token",
        "preview_token",
        "cookie",
        "api_key",
        "branch",
        "content-type",
        "Content-Length",
        "host",
        "transfer-encoding",
        "user-agent",
        "accept",
        "connection",
        "",
        "a b",
        "a:b",
        "ü",
        "authtoken: canary",
        "Bearer canary",
    ] {
        let error = request().header(name, "canary").unwrap_err();
        let says = error.to_string();
        let shown = name.split([' ', ':', 'ü']).next().unwrap();
        assert!(says.contains(&format!("`{shown}`")) && !error.fix().is_empty(), "{says}");
        assert!(!format!("{says} {error:?}").contains("canary"), "{error:?}");
    }
    let error = request().header("api_version", "3\r\nauthtoken: canary").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    assert!(error.fix().contains("line breaks"), "{error:?}");
    assert_eq!(request().bytes("a\nb", "x").unwrap_err().name, "content-type");
}

#[test]
fn an_asset_is_uploaded() {
    let world = World::new();
    let form = "--b\r\nContent-Disposition: form-data; name=\"asset[upload]\"; filename=\"a.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    let upload =
        RawRequest::new(Method::Post, "/v3/assets").bytes("multipart/form-data; boundary=b", form).unwrap();
    let answer = world.client.send_raw(Some(&world.api_key), &upload).unwrap();
    assert!(answer.status().is_success(), "{}", String::from_utf8_lossy(answer.body()));
}
