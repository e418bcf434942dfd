//! What is done about a lost answer, branch by branch: by a mock that knows each request.

mod branches;
mod in_line;
mod meanwhile;
mod others;
mod stray;
mod unsent;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cs_model::{Against, Checked, DeliveryTokenDraft, Draft, Grant, ManagementTokenDraft, Secret, TokenUid};
use cs_tokens::blocking::{Client, StackClient};
use cs_tokens::{Attempts, Credential, Error, Recovered};
use cs_transport::{ErrorKind, MockBlockingTransport, Sent, TransportError};
use http::{Request, Response};
use jiff::Timestamp;
use mockall::Sequence;
use serde_json::{Value, json};

/// What comes back for one request.
enum Back {
    /// An answer.
    Json(u16, Value),
    /// A list of this token, or of these, with the description that the last `POST` sent.
    Marked(Value),
    /// The same as the first, without a date.
    Undated(u16, Value),
    /// Something that is not of the API.
    Page(u16, &'static str),
    /// The address of something else.
    Elsewhere(u16, &'static str),
    /// Nothing, and nobody knows.
    Lost,
    /// Nothing, because the HTTP client followed a redirect.
    Followed,
}

use Back::{Elsewhere, Followed, Json, Lost, Marked, Page, Undated};

const LOST: Back = Lost;

/// What the clocks of both sides show all the time, and when a token was last changed that nobody changes meanwhile.
const NOW: &str = "Thu, 01 Jan 1970 00:00:00 GMT";
const BEFORE: &str = "1969-12-31T23:59:57.999Z";

/// A client whose requests are these, in this order, and what it did about lost answers.
fn script(steps: Vec<(&'static str, Back)>) -> (Client<MockBlockingTransport>, Arc<Mutex<Vec<Recovered>>>) {
    script_with(steps, |builder| builder)
}

type Builder = cs_tokens::blocking::ClientBuilder<MockBlockingTransport>;

fn script_with(
    steps: Vec<(&'static str, Back)>,
    settings: impl FnOnce(Builder) -> Builder,
) -> (Client<MockBlockingTransport>, Arc<Mutex<Vec<Recovered>>>) {
    let mut transport = MockBlockingTransport::new();
    transport.expect_now().return_const(Timestamp::UNIX_EPOCH);
    transport.expect_sleep().return_const(());
    let (mut order, sent) = (Sequence::new(), Arc::new(Mutex::new(Value::Null)));
    for (expected, back) in steps {
        let sent = Arc::clone(&sent);
        let back = Mutex::new(Some(back));
        transport.expect_send().times(1).in_sequence(&mut order).returning(move |request: Request<Bytes>| {
            let name = format!("{} {}", request.method(), request.uri().path().trim_start_matches("/v3/"));
            assert_eq!(name.replace("stacks/", ""), expected);
            if request.method() == "POST" {
                *sent.lock().unwrap() = serde_json::from_slice(request.body()).unwrap_or_default();
            }
            let mut headers = http::HeaderMap::new();
            headers.insert("date", NOW.parse().unwrap());
            let (status, body) = match back.lock().unwrap().take().unwrap() {
                Lost => return Err(TransportError::new(ErrorKind::Protocol, Sent::Maybe)),
                Followed => return Err(TransportError::new(ErrorKind::Redirected, Sent::Maybe)),
                Json(status, value) => (status, value.to_string()),
                Undated(status, value) => {
                    headers.clear();
                    (status, value.to_string())
                }
                Page(status, text) => (status, text.to_owned()),
                Elsewhere(status, place) => {
                    headers.insert("location", place.parse().unwrap());
                    (status, String::new())
                }
                Marked(found) => {
                    let mut tokens = if let Value::Array(all) = found { all } else { vec![found] };
                    for token in &mut tokens {
                        token["description"] = sent.lock().unwrap()["token"]["description"].clone();
                    }
                    (200, json!({ "tokens": tokens }).to_string())
                }
            };
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = status.try_into().unwrap();
            *response.headers_mut() = headers;
            Ok(response)
        });
    }
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let builder = Client::builder(transport)
        .region("na")
        .unpaced()
        .credential(Credential::Authtoken(Secret::new("session")))
        .on_recovery(move |event| {
            assert!(!event.to_string().is_empty());
            note.lock().unwrap().push(event.what);
        });
    (settings(builder).build().unwrap(), heard)
}

fn stack<T: cs_transport::BlockingTransport>(client: &Client<T>) -> StackClient<'_, T> {
    client.stack("blt0".parse().unwrap())
}

fn checked<D: Draft>(draft: D) -> Checked<D> {
    draft.check(&Against::new(&cs_model::Profile::seeds(), Timestamp::UNIX_EPOCH)).unwrap()
}

fn web() -> Checked<DeliveryTokenDraft> {
    checked(DeliveryTokenDraft::new("web").environment("production").branches(Grant::only(["main"])))
}

fn ci() -> Checked<ManagementTokenDraft> {
    let entry = cs_model::ModuleId::Entry;
    checked(
        ManagementTokenDraft::new("ci").module(entry, cs_model::Access::Read).branches(Grant::only(["main"])),
    )
}

fn uid() -> TokenUid {
    TokenUid::new("blt1").unwrap()
}

fn token(uid: &str) -> Value {
    json!({ "uid": uid, "name": "n", "token": "value", "scope": [], "updated_at": BEFORE })
}

fn one(value: Value) -> Back {
    Json(200, [("token", value)].into_iter().collect())
}

fn none() -> Back {
    Json(200, json!({ "tokens": [] }))
}

fn refused() -> Back {
    Json(422, json!({ "error_message": "x", "error_code": 141, "errors": { "name": ["is not unique"] } }))
}

fn gone() -> Back {
    Json(422, json!({ "error_message": "x", "error_code": 141, "errors": { "uid": ["is not valid"] } }))
}

fn out_of_order() -> Back {
    Json(503, json!({}))
}

fn heard(events: &Mutex<Vec<Recovered>>) -> Vec<Recovered> {
    events.lock().unwrap().clone()
}

/// A web token as a draft's body says it.
fn as_sent() -> Value {
    let mut body = web().draft().body(&cs_model::StackNames::default())["token"].take();
    body["uid"] = json!("blt1");
    body
}

const POST: &str = "POST delivery_tokens";
const LIST: &str = "GET delivery_tokens";
const GET: &str = "GET delivery_tokens/blt1";
const PUT: &str = "PUT delivery_tokens/blt1";
const DELETE: &str = "DELETE delivery_tokens/blt1";
const MANAGEMENT_POST: &str = "POST management_tokens";
const MANAGEMENT_LIST: &str = "GET management_tokens";
const MANAGEMENT_DELETE: &str = "DELETE management_tokens/blt1";

#[test]
fn an_orphan_with_a_readable_value_is_adopted() {
    for lost in [Lost, out_of_order(), Json(200, json!({ "odd": 1 }))] {
        let (client, events) = script(vec![
            (POST, lost),
            (LIST, Marked(token("blt1"))),
            (GET, one(token("blt1"))),
            (PUT, one(as_sent())),
        ]);
        let made = stack(&client).delivery_tokens().create(&web()).unwrap();
        assert_eq!(made.token.unwrap().reveal(), "value");
        assert_eq!(made.description.as_deref(), Some(""));
        assert_eq!(heard(&events), [Recovered::Adopted]);
    }
}

#[test]
fn what_had_no_effect_is_sent_again_and_is_alone_then() {
    let (client, events) = script(vec![
        (POST, LOST),
        (LIST, none()),
        (POST, one(token("blt1"))),
        (LIST, Marked(token("blt1"))),
        (PUT, one(as_sent())),
    ]);
    stack(&client).delivery_tokens().create(&web()).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated]);

    // Names need not be unique, and the first one was late: it bears the mark, too.
    let (client, events) = script(vec![
        (POST, LOST),
        (LIST, none()),
        (POST, one(token("blt2"))),
        (LIST, Marked(token("blt1"))),
        (DELETE, Json(200, json!({ "notice": "x" }))),
        ("PUT delivery_tokens/blt2", one(as_sent())),
    ]);
    stack(&client).delivery_tokens().create(&web()).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated, Recovered::Removed]);
}

