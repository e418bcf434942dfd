//! `cstok logout`

use cs_tokens::{Credential, Error};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};
use crate::target::kept::{Place, Places};
use crate::target::local::Access;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    /// Whose session ended; `null` when none was kept, or by a keyring, which does not say whose it is.
    email: Option<&'a str>,
}

/// Ends the session and forgets it. When the API cannot be reached it is kept, so that it can be ended later.
pub(crate) fn run(target: Target, output: &Output) -> Result<Exit, Failure> {
    let connection = Connection::open_anonymous(target, Access::Read, output)?;
    let places = Places::new(connection.url());
    let mut ended = Vec::new();
    for place in Place::ALL {
        if place == Place::Keyring && connection.is_local() {
            continue;
        }
        let Some(session) = places.at(place)? else { continue };
        let client = connection.client_with(Credential::Authtoken(session.authtoken.clone()))?;
        match client.log_out() {
            // Whatever else says 401 does not know whether the session goes on.
            Err(Error::Refused { answer, .. }) if answer.says_credential_unknown() => {
                output.note("note: the session was over already");
            }
            other => other?,
        }
        // Somebody may have logged in meanwhile, and that session stays.
        if places.has(session.place, &session.authtoken) {
            places.forget(session.place)?;
        }
        let who = session.email.as_deref().unwrap_or("the session in the keyring");
        output.print(format_args!("logged out {who} from {}", connection.describe()))?;
        ended.push(session);
    }
    if ended.is_empty() {
        output.print(format_args!("no session is kept for {}", connection.describe()))?;
    }
    let email = ended.iter().find_map(|session| session.email.as_deref());
    output.document(&Document { target: connection.shown(), email })?;
    Ok(Exit::Ok)
}
