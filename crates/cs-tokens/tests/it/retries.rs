//! What is sent again, when, and after which wait: by a mock that knows each call.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cs_model::Secret;
use cs_model::endpoint::LogOut;
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, Error};
use cs_transport::{
    ErrorKind, Lane, MockBlockingTransport, RateLimit, RateLimiters, Ready, Sent, TransportError, ready,
};
use http::{Response, StatusCode};
use jiff::Timestamp;
use mockall::Sequence;

fn client(transport: MockBlockingTransport) -> Client<MockBlockingTransport> {
    let credential = Credential::Authtoken(Secret::new("session"));
    Client::builder(transport).region("na").unpaced().credential(credential).build().unwrap()
}

fn mock() -> MockBlockingTransport {
    let mut transport = MockBlockingTransport::new();
    transport.expect_now().return_const(Timestamp::UNIX_EPOCH);
    transport
}

fn too_many(retry_after: Option<&'static str>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"error_message":"x","error_code":429}"#));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    if let Some(text) = retry_after {
        response.headers_mut().insert("retry-after", text.parse().unwrap());
    }
    response
}

#[test]
fn a_read_waits_a_little_and_is_sent_once_more() {
    let (mut transport, mut order) = (mock(), Sequence::new());
    let broken = || TransportError::new(ErrorKind::Interrupted, Sent::Maybe);
    transport.expect_send().times(1).in_sequence(&mut order).returning(move |_| Err(broken()));
    transport
        .expect_sleep()
        .withf(|wait| (125..=250).contains(&wait.as_millis()))
        .times(1)
        .in_sequence(&mut order)
        .return_const(());
    let user = || Ok(Response::new(Bytes::from_static(br#"{"user":{"uid":"u"}}"#)));
    transport.expect_send().times(1).in_sequence(&mut order).returning(move |_| user());
    client(transport).user().unwrap();
}

#[test]
fn what_cannot_help_is_not_tried_again() {
    for kind in [ErrorKind::Tls, ErrorKind::TooLarge { limit: 1 }, ErrorKind::Protocol] {
        let mut transport = mock();
        let given = kind.clone();
        let failing = move |_| Err(TransportError::new(given.clone(), Sent::Maybe));
        transport.expect_send().times(1).returning(failing);
        let error = client(transport).user().unwrap_err();
        assert!(matches!(error, Error::NoAnswer { attempts: 1, .. }), "{kind:?}: {error:?}");
    }
}

#[test]
fn a_request_whose_turn_comes_too_late_is_not_sent() {
    let pace = || RateLimit::new(RateLimiters::new()).assume(Lane::Write, NonZeroU32::MIN);
    let transport = || {
        let mut transport = mock();
        transport.expect_send().times(1).returning(|_| Ok(Response::new(Bytes::from_static(b"{}"))));
        transport
    };
    let limit = Duration::from_millis(900);
    let says = |error: Error| {
        assert!(matches!(error, Error::NoAnswer { attempts: 0, .. }) && !error.may_have_changed());
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(error.to_string(), "DELETE /v3/user-session was not sent");
        assert_eq!(source, "the turn of the call, among those that keep one pace, comes after its deadline");
        assert_eq!(error.fix().as_deref(), Some("send fewer requests at a time, or give each more time"));
    };
    let credential = || Credential::Authtoken(Secret::new("session"));
    let blocking = Client::builder(transport()).region("na").pace(pace()).credential(credential());
    let blocking = blocking.call_limit(limit).build().unwrap();
    blocking.send(None, &LogOut::default()).unwrap();
    says(blocking.send(None, &LogOut::default()).unwrap_err());

    let waiting = cs_tokens::Client::builder(Ready(transport())).region("na").pace(pace());
    let waiting = waiting.credential(credential()).call_limit(limit).build().unwrap();
    ready(waiting.send(None, &LogOut::default())).unwrap().unwrap();
    says(ready(waiting.send(None, &LogOut::default())).unwrap().unwrap_err());
}

#[test]
fn a_write_that_may_have_left_is_not_sent_again() {
    let mut transport = mock();
    transport
        .expect_send()
        .times(1)
        .returning(|_| Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)));
    let error = client(transport).send(None, &LogOut::default()).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }) && error.may_have_changed());
}

