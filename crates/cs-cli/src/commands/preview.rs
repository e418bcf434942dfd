//! `cstok preview`

use cs_model::{Plain, TokenKind};
use serde::Serialize;

use crate::args::sink::PreviewSinkArgs;
use crate::args::token::{PreviewCommand, PreviewCreateArgs, PreviewDeleteArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::prompt::Consent;
use crate::reply::{Deleted, Gone};
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};
use crate::target::credential::{MANAGEMENT_TOKEN, secret_of};
use crate::value::{Addressee, Delivered, Outlet, all_right};
use crate::which;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    outcome: &'static str,
    delivery_token: Gone<'a>,
    /// Only when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_token: Option<&'a str>,
    sinks: Vec<Delivered>,
}

/// Runs one of the commands about preview tokens.
pub(crate) fn run(command: &PreviewCommand, target: Target, output: &Output) -> Result<Exit, Failure> {
    match command {
        PreviewCommand::Create(args) => create(args, target, output),
        PreviewCommand::Delete(args) => delete(args, target, output),
    }?;
    Ok(Exit::Ok)
}

fn create(args: &PreviewCreateArgs, target: Target, output: &Output) -> Result<(), Failure> {
    // The value of the preview token is the only one here, so --variable is its own.
    let mut sink = args.sink.clone();
    let preview = PreviewSinkArgs { preview_variable: sink.variable.take() };
    let outlet = Outlet::new(&sink, Some(&preview), target.stack_name())?;
    let connection = Connection::open(target, output)?;
    let stack = connection.stack()?;
    let tokens = stack.delivery_tokens();
    let uid = which::find(tokens.list()?, &args.token)?.uid;
    let token = tokens.get(&uid)?;
    let addressee = Addressee::delivery_token(stack.api_key(), &token);
    all_right(Ok(()), outlet.occupied(&addressee, [None, None]))?;
    if token.preview_token.is_some() {
        let question = format!(
            "replace the preview token of `{}`? The one that it has stops working.",
            Plain(&token.name)
        );
        let consent = Consent { given: args.yes, unneeded: connection.is_local() };
        if !consent.obtain(output, &question)? {
            return Err(Failure::new(Exit::Pending, "declined", "declined; nothing was replaced"));
        }
    }
    let created = stack.preview_tokens().create(&uid)?;
    let outcome = if token.preview_token.is_some() { "replaced" } else { "created" };
    output.note(format_args!("{outcome} the preview token of `{}` ({uid})", Plain(&token.name)));
    let sinks = outlet.deliver(&addressee, TokenKind::Preview, &uid, Some(&created.value))?;
    if let Some(sink) = &sinks {
        output.print(sink)?;
    }
    outlet.print(Some(&created.value), output)?;
    output.document(&Document {
        target: connection.shown(),
        outcome,
        delivery_token: Gone { kind: "delivery", uid: uid.as_str(), name: &token.name },
        preview_token: outlet.reveal.then(|| created.value.reveal()),
        sinks: Vec::from_iter(sinks),
    })?;
    outlet.tell_unread(&uid, connection.options(), output);
    outlet.insist_printed(output)
}

fn delete(args: &PreviewDeleteArgs, mut target: Target, output: &Output) -> Result<(), Failure> {
    let second = if args.with_management_token {
        target.places = target.places.without_management();
        Some(secret_of(MANAGEMENT_TOKEN)?)
    } else {
        None
    };
    let connection = Connection::open(target, output)?;
    let stack = connection.stack()?;
    let uid = which::find(stack.delivery_tokens().list()?, &args.token)?.uid;
    let token = stack.delivery_tokens().get(&uid)?;
    if token.preview_token.is_none() {
        let message = format!("the delivery token `{}` ({uid}) has no preview token", token.name);
        return Err(Failure::new(Exit::Invalid, "token.no_preview", message)
            .hint("`cstok delivery list` shows which tokens have one"));
    }
    let question = format!("delete the preview token of `{}` ({})?", Plain(&token.name), token.uid);
    let consent = Consent { given: args.yes, unneeded: connection.is_local() };
    if !consent.obtain(output, &question)? {
        return Err(Failure::new(Exit::Pending, "declined", "declined; nothing was deleted"));
    }
    let tokens = stack.preview_tokens();
    let tokens = match second {
        Some(second) => tokens.with_management_token(second),
        None => tokens,
    };
    tokens.delete(&token.uid)?;
    output.print(format_args!("deleted the preview token of `{}` ({})", Plain(&token.name), token.uid))?;
    let deleted = Gone { kind: "preview", uid: token.uid.as_str(), name: &token.name };
    output.document(&Deleted { target: connection.shown(), deleted })
}
