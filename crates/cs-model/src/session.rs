//! Users and their sessions (seed 001, "Authentication Tokens (Authtokens)").

use serde::Serialize;

use crate::one_pass::one_pass;
use crate::{Authtoken, Extra, Secret};

/// A user, as logging in and `GET /v3/user` answer it (NET, `Mokes/Response/LoginResponse.txt`; JAVA, `mockuser/getuser.json`).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The user's uid.
    pub uid: String,
    /// The e-mail address used to log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The authtoken of the session, where the answer shows it: always after a login, sometimes elsewhere (JAVA,
    /// `mockuser/getuser.json`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authtoken: Option<Secret>,
    /// The rest: names, organizations, roles, settings.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(User { "uid" => uid: needed, "email" => email: or_default, "authtoken" => authtoken: or_default });

impl User {
    /// The session's authtoken, if the answer held one.
    #[must_use]
    pub fn session(&self) -> Option<Authtoken> {
        let mut token = Authtoken::new(self.authtoken.clone()?);
        token.user_uid = Some(self.uid.clone());
        Some(token)
    }
}
