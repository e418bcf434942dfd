//! `cstok whoami`

use cs_model::Plain;
use cs_tokens::CredentialKind;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    kind: &'static str,
    /// `null` for a credential that is nobody's session.
    user: Option<UserShown<'a>>,
}

#[derive(Serialize)]
struct UserShown<'a> {
    uid: &'a str,
    email: Option<&'a str>,
}

/// Shows whose credential a command would use, and where.
pub(crate) fn run(target: Target, output: &Output) -> Result<Exit, Failure> {
    let connection = Connection::open_to_read(target, output)?;
    let kind = connection.client().credential_kind();
    // A management token stands for itself: asking for its user would be refused.
    let user = match kind {
        CredentialKind::Management => None,
        _ => Some(connection.client().user()?),
    };
    output.print(format_args!("target      {}", connection.describe()))?;
    output.print(format_args!("credential  {} {}", kind, connection.whence()))?;
    match &user {
        Some(user) => output.print(format_args!(
            "user        {} ({})",
            Plain(user.email.as_deref().unwrap_or("without e-mail address")),
            Plain(&user.uid)
        ))?,
        None => output.print("user        none: a management token stands for itself")?,
    }
    output.document(&Document {
        target: connection.shown(),
        kind: kind.name(),
        user: user.as_ref().map(|user| UserShown { uid: &user.uid, email: user.email.as_deref() }),
    })?;
    Ok(Exit::Ok)
}
