//! Answers to a refresh that are not the hub's own.

use cs_transport::{ErrorKind, Sent};

use super::*;

/// A transport that answers refreshes with these first, and then lets the hub do it; `None` loses the request.
fn through_a_gateway(
    hub: &Arc<Hub>,
    answers: Vec<Option<(u16, &'static str, &'static str)>>,
) -> impl BlockingTransport + use<> {
    let (hub, answers) = (Arc::clone(hub), Mutex::new(answers.into_iter()));
    from_fn(move |request: Request<Bytes>| {
        if request.uri().path() != "/token" {
            return hub.send(request);
        }
        hub.inner.advance(Duration::from_millis(1));
        match answers.lock().unwrap().next() {
            None => hub.send(request),
            Some(None) => Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)),
            Some(Some((status, place, page))) => {
                let answer = Response::builder().status(status).header("location", place);
                Ok(answer.body(Bytes::from(page)).unwrap())
            }
        }
    })
}

#[test]
fn the_page_of_a_gateway_is_not_the_word_of_the_hub() {
    for (status, page) in [(400, "<html>no such rule</html>"), (401, "<html>log in</html>"), (401, "{}")] {
        for before in [Vec::new(), vec![None]] {
            let hub = Hub::new();
            let mut grant = hub.grant.clone();
            grant.expires_at = Timestamp::UNIX_EPOCH;
            let answers = before.into_iter().chain([Some((status, "", page))]).collect();
            let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(grant)));
            let transport = through_a_gateway(&hub, answers);
            let client = Client::builder(transport).base_url(URL).credential_source(source).build().unwrap();
            client.stacks(None).unwrap_or_else(|error| panic!("{status} {page}: {error:?}"));
            assert_eq!(hub.refreshes(), 1);
        }
    }
}

#[test]
fn a_refusal_after_a_lost_answer_says_nothing_of_that_one() {
    const EUROPE: &str = "https://eu-developerhub-api.contentstack.com/token";
    for (before, refusal, expected) in [
        (Vec::new(), (403, ""), "refused"),
        (vec![None], (403, ""), "unknown"),
        (Vec::new(), (307, EUROPE), "redirected"),
        (vec![None], (307, EUROPE), "unknown"),
    ] {
        let hub = Hub::new();
        let mut grant = hub.grant.clone();
        grant.expires_at = Timestamp::UNIX_EPOCH;
        let answers = before.into_iter().chain([Some((refusal.0, refusal.1, ""))]).collect();
        let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(grant)));
        let transport = through_a_gateway(&hub, answers);
        let client = Client::builder(transport).base_url(URL).credential_source(source).build().unwrap();
        let error = client.stacks(None).unwrap_err();
        let found = match source_error(&error) {
            SourceError::Refused(_) => "refused",
            SourceError::Unknown(_) => "unknown",
            SourceError::Redirected => "redirected",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{refusal:?}");
        client.stacks(None).unwrap();
    }
}
