//! Logging in and out (seed 001, "Authentication Tokens (Authtokens)"; user-session).

use serde::Serialize;
use serde_json::json;

use super::{Body, Endpoint, json_body};
use crate::generated::route;
use crate::one_pass::one_pass;
use crate::{Done, Extra, Revealed, RouteId, Secret, User};

/// `POST /v3/user-session`: makes one more authtoken each time (seed 001, "Authentication Tokens (Authtokens)"). It takes no API
/// key and no credential (OA3).
///
/// Its body holds the password; [`Body`] overwrites it when it is dropped.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogIn {
    /// The user's e-mail address.
    pub email: String,
    /// The user's password.
    pub password: Secret,
    /// The code of the second factor, once the API has asked for it (user-session). It can be used once (NET,
    /// `Contentstack.cs`).
    pub tfa_token: Option<Secret>,
}

impl LogIn {
    /// With e-mail address and password.
    pub fn new(email: impl Into<String>, password: Secret) -> Self {
        Self { email: email.into(), password, tfa_token: None }
    }

    /// The same with the code of the second factor.
    #[must_use]
    pub fn tfa_token(mut self, code: Secret) -> Self {
        self.tfa_token = Some(code);
        self
    }
}

#[derive(Serialize)]
struct LogInBody<'a> {
    email: &'a str,
    password: &'a Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    tfa_token: Option<&'a Secret>,
}

impl Endpoint for LogIn {
    const ROUTE: RouteId = route::POST_USER_SESSION;
    type Answer = UserAnswer;
    fn body(&self) -> Option<Body> {
        #[derive(Serialize)]
        struct User<'a> {
            user: LogInBody<'a>,
        }
        let user =
            LogInBody { email: &self.email, password: &self.password, tfa_token: self.tfa_token.as_ref() };
        json_body(&Revealed(&User { user })).ok()
    }
}

/// An answer with a user (NET, `Mokes/Response/LoginResponse.txt`; JAVA, `mockuser/getuser.json`).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UserAnswer {
    /// The user.
    pub user: User,
    /// The rest: the notice of a login.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(UserAnswer { "user" => user: needed });

/// `DELETE /v3/user-session`: ends the session of the authtoken that is sent (NET, `LogoutResponse.txt`).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LogOut;

impl Endpoint for LogOut {
    const ROUTE: RouteId = route::DELETE_USER_SESSION;
    type Answer = Done;
    fn body(&self) -> Option<Body> {
        json_body(&json!({})).ok()
    }
}

/// `GET /v3/user`: who the authtoken is of (OA3). The answer can hold the authtoken itself (JAVA, `mockuser/getuser.json`).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ReadUser;

impl Endpoint for ReadUser {
    const ROUTE: RouteId = route::GET_USER;
    type Answer = UserAnswer;
}
