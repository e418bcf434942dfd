//! `cstok logout`

use cs_tokens::{Credential, Error};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};
use crate::target::session::Session;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    /// Whose session ended; `null` when none was kept.
    email: Option<&'a str>,
}

/// Ends the session and forgets it. When the API cannot be reached it is kept, so that it can be ended later.
pub(crate) fn run(target: Target, output: &Output) -> Result<Exit, Failure> {
    let connection = Connection::open_anonymous(target, output)?;
    let session = Session::find(connection.url())?;
    match &session {
        Some(session) => {
            let client = connection.client_with(Credential::Authtoken(session.authtoken.clone()))?;
            match client.log_out() {
                Err(Error::Refused { answer, .. }) if answer.is_authentication() => {
                    output.note("note: the session was over already");
                }
                other => other?,
            }
            Session::forget(connection.url())?;
            output.print(format_args!("logged out {} from {}", session.email, connection.describe()))?;
        }
        None => output.print(format_args!("no session is kept for {}", connection.describe()))?,
    }
    let email = session.as_ref().map(|session| session.email.as_str());
    output.document(&Document { target: connection.shown(), email })?;
    Ok(Exit::Ok)
}
