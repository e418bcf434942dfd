//! `cstok management create` and `update`

use cs_model::{Expiry, ManagementToken, ManagementTokenDraft, Plain, TokenKind, Violation, ViolationId};
use cs_tokens::declaration::DeclaredExpiry;
use jiff::Timestamp;

use crate::args::grants::modules;
use crate::args::token::{ManagementCreateArgs, ManagementUpdateArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::problem::Problem;
use crate::reply::{Shown, Single};
use crate::target::Target;
use crate::target::connection::Connection;
use crate::value::{Addressee, Delivered, Outlet, all_right};
use crate::which;

/// Makes a token, and delivers its value: this answer holds it, and no later one does.
pub(super) fn create(args: &ManagementCreateArgs, target: Target, output: &Output) -> Result<(), Failure> {
    let expiry = expiry(args.expires.as_deref(), args.expires_in.as_deref());
    let (outlet, expiry) = match (Outlet::new(&args.sink, None, target.stack_name()), expiry) {
        (Ok(outlet), expiry) => (outlet, expiry),
        (Err(failure), expiry) => return Failure::both(Err(failure), expiry).map(|((), _)| ()),
    };
    let mut problems = Vec::from_iter(outlet.missing());
    let expiry = expiry.unwrap_or_else(|failure| {
        problems.extend(failure.problems);
        None
    });
    // A stack is asked all the same: what else is wrong is told with it.
    let connection = match problems.is_empty() {
        true => Connection::open(target, output)?,
        false => Connection::open_to_read(target, output).map_err(|failure| {
            Failure::invalid(problems.clone()).hint(format!("then mend this, too: {}", failure.message))
        })?,
    };
    let stack = connection.stack()?;
    let tokens = stack.management_tokens();
    let addressee =
        Addressee { stack: stack.api_key(), kind: TokenKind::Management, name: &args.name, uid: None };
    let mut draft = ManagementTokenDraft::new(&args.name)
        .description(&args.description)
        .branches(args.reach.branches())
        .aliases(args.reach.aliases())
        .expiry(expiry.unwrap_or_default());
    draft.modules = modules(&args.scope);
    draft.email_notification = args.notify;
    problems.extend(outlet.occupied(&addressee, [None, None]));
    let checked = all_right(tokens.check(draft), problems)?;
    output.warnings(&checked.warnings().iter().map(Problem::from_violation).collect::<Vec<_>>());
    let token = tokens.create(&checked)?;
    // A token whose value nobody has is of no use, and takes a place under the limit.
    let undo = |failure: Failure| {
        match tokens.delete(&token.uid) {
        Ok(()) => failure.hint("the token was deleted again: create it once more"),
        Err(error) => failure.hint(format!(
            "the token {} is there, its value is lost, and it could not be deleted again ({error}): delete it",
            token.uid
        )),
    }
    };
    let value = token.token.as_ref();
    let sink = outlet.deliver(&addressee, TokenKind::Management, &token.uid, value).map_err(undo)?;
    let is_kept = sink.is_some();
    let sinks = Vec::from_iter(sink);
    let told = tell(&token, sinks, &outlet, &connection, output);
    if is_kept { told } else { told.map_err(undo) }?;
    output.note(format_args!("created the management token `{}` ({})", Plain(&token.name), token.uid));
    Ok(())
}

/// Prints what was made: its value only where that was asked for.
fn tell(
    token: &ManagementToken,
    sinks: Vec<Delivered>,
    outlet: &Outlet,
    connection: &Connection,
    output: &Output,
) -> Result<(), Failure> {
    for sink in &sinks {
        output.print(sink)?;
    }
    outlet.print(token.token.as_ref(), output)?;
    let shown = Shown { token, reveal: outlet.reveal };
    output.document(&Single { target: connection.shown(), outcome: "created", token: shown, sinks })?;
    outlet.insist_printed(output)
}

/// Changes what is named, and leaves the rest. The value stays.
pub(super) fn update(args: &ManagementUpdateArgs, target: Target, output: &Output) -> Result<(), Failure> {
    let expiry = expiry(args.expires.as_deref(), args.expires_in.as_deref())?;
    let nothing = args.name.is_none()
        && args.description.is_none()
        && args.scope.is_none()
        && args.reach.is_empty()
        && expiry.is_none()
        && args.notify.is_none();
    if nothing {
        return Err(Failure::usage("there is nothing to change").hint(
            "name a field: --name, --description, --scope, --branch, --alias, --expires, --expires-in, --notify",
        ));
    }
    let connection = Connection::open(target, output)?;
    let tokens = connection.stack()?.management_tokens();
    let token = which::find(tokens.list()?, &args.which.token)?;
    let mut draft = token.to_draft();
    if let Some(name) = &args.name {
        draft.name.clone_from(name);
    }
    if let Some(description) = &args.description {
        draft.description.clone_from(description);
    }
    if let Some(scope) = &args.scope {
        draft.modules = modules(scope);
    }
    args.reach.change(&mut draft.branches, &mut draft.aliases);
    if let Some(expiry) = expiry {
        draft.expiry = expiry;
    }
    if let Some(notify) = args.notify {
        draft.email_notification = notify;
    }
    let checked = tokens.check_update(&token.uid, draft)?;
    output.warnings(&checked.warnings().iter().map(Problem::from_violation).collect::<Vec<_>>());
    let token = tokens.update(&token.uid, &checked)?;
    output.print(format_args!("updated the management token `{}` ({})", Plain(&token.name), token.uid))?;
    let shown = Shown { token: &token, reveal: false };
    output.document(&Single {
        target: connection.shown(),
        outcome: "updated",
        token: shown,
        sinks: Vec::new(),
    })
}

/// The expiry that the command line names, if it does.
fn expiry(on: Option<&str>, after: Option<&str>) -> Result<Option<Expiry>, Failure> {
    let declared = match (on, after) {
        (None, None) => return Ok(None),
        (Some("never"), _) => return Ok(Some(Expiry::Never)),
        (Some(text), _) => {
            text.parse().map(DeclaredExpiry::On).map_err(|error: cs_model::ExpiryError| error.to_string())
        }
        (None, Some(text)) => DeclaredExpiry::after(text).ok_or_else(|| DeclaredExpiry::wrong_length(text)),
    };
    let path = if on.is_some() { "--expires" } else { "--expires-in" };
    declared.map(|declared| Some(declared.resolve(Timestamp::now()))).map_err(|message| {
        let mut found = Violation::new(ViolationId::ExpiryUnreadable, path, message);
        if on.is_none() {
            found = found.fix("write a number of days or weeks, such as `90d` or `12w`");
        }
        Failure::invalid(vec![Problem::from_violation(&found)])
    })
}
