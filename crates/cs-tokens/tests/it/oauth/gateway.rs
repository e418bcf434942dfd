//! Answers to a refresh that are not the hub's own.

use cs_transport::{ErrorKind, Sent};

use super::*;

/// Answers refreshes with these first, and then lets the hub do it; `None` loses the request.
struct Gateway(Arc<Hub>, Mutex<std::vec::IntoIter<Answer>>);

/// A status, where it leads to, and a page.
type Answer = Option<(u16, &'static str, &'static str)>;

impl BlockingTransport for Gateway {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().path() != "/token" {
            return self.0.send(request);
        }
        match self.1.lock().unwrap().next() {
            None => self.0.send(request),
            Some(None) => Err(TransportError::new(ErrorKind::Interrupted, Sent::Maybe)),
            Some(Some((status, place, page))) => {
                let answer = Response::builder().status(status).header("location", place);
                Ok(answer.body(Bytes::from(page)).unwrap())
            }
        }
    }

    fn sleep(&self, duration: Duration) {
        BlockingTransport::sleep(&*self.0, duration);
    }

    fn now(&self) -> Timestamp {
        BlockingTransport::now(&*self.0)
    }
}

/// A client behind a gateway, whose grant is to be refreshed at once.
fn behind(hub: &Arc<Hub>, answers: Vec<Answer>) -> Client<Gateway> {
    let mut grant = hub.grant.clone();
    grant.expires_at = Timestamp::UNIX_EPOCH;
    let source = Arc::new(OAuth::new(app(), MemoryGrantStore::with(grant)));
    let gateway = Gateway(Arc::clone(hub), Mutex::new(answers.into_iter()));
    Client::builder(gateway).base_url(URL).credential_source(source).build().unwrap()
}

#[test]
fn the_page_of_a_gateway_is_not_the_word_of_the_hub() {
    for (status, page) in [(400, "<html>no such rule</html>"), (401, "<html>log in</html>"), (401, "{}")] {
        for before in [Vec::new(), vec![None]] {
            let hub = Hub::new();
            let client = behind(&hub, before.into_iter().chain([Some((status, "", page))]).collect());
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
        let client = behind(&hub, before.into_iter().chain([Some((refusal.0, refusal.1, ""))]).collect());
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