#[test]
fn a_token_that_arrived_late_is_found_behind_a_refusal() {
    let (client, events) = script(vec![
        (POST, LOST),
        (LIST, none()),
        (POST, refused()),
        (LIST, Marked(token("blt1"))),
        (GET, one(token("blt1"))),
        (PUT, one(as_sent())),
    ]);
    stack(&client).delivery_tokens().create(&web()).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated, Recovered::Adopted]);
}

#[test]
fn a_token_of_somebody_else_is_never_taken_over() {
    // It has the name, and was made just now; the mark is another one.
    let mut foreign = token("blt9");
    foreign["name"] = json!("web");
    foreign["description"] = json!(format!("[cs-tokens:{}]", "0".repeat(32)));
    let list = || Json(200, json!({ "tokens": [foreign.clone()] }));
    let (client, _) = script(vec![(POST, LOST), (LIST, list()), (POST, refused()), (LIST, list())]);
    let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[test]
fn a_refusal_at_once_is_all_there_is() {
    let (client, events) = script(vec![(POST, refused())]);
    assert_eq!(stack(&client).delivery_tokens().create(&web()).unwrap_err().code(), "refused");
    assert!(heard(&events).is_empty());
}

#[test]
fn when_looking_fails_nobody_knows() {
    let steps = [(POST, LOST), (LIST, LOST), (LIST, LOST), (LIST, LOST)];
    let (client, _) = script(steps.into());
    let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
    assert!(error.fix().unwrap().contains("whose description ends in [cs-tokens:"), "{error:?}");
    // What is not over in a moment is not asked again.
    let (client, _) = script(vec![(POST, LOST), (LIST, Json(401, json!({ "error_code": 105 })))]);
    assert_eq!(stack(&client).delivery_tokens().create(&web()).unwrap_err().code(), "outcome_unknown");
}

#[test]
fn attempts_and_time_are_bounded() {
    let (client, _) = script(
        [(POST, LOST), (LIST, none()), (POST, LOST), (LIST, none()), (POST, LOST), (LIST, none())].into(),
    );
    assert_eq!(stack(&client).delivery_tokens().create(&web()).unwrap_err().code(), "outcome_unknown");
    let short = Attempts { total: std::time::Duration::ZERO, ..Attempts::default() };
    let (client, _) = script_with(vec![(POST, LOST), (LIST, none())], |builder| builder.attempts(short));
    assert_eq!(stack(&client).delivery_tokens().create(&web()).unwrap_err().code(), "outcome_unknown");
}

#[test]
fn a_mark_that_cannot_be_removed_is_told() {
    let (client, events) = script(vec![(POST, one(token("blt1"))), (PUT, refused())]);
    stack(&client).delivery_tokens().create(&web()).unwrap();
    assert_eq!(heard(&events), [Recovered::MarkLeft]);
}

#[test]
fn without_marks_one_request_makes_a_token_and_a_lost_answer_stays_lost() {
    let (client, _) = script_with(vec![(POST, one(token("blt1"))), (POST, LOST)], Builder::without_marks);
    let tokens = stack(&client).delivery_tokens();
    tokens.create(&web()).unwrap();
    assert_eq!(tokens.create(&web()).unwrap_err().code(), "outcome_unknown");
}

#[test]
fn an_orphan_whose_value_is_lost_is_deleted_and_made_anew() {
    let (client, events) = script(vec![
        (MANAGEMENT_POST, LOST),
        (MANAGEMENT_LIST, Marked(token("blt1"))),
        (MANAGEMENT_DELETE, Json(200, json!({ "notice": "x" }))),
        (MANAGEMENT_POST, one(token("blt2"))),
        (MANAGEMENT_LIST, none()),
        ("PUT management_tokens/blt2", one(token("blt2"))),
    ]);
    let made = stack(&client).management_tokens().create(&ci()).unwrap();
    assert_eq!(made.uid.as_str(), "blt2");
    assert_eq!(heard(&events), [Recovered::Removed, Recovered::Repeated]);
}

#[test]
fn an_orphan_that_cannot_be_deleted_is_named() {
    let (client, _) = script(vec![
        (MANAGEMENT_POST, LOST),
        (MANAGEMENT_LIST, Marked(token("blt1"))),
        (MANAGEMENT_DELETE, Json(403, json!({ "error_code": 316 }))),
    ]);
    let error = stack(&client).management_tokens().create(&ci()).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
    let fix = error.fix().unwrap();
    assert!(fix.contains("management token blt1 was made and nobody has its value: delete it"), "{fix}");
}

#[test]
fn giving_up_leaves_nothing_behind() {
    let once = || {
        [
            (MANAGEMENT_POST, LOST),
            (MANAGEMENT_LIST, Marked(token("blt1"))),
            (MANAGEMENT_DELETE, Json(200, json!({ "notice": "x" }))),
        ]
    };
    let (client, _) = script([once(), once(), once()].into_iter().flatten().collect());
    let error = stack(&client).management_tokens().create(&ci()).unwrap_err();
    assert!(matches!(error, Error::GaveUp { attempts: 3, .. }), "{error:?}");

    // The same where the time is over before the attempts are.
    let steps = vec![
        (MANAGEMENT_POST, LOST),
        (MANAGEMENT_LIST, Marked(token("blt1"))),
        (MANAGEMENT_DELETE, Json(200, json!({ "notice": "x" }))),
    ];
    let no_time = Attempts { total: std::time::Duration::ZERO, ..Attempts::default() };
    let (client, _) = script_with(steps, |builder| builder.attempts(no_time));
    let error = stack(&client).management_tokens().create(&ci()).unwrap_err();
    assert!(matches!(error, Error::GaveUp { attempts: 1, .. }), "{error:?}");
    assert!(!error.may_have_changed());
    // What was sent and not seen may come yet.
    let unseen = [(MANAGEMENT_POST, LOST), (MANAGEMENT_LIST, none())];
    let (client, _) = script(unseen.into_iter().chain(once()).chain(once()).collect());
    let error = stack(&client).management_tokens().create(&ci()).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
    assert!(error.fix().unwrap().contains("whose description ends in"), "{error:?}");
}

#[test]
fn an_update_is_confirmed_or_sent_again() {
    let tokens = |client: &Client<_>| stack(client).delivery_tokens().update(&uid(), &web());
    let (client, events) = script(vec![(PUT, LOST), (GET, one(as_sent()))]);
    tokens(&client).unwrap();
    assert_eq!(heard(&events), [Recovered::Confirmed]);

    let (client, events) = script(vec![(PUT, LOST), (GET, one(token("blt1"))), (PUT, one(as_sent()))]);
    tokens(&client).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated]);

    // It had its effect after all, and then something else came in between.
    let (client, _) =
        script(vec![(PUT, LOST), (GET, one(token("blt1"))), (PUT, refused()), (GET, one(as_sent()))]);
    tokens(&client).unwrap();
    let (client, _) =
        script(vec![(PUT, LOST), (GET, one(token("blt1"))), (PUT, refused()), (GET, one(token("blt1")))]);
    assert_eq!(tokens(&client).unwrap_err().code(), "refused");

    // What met something before the API says nothing of the one that was lost.
    let unsent = || Json(403, json!({}));
    let untouched = || (GET, one(token("blt1")));
    let (client, _) =
        script(vec![(PUT, LOST), untouched(), (PUT, unsent()), untouched(), (PUT, unsent()), untouched()]);
    assert_eq!(tokens(&client).unwrap_err().code(), "outcome_unknown");

    let (client, _) = script(vec![(PUT, LOST), (GET, gone())]);
    assert_eq!(tokens(&client).unwrap_err().code(), "refused", "somebody deleted it");
    let (client, _) = script(vec![(PUT, LOST), (GET, LOST), (GET, LOST), (GET, LOST)]);
    assert_eq!(tokens(&client).unwrap_err().code(), "outcome_unknown");
}

