//! Accounts: second factors, locks, and what mails would bring.

use bytes::Bytes;
use cs_model::Secret;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::answer::{Answer, Problem, read, read_nothing};
use super::people::stack;
use crate::record::Mailed;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
enum Factor {
    /// An app that shows codes; with a secret of its own when none is given.
    Authenticator {
        #[serde(default)]
        secret: Option<Secret>,
    },
    /// Codes that would be sent.
    TextMessages,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    purpose: Mailed,
}

impl Shared {
    pub(super) fn set_second_factor(&self, user: &str, body: &Bytes) -> Result<Answer, Problem> {
        match read::<Factor>(body)? {
            Factor::Authenticator { secret } => {
                let secret = self.admin().enroll_authenticator(user, secret)?;
                Ok(Answer::ok(json!({ "secret": secret.reveal() })))
            }
            Factor::TextMessages => {
                self.admin().enroll_text_messages(user)?;
                Ok(Answer::ok(json!({})))
            }
        }
    }

    pub(super) fn remove_second_factor(&self, user: &str) -> Result<Answer, Problem> {
        self.admin().remove_second_factor(user)?;
        Ok(Answer::ok(json!({})))
    }

    /// The code that the user would read now: in the app, or in the last message.
    pub(super) fn second_factor_code(&self, user: &str) -> Result<Answer, Problem> {
        let admin = self.admin();
        let code = match admin.authenticator_code(user)? {
            Some(code) => Some(code),
            None => admin.text_message(user)?,
        };
        Ok(Answer::ok(json!({ "code": code.as_ref().map(Secret::reveal) })))
    }

    pub(super) fn unlock(&self, user: &str, body: &Bytes) -> Result<Answer, Problem> {
        read_nothing(body)?;
        self.admin().unlock(user)?;
        Ok(Answer::ok(json!({})))
    }

    pub(super) fn mail(&self, user: &str, body: &Bytes) -> Result<Answer, Problem> {
        let Mail { purpose } = read(body)?;
        let token = self.admin().mailed_token(user, purpose)?;
        Ok(Answer::created(json!({ "token": token.reveal() })))
    }

    pub(super) fn mail_ownership(&self, api_key: &str, body: &Bytes) -> Result<Answer, Problem> {
        read_nothing(body)?;
        let token = self.admin().ownership_token(&stack(api_key)?)?;
        Ok(Answer::created(json!({ "token": token.reveal() })))
    }

    pub(super) fn accept_organization(&self, organization: &str, body: &Bytes) -> Result<Answer, Problem> {
        read_nothing(body)?;
        let owner = self.admin().accept_organization(organization)?;
        Ok(Answer::ok(json!({ "organization_uid": organization, "owner_uid": owner })))
    }
}
