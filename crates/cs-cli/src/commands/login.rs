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
use crate::target::kept::{Place, Places};
use crate::target::local::Access;
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
    let connection = Connection::open_anonymous(target, Access::Write, output)?;
    let places = Places::new(connection.url());
    let place = if args.keyring { Place::Keyring } else { Place::File };
    places.check(place)?;
    if place == Place::Keyring && connection.is_local() {
        return Err(Failure::usage("sessions of target `local` are kept in files")
            .hint("leave --keyring out, or name another target with --region, --url or --target"));
    }
    let password = SecretSource { what: "password", variable: "CSTOK_PASSWORD" }.read()?;
    let user = log_in(connection.client(), &args.email, password)?;
    let authtoken = user.authtoken.clone().ok_or_else(|| {
        Failure::new(
            Exit::Unexpected,
            "no_value",
            "the API accepted the login, but its answer holds no authtoken",
        )
    })?;
    // One that cannot be read cannot be ended, and is replaced.
    let earlier: Vec<_> = Place::ALL.into_iter().filter_map(|place| places.at(place).ok()?).collect();
    let session = Session::new(connection.url(), &args.email, authtoken);
    let kept = places.keep(&session, place);
    if kept.is_err() {
        if places.has(place, &session.authtoken) {
            // One that is about to end, and that the other place may stand before.
            let _ = places.forget(place);
        }
        end(&connection, session.authtoken.clone(), output);
    }
    for earlier in earlier {
        let is_kept = match &kept {
            // An API may give the same session again.
            Ok(_) => earlier.authtoken.same_as(&session.authtoken),
            Err(_) => places.has(earlier.place, &earlier.authtoken),
        };
        if !is_kept {
            end(&connection, earlier.authtoken, output);
        }
    }
    let kept = kept?;
    output.print(format_args!("logged in to {} as {}", connection.describe(), args.email))?;
    output.note(format_args!("the session is kept in {kept}; `cstok logout` ends it"));
    output.document(&Document {
        target: connection.shown(),
        email: &args.email,
        user_uid: &user.uid,
        session: kept,
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

/// Ends a session that nobody keeps any more, so that it does not count against the limit of sessions.
fn end(connection: &Connection, authtoken: Secret, output: &Output) {
    let client = connection.client_with(Credential::Authtoken(authtoken));
    if client.and_then(|client| Ok(client.log_out()?)).is_err() {
        output.note("note: a session that is not kept could not be ended; it may be over already");
    }
}