/// A request, the seconds that it waits, whether it does.
type Heard = (String, u64, bool);

/// A client that writes down what it hears of waits.
fn listening(transport: MockBlockingTransport) -> (Client<MockBlockingTransport>, Arc<Mutex<Vec<Heard>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let client = Client::builder(transport)
        .region("na")
        .unpaced()
        .credential(Credential::Authtoken(Secret::new("session")))
        .on_wait(move |wait| {
            let seconds = wait.duration.as_secs();
            note.lock().unwrap().push((wait.operation.to_string(), seconds, wait.is_waited_out));
        })
        .build()
        .unwrap();
    (client, heard)
}

#[test]
fn refusals_for_the_rate_are_waited_out_as_the_answer_asks_but_not_for_ever() {
    let (mut transport, mut order) = (mock(), Sequence::new());
    for (header, least, most) in [(None, 1000, 1250), (Some("3"), 3000, 3000), (Some("0"), 125, 250)] {
        transport.expect_send().times(1).in_sequence(&mut order).returning(move |_| Ok(too_many(header)));
        transport
            .expect_sleep()
            .withf(move |wait| (least..=most).contains(&wait.as_millis()))
            .times(1)
            .in_sequence(&mut order)
            .return_const(());
    }
    transport.expect_send().times(1).in_sequence(&mut order).returning(|_| Ok(too_many(None)));
    let (client, heard) = listening(transport);
    let error = client.log_out().unwrap_err();
    assert_eq!(error.api_error().unwrap().status, 429);
    let seconds: Vec<_> =
        heard.lock().unwrap().iter().map(|(_, seconds, waited)| (*seconds, *waited)).collect();
    assert_eq!(seconds, [(1, true), (3, true), (0, true)], "each wait is told before it begins");
    assert_eq!(heard.lock().unwrap()[0].0, "DELETE /v3/user-session");
}

#[test]
fn a_wait_that_is_too_long_is_told_and_not_begun() {
    let mut transport = mock();
    transport.expect_send().times(1).returning(|_| Ok(too_many(Some("86400"))));
    let (client, heard) = listening(transport);
    assert_eq!(client.log_out().unwrap_err().api_error().unwrap().status, 429);
    assert_eq!(*heard.lock().unwrap(), [("DELETE /v3/user-session".to_owned(), 86400, false)]);
}

/// Gives another session after the first is refused.
#[derive(Debug)]
struct Two;

#[cs_tokens::async_trait]
impl cs_tokens::CredentialSource for Two {
    fn kind(&self) -> cs_tokens::CredentialKind {
        cs_tokens::CredentialKind::Authtoken
    }

    async fn credential(&self, _: &cs_tokens::Setting<'_>) -> Result<Credential, cs_tokens::SourceError> {
        Ok(Credential::Authtoken(Secret::new("first")))
    }

    async fn after_refusal(
        &self,
        _: &Credential,
        setting: &cs_tokens::Setting<'_>,
    ) -> Result<Option<Credential>, cs_tokens::SourceError> {
        setting.transport.sleep(Duration::from_millis(3)).await;
        Ok(Some(Credential::Authtoken(Secret::new("second"))))
    }
}

#[test]
fn a_request_with_another_credential_is_within_the_time_of_the_same_call() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let transport = cs_transport::from_fn(move |request: http::Request<Bytes>| {
        noted.lock().unwrap().push(request.extensions().get::<cs_transport::CallInfo>().unwrap().deadline);
        let known = request.headers()["authtoken"] == "second";
        let (status, body) = match known {
            true => (200, r#"{"user":{"uid":"u"}}"#),
            false => (401, r#"{"error_message":"x","error_code":105}"#),
        };
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    });
    let builder = Client::builder(transport).region("na").credential_source(Arc::new(Two));
    builder.call_limit(Duration::from_secs(20)).build().unwrap().user().unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.len() == 2 && seen[0].is_some() && seen[0] == seen[1], "{seen:?}");
}