#[test]
fn a_deletion_is_confirmed_or_sent_again() {
    let delete = |client: &Client<_>| stack(client).delivery_tokens().delete(&uid());
    let (client, events) = script(vec![(DELETE, LOST), (GET, gone())]);
    delete(&client).unwrap();
    assert_eq!(heard(&events), [Recovered::Confirmed]);

    let done = || Json(200, json!({ "notice": "x" }));
    let (client, events) = script(vec![(DELETE, LOST), (GET, one(token("blt1"))), (DELETE, done())]);
    delete(&client).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated]);

    let (client, _) =
        script(vec![(DELETE, LOST), (GET, one(token("blt1"))), (DELETE, gone()), (GET, gone())]);
    delete(&client).unwrap();
    let (client, _) = script(vec![(DELETE, gone())]);
    assert_eq!(delete(&client).unwrap_err().code(), "refused", "there was nothing to delete");
    let (client, _) = script(vec![(DELETE, LOST), (GET, LOST), (GET, LOST), (GET, LOST)]);
    assert_eq!(delete(&client).unwrap_err().code(), "outcome_unknown");
}

const PREVIEW_POST: &str = "POST delivery_tokens/blt1/preview_token";
const PREVIEW_DELETE: &str = "DELETE delivery_tokens/blt1/preview_token";

fn with_preview(value: &str) -> Back {
    one(json!({ "uid": "blt1", "preview_token": value }))
}
