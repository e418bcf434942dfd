//! `cstok delivery`

mod change;

use cs_model::{DeliveryToken, Plain, TokenKind};

use crate::args::token::{DeliveryCommand, DeliveryDeleteArgs, DeliveryGetArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, plural};
use crate::prompt::Consent;
use crate::reply::{Deleted, Gone, List, Shown, Single, print_facts};
use crate::show;
use crate::table::table;
use crate::target::Target;
use crate::target::connection::Connection;
use crate::value::{self, Addressee, Outlet};
use crate::which;

/// Runs one of the commands about delivery tokens.
pub(crate) fn run(command: &DeliveryCommand, target: Target, output: &Output) -> Result<Exit, Failure> {
    match command {
        DeliveryCommand::List(_) => list(&Connection::open_to_read(target, output)?, output),
        DeliveryCommand::Get(args) => get(args, target, output),
        DeliveryCommand::Create(args) => change::create(args, target, output),
        DeliveryCommand::Update(args) => change::update(args, target, output),
        DeliveryCommand::Delete(args) => delete(args, &Connection::open(target, output)?, output),
    }?;
    Ok(Exit::Ok)
}

fn list(connection: &Connection, output: &Output) -> Result<(), Failure> {
    let tokens = connection.stack()?.delivery_tokens().list()?;
    let rows = tokens.iter().map(|token| {
        let draft = token.to_draft();
        [
            Plain(&token.name).to_string(),
            token.uid.to_string(),
            show::set(&draft.environments),
            show::grant(&draft.branches),
            show::grant(&draft.aliases),
            if token.preview_token.is_some() { "yes".to_owned() } else { show::NOTHING.to_owned() },
        ]
    });
    if tokens.is_empty() {
        output.print("the stack has no delivery tokens")?;
    } else {
        output.print(table(["NAME", "UID", "ENVIRONMENTS", "BRANCHES", "ALIASES", "PREVIEW"], rows))?;
        output.note(plural(tokens.len(), "delivery token"));
    }
    output.document(&List { target: connection.shown(), tokens: &tokens })
}

fn get(args: &DeliveryGetArgs, target: Target, output: &Output) -> Result<(), Failure> {
    let outlet = Outlet::new(&args.sink, Some(&args.preview_sink), target.stack_name())?;
    let connection = Connection::open_to_read(target, output)?;
    let stack = connection.stack()?;
    let tokens = stack.delivery_tokens();
    let uid = which::find(tokens.list()?, &args.which.token)?.uid;
    let token = tokens.get(&uid)?;
    let values = [token.token.as_ref(), token.preview_token.as_ref()];
    value::all_right(Ok(()), outlet.occupied(&Addressee::delivery_token(stack.api_key(), &token), values))?;
    if !outlet.reveal {
        print(&token, output)?;
    }
    finish(&token, "read", &outlet, &connection, output)
}

/// Delivers the values of a token and shows what was done.
fn finish(
    token: &DeliveryToken,
    outcome: &'static str,
    outlet: &Outlet,
    connection: &Connection,
    output: &Output,
) -> Result<(), Failure> {
    let stack = connection.stack()?;
    let addressee = Addressee::delivery_token(stack.api_key(), token);
    let mut sinks = Vec::new();
    for (kind, value) in
        [(TokenKind::Delivery, token.token.as_ref()), (TokenKind::Preview, token.preview_token.as_ref())]
    {
        sinks.extend(outlet.deliver(&addressee, kind, &token.uid, value)?);
    }
    for sink in &sinks {
        output.print(sink)?;
    }
    outlet.print(token.token.as_ref(), output)?;
    outlet.print(token.preview_token.as_ref(), output)?;
    let shown = Shown { token, reveal: outlet.reveal };
    output.document(&Single { target: connection.shown(), outcome, token: shown, sinks })?;
    outlet.insist_printed(output)
}

fn delete(args: &DeliveryDeleteArgs, connection: &Connection, output: &Output) -> Result<(), Failure> {
    let tokens = connection.stack()?.delivery_tokens();
    let token = which::find(tokens.list()?, &args.delete.which.token)?;
    let question = format!("delete the delivery token `{}` ({})?", Plain(&token.name), token.uid);
    let consent = Consent { given: args.delete.yes, unneeded: connection.is_local() };
    if !consent.obtain(output, &question)? {
        return Err(Failure::new(Exit::Pending, "declined", "declined; nothing was deleted"));
    }
    let deleted = if args.force { tokens.force_delete(&token.uid) } else { tokens.delete(&token.uid) };
    deleted?;
    output.print(format_args!("deleted the delivery token `{}` ({})", Plain(&token.name), token.uid))?;
    let deleted = Gone { kind: "delivery", uid: token.uid.as_str(), name: &token.name };
    output.document(&Deleted { target: connection.shown(), deleted })
}

/// One token for people.
fn print(token: &DeliveryToken, output: &Output) -> Result<(), Failure> {
    let draft = token.to_draft();
    print_facts(
        output,
        &[
            ("name", token.name.clone()),
            ("uid", token.uid.to_string()),
            ("description", draft.description.clone()),
            ("environments", show::set(&draft.environments)),
            ("branches", show::grant(&draft.branches)),
            ("aliases", show::grant(&draft.aliases)),
            ("preview token", if token.preview_token.is_some() { "yes" } else { "no" }.to_owned()),
            ("created", show::moment(token.created_at.as_ref())),
            ("updated", show::moment(token.updated_at.as_ref())),
        ],
    )
}
