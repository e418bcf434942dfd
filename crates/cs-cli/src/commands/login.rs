//! `cstok login`

use cs_model::{Secret, User};
use cs_tokens::Credential;
use serde::Serialize;

use crate::args::session::LoginArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::prompt::SecretSource;
use crate::target::Target;
use crate::target::connection::{Client, Connection, TargetShown};
use crate::target::session::Session;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    email: &'a str,
    user_uid: &'a str,
    session: String,
}

/// Logs in and keeps the session.
pub(crate) fn run(args: &LoginArgs, target: Target, output: &Output) -> Result<Exit, Failure> {
    // In this order, so that whoever types a password knows where it goes.
    let connection = Connection::open_anonymous(target, output)?;
    let password = SecretSource { what: "password", variable: "CSTOK_PASSWORD" }.read()?;
    let user = log_in(connection.client(), &args.email, password)?;
    let authtoken = user.authtoken.clone().ok_or_else(|| {
        Failure::new(
            Exit::Unexpected,
            "no_value",
            "the API accepted the login, but its answer holds no authtoken",
        )
    })?;
    end_earlier(&connection, output);
    let session = Session::new(connection.url(), &args.email, authtoken);
    let file = session.keep()?;
    output.print(format_args!("logged in to {} as {}", connection.describe(), args.email))?;
    output.note(format_args!("the session is kept in {}; `cstok logout` ends it", file.display()));
    output.document(&Document {
        target: connection.shown(),
        email: &args.email,
        user_uid: &user.uid,
        session: file.display().to_string(),
    })?;
    Ok(Exit::Ok)
}

/// Logs in; asks for the code of a second factor when the API does.
fn log_in(client: &Client, email: &str, password: Secret) -> Result<User, Failure> {
    let mut unread = None;
    let code = || {
        let source = SecretSource { what: "two-factor code", variable: "CSTOK_TFA_TOKEN" };
        source.read().map_err(|failure| unread = Some(failure)).ok()
    };
    let outcome = client.log_in_with_code(email, password, code);
    // Why there is no code says more than that one is wanted.
    unread.map_or_else(|| Ok(outcome?), Err)
}

/// Ends the session that the new one replaces, so that it does not count against the limit of sessions.
fn end_earlier(connection: &Connection, output: &Output) {
    if let Ok(Some(earlier)) = Session::find(connection.url())
        && connection
            .client_with(Credential::Authtoken(earlier.authtoken))
            .and_then(|client| Ok(client.log_out()?))
            .is_err()
    {
        output.note("note: the earlier session could not be ended; it may be over already");
    }
}
