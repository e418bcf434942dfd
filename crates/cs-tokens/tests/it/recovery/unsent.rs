//! What was not sent says nothing of what was sent before; and what must not be sent again.

use std::sync::atomic::{AtomicUsize, Ordering};

use cs_tokens::{CredentialKind, CredentialSource, Setting, SourceError};

use super::branches::UNKNOWN;
use super::*;

/// Gives a session, but for some of the times that it is asked, counted from 1; another one where the first is refused.
#[derive(Debug, Default)]
struct Shaky {
    fails: Vec<usize>,
    asked: AtomicUsize,
}

#[cs_tokens::async_trait]
impl CredentialSource for Shaky {
    fn kind(&self) -> CredentialKind {
        CredentialKind::Authtoken
    }

    async fn credential(&self, _: &Setting<'_>) -> Result<Credential, SourceError> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fails.contains(&asked) {
            true => Err(SourceError::Other("it is out of order")),
            false => Ok(Credential::Authtoken(Secret::new("first"))),
        }
    }

    async fn after_refusal(
        &self,
        _: &Credential,
        _: &Setting<'_>,
    ) -> Result<Option<Credential>, SourceError> {
        Ok(Some(Credential::Authtoken(Secret::new("second"))))
    }
}

fn ended<T>(
    fails: Vec<usize>,
    steps: Vec<(&'static str, Back)>,
    write: impl FnOnce(&Client<MockBlockingTransport>) -> Result<T, Error>,
) -> &'static str {
    let source = Arc::new(Shaky { fails, ..Shaky::default() });
    let (client, _) = script_with(steps, |builder| builder.credential_source(source));
    write(&client).map_or_else(|error| error.code(), |_| "done")
}

#[test]
fn a_source_that_fails_after_a_lost_request_does_not_deny_it() {
    let create = |client: &Client<_>| stack(client).management_tokens().create(&ci());
    let list = || (MANAGEMENT_LIST, none());
    let steps = vec![(MANAGEMENT_POST, LOST), list(), list(), list()];
    assert_eq!(ended(vec![3, 5], steps, create), UNKNOWN);
    assert_eq!(ended(vec![1], vec![], create), "credential_source", "nothing was sent");

    let update = |client: &Client<_>| stack(client).delivery_tokens().update(&uid(), &web());
    let get = || (GET, one(token("blt1")));
    assert_eq!(ended(vec![3, 5], vec![(PUT, LOST), get(), get(), get()], update), UNKNOWN);

    let delete = |client: &Client<_>| stack(client).delivery_tokens().delete(&uid());
    assert_eq!(ended(vec![3, 5], vec![(DELETE, LOST), get(), get(), get()], delete), UNKNOWN);
}

#[test]
fn a_write_is_not_repeated_for_the_page_of_a_gateway() {
    let delete = |client: &Client<_>| stack(client).delivery_tokens().delete(&uid());
    let page = || Page(401, "<html>log in</html>");
    assert_eq!(ended(vec![], vec![(DELETE, page())], delete), "refused");
    let of_the_api = || Json(401, json!({ "error_message": "x", "error_code": 105 }));
    let steps = vec![(DELETE, of_the_api()), (DELETE, Json(200, json!({ "notice": "x" })))];
    assert_eq!(ended(vec![], steps, delete), "done");
    let get = |client: &Client<_>| stack(client).delivery_tokens().get(&uid());
    assert_eq!(ended(vec![], vec![(GET, page()), (GET, one(token("blt1")))], get), "done");
}

#[test]
fn nothing_more_is_sent_through_a_client_that_follows_redirects() {
    type Write = fn(&Client<MockBlockingTransport>) -> Error;
    let writes: [(&str, Write); 3] = [
        (POST, |client| stack(client).delivery_tokens().create(&web()).unwrap_err()),
        (PUT, |client| stack(client).delivery_tokens().update(&uid(), &web()).unwrap_err()),
        (DELETE, |client| stack(client).delivery_tokens().delete(&uid()).unwrap_err()),
    ];
    for (step, write) in writes {
        let (client, _) = script(vec![(step, Followed)]);
        let error = write(&client);
        assert_eq!(error.code(), UNKNOWN);
        assert!(error.fix().unwrap().starts_with("replace the credential"), "{error:?}");
        // The same where a look was answered so.
        let (client, _) = script(vec![(step, LOST), (if step == POST { LIST } else { GET }, Followed)]);
        let error = write(&client);
        assert_eq!(error.code(), UNKNOWN);
        assert!(error.fix().unwrap().starts_with("replace the credential"), "{error:?}");
    }
}
