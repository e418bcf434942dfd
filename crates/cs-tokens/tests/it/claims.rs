//! Sentences of the seeds about headers, where only the requests of the client can show them.

use bytes::Bytes;
use cs_model::{Secret, TokenUid};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;
use cs_transport::from_fn;
use http::{Request, Response};

/// "Enter 'application/json' to pass a request body" (seed 002, "Create preview token"; deleting one passes none).
#[test]
fn preview_tokens_are_made_with_a_body_in_json() {
    let client = Client::builder(from_fn(|request: Request<Bytes>| {
        let kind = request.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let sent = (kind.as_deref(), &**request.body());
        let posted = request.method() == "POST";
        assert_eq!(sent, if posted { (Some("application/json"), &b"{}"[..]) } else { (None, &b""[..]) });
        let answer = r#"{"notice":"done","token":{"uid":"blt1","preview_token":"x"}}"#;
        Ok(Response::new(Bytes::from_static(answer.as_bytes())))
    }))
    .region("na")
    .credential(Credential::Authtoken(Secret::new("canary")))
    .build()
    .unwrap();
    let stack = client.stack("blt1".parse().unwrap());
    let uid = TokenUid::new("blt1").unwrap();
    stack.preview_tokens().create(&uid).unwrap();
    stack.preview_tokens().delete(&uid).unwrap();
}
