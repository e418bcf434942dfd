//! `cstok management`

mod change;

use cs_model::{ManagementToken, Plain};
use jiff::Timestamp;

use crate::args::token::{DeleteArgs, ManagementCommand, WhichArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, plural};
use crate::prompt::Consent;
use crate::reply::{Deleted, Gone, List, Shown, Single, print_facts};
use crate::show;
use crate::table::table;
use crate::target::Target;
use crate::target::connection::Connection;
use crate::which;

/// Runs one of the commands about management tokens.
pub(crate) fn run(command: &ManagementCommand, target: Target, output: &Output) -> Result<Exit, Failure> {
    match command {
        ManagementCommand::List(_) => list(&Connection::open_to_read(target, output)?, output),
        ManagementCommand::Get(args) if args.reveal => Err(Failure::usage(
            "the API shows the value of a management token once, in the answer that creates it",
        )
        .hint("make another with `cstok management create`, and delete this one")),
        ManagementCommand::Get(args) => get(&args.which, &Connection::open_to_read(target, output)?, output),
        ManagementCommand::Create(args) => change::create(args, target, output),
        ManagementCommand::Update(args) => change::update(args, target, output),
        ManagementCommand::Delete(args) => delete(args, &Connection::open(target, output)?, output),
    }?;
    Ok(Exit::Ok)
}

fn list(connection: &Connection, output: &Output) -> Result<(), Failure> {
    let tokens = connection.stack()?.management_tokens().list()?;
    let now = Timestamp::now();
    let rows = tokens.iter().map(|token| {
        let draft = token.to_draft();
        [
            Plain(&token.name).to_string(),
            token.uid.to_string(),
            show::modules(&draft.modules),
            show::grant(&draft.branches),
            show::grant(&draft.aliases),
            show::expiry(token.expiry(), connection.profile(), now),
        ]
    });
    if tokens.is_empty() {
        output.print("the stack has no management tokens")?;
    } else {
        output.print(table(["NAME", "UID", "SCOPE", "BRANCHES", "ALIASES", "EXPIRES"], rows))?;
        output.note(plural(tokens.len(), "management token"));
    }
    output.document(&List { target: connection.shown(), tokens: &tokens })
}

fn get(args: &WhichArgs, connection: &Connection, output: &Output) -> Result<(), Failure> {
    let tokens = connection.stack()?.management_tokens();
    let uid = which::find(tokens.list()?, &args.token)?.uid;
    let token = tokens.get(&uid)?;
    print(&token, connection, output)?;
    let shown = Shown { token: &token, reveal: false };
    output.document(&Single { target: connection.shown(), outcome: "read", token: shown, sinks: Vec::new() })
}

fn delete(args: &DeleteArgs, connection: &Connection, output: &Output) -> Result<(), Failure> {
    let tokens = connection.stack()?.management_tokens();
    let token = which::find(tokens.list()?, &args.which.token)?;
    let question = format!(
        "delete the management token `{}` ({})? What uses it stops working at once.",
        Plain(&token.name),
        token.uid
    );
    let consent = Consent { given: args.yes, unneeded: connection.is_local() };
    if !consent.obtain(output, &question)? {
        return Err(Failure::new(Exit::Pending, "declined", "declined; nothing was deleted"));
    }
    tokens.delete(&token.uid)?;
    output.print(format_args!("deleted the management token `{}` ({})", Plain(&token.name), token.uid))?;
    let deleted = Gone { kind: "management", uid: token.uid.as_str(), name: &token.name };
    output.document(&Deleted { target: connection.shown(), deleted })
}

/// One token for people.
fn print(token: &ManagementToken, connection: &Connection, output: &Output) -> Result<(), Failure> {
    let draft = token.to_draft();
    let now = Timestamp::now();
    print_facts(
        output,
        &[
            ("name", token.name.clone()),
            ("uid", token.uid.to_string()),
            ("description", draft.description.clone()),
            ("scope", show::modules(&draft.modules)),
            ("branches", show::grant(&draft.branches)),
            ("aliases", show::grant(&draft.aliases)),
            ("expires", show::expiry(token.expiry(), connection.profile(), now)),
            (
                "notice",
                if draft.email_notification { "by mail, before it expires" } else { "none" }.to_owned(),
            ),
            ("created", show::moment(token.created_at.as_ref())),
            ("updated", show::moment(token.updated_at.as_ref())),
        ],
    )
}
