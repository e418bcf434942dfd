//! Answers that a stack gives seldom, by a closure in the place of the transport.

use std::error::Error as _;

use bytes::Bytes;
use cs_model::Secret;
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, Error, RawRequest};
use cs_transport::{BlockingTransport, from_fn};
use http::{Request, Response, StatusCode};

fn client<F: Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync>(
    answer: F,
) -> Client<impl BlockingTransport> {
    Client::builder(from_fn(move |request| Ok(answer(&request))))
        .region("na")
        .credential(Credential::Authtoken(Secret::new("canary")))
        .build()
        .unwrap()
}

fn json(status: u16, body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

#[test]
fn a_redirect_is_never_followed_and_names_the_region() {
    let client = client(|_| {
        let mut response = json(301, "");
        let location = "https://eu-api.contentstack.com/v3/user?x=1".parse().unwrap();
        response.headers_mut().insert("location", location);
        response
    });
    let error = client.user().unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /v3/user was redirected to `eu-api.contentstack.com`, the host of region `eu`"
    );
    assert_eq!(error.fix().unwrap(), "the account lives in another region: use region `eu`");
}

#[test]
fn a_stack_without_branches_has_none() {
    let client = client(|request| match request.uri().path() {
        "/v3/environments" => json(200, r#"{"environments":[{"name":"production"}]}"#),
        _ => json(422, r#"{"error_message":"no branches here","error_code":915,"errors":{}}"#),
    });
    let names = client.stack("blt1".parse().unwrap()).names().unwrap();
    assert_eq!(names.environments.len(), 1);
    assert!(names.branches.is_empty() && names.aliases.is_empty());
}

#[test]
fn a_refused_credential_is_not_taken_for_a_stack_without_branches() {
    for status in [401, 403, 412, 500] {
        let client = client(move |request| match request.uri().path() {
            "/v3/environments" => json(200, r#"{"environments":[]}"#),
            _ if status == 403 => json(403, r#"{"error_message":"no","error_code":316}"#),
            _ => json(status, r#"{"error_message":"no","error_code":105}"#),
        });
        let error = client.stack("blt1".parse().unwrap()).names().unwrap_err();
        assert_eq!(error.api_error().unwrap().status, status);
    }
}

#[test]
fn an_answer_of_another_shape_names_the_field_and_no_value() {
    let client = client(|_| json(200, r#"{"tokens":[{"uid":"../canary"}]}"#));
    let error = client.stack("blt1".parse().unwrap()).delivery_tokens().list().unwrap_err();
    assert_eq!(error.code(), "shape");
    assert!(error.source().unwrap().to_string().contains("tokens[0].uid"));
    assert!(!format!("{error:?} {}", error.source().unwrap()).contains("canary"));
}

#[test]
fn requests_are_what_the_pages_show() {
    let client = client(|request| {
        let headers = request.headers();
        assert_eq!(request.uri(), "https://api.contentstack.io/v3/stacks/delivery_tokens?limit=100&skip=0");
        assert_eq!(headers["api_key"], "blt1");
        assert_eq!(headers["authtoken"], "canary");
        assert!(headers["authtoken"].is_sensitive());
        assert!(!headers.contains_key("content-type") && request.body().is_empty());
        let info = request.extensions().get::<cs_transport::CallInfo>().unwrap();
        assert_eq!((info.route, info.idempotent), ("/v3/stacks/delivery_tokens", true));
        json(200, r#"{"tokens":[]}"#)
    });
    client.stack("blt1".parse().unwrap()).delivery_tokens().list().unwrap();
}

#[test]
fn stacks_of_an_organization_are_asked_for_by_header() {
    let client = client(|request| {
        assert_eq!(request.headers()["organization_uid"], "blt0");
        json(200, r#"{"stacks":[{"api_key":"blt1","name":"shop"}]}"#)
    });
    let organization = "blt0".parse().unwrap();
    assert_eq!(client.stacks(Some(&organization)).unwrap().len(), 1);
}

#[test]
fn the_organization_of_a_client_is_named_wherever_a_user_asks_about_a_stack() {
    let named = |credential, organization: &str| {
        let seen = std::sync::Mutex::new(Vec::new());
        let transport = from_fn(|request: Request<Bytes>| {
            let header = request.headers().get("organization_uid");
            let named = header.map(|value| value.to_str().unwrap().to_owned());
            seen.lock().unwrap().push((request.uri().path().to_owned(), named));
            Ok(json(200, r#"{"stacks":[],"tokens":[],"user":{"uid":"blt2"}}"#))
        });
        let client = Client::builder(&transport).region("na").unpaced().credential(credential);
        let client = client.organization(organization.parse().unwrap()).build().unwrap();
        let api_key: cs_model::ApiKey = "blt1".parse().unwrap();
        let _ = client.stacks(None);
        let _ = client.stacks(Some(&"blt9".parse().unwrap()));
        for _ in 0..2 {
            let _ = client.stack(api_key.clone()).delivery_tokens().list();
        }
        let raw = RawRequest::new(cs_model::Method::Get, "/v3/environments");
        let _ = client.send_raw(Some(&api_key), &raw);
        let _ = client.user();
        drop(client);
        seen.into_inner().unwrap()
    };
    let secret = || Secret::new("canary");
    let row = |path: &str, named: Option<&str>| (path.to_owned(), named.map(str::to_owned));
    let of_user = [
        row("/v3/stacks", Some("blt7")),
        row("/v3/stacks", Some("blt9")),
        row("/v3/stacks/delivery_tokens", Some("blt7")),
        row("/v3/stacks/delivery_tokens", Some("blt7")),
        row("/v3/environments", Some("blt7")),
        row("/v3/user", None),
    ];
    assert_eq!(named(Credential::Authtoken(secret()), "blt7"), of_user);
    assert_eq!(named(Credential::OAuth(secret()), "blt7")[2..5], of_user[2..5]);
    let of_token = named(Credential::Management(secret()), "blt7");
    assert_eq!(of_token, [row("/v3/environments", None)], "it belongs to its stack, and may do nothing else");
}

#[test]
fn a_client_without_a_place_to_go_is_not_built() {
    let builder = || Client::builder(from_fn(|_| unreachable!("nothing is sent")));
    let error = builder().build().unwrap_err();
    assert!(matches!(error, Error::Url(_)));
    assert_eq!(error.fix().unwrap(), "give a URL or a region");
    assert_eq!(builder().region("na").user_agent("a\nb").build().unwrap_err().code(), "user_agent");
    assert_eq!(builder().base_url("http://example.com").build().unwrap_err().fix().unwrap(), "use https");
}
