//! `cstok delivery create` and `update`

use cs_model::{DeliveryTokenDraft, Plain, TokenKind};

use super::finish;
use crate::args::token::{DeliveryCreateArgs, DeliveryUpdateArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::problem::Problem;
use crate::reply::{Shown, Single};
use crate::target::Target;
use crate::target::connection::Connection;
use crate::value::{Addressee, Outlet, all_right};
use crate::which;

/// Makes a token.
pub(super) fn create(args: &DeliveryCreateArgs, target: Target, output: &Output) -> Result<(), Failure> {
    let outlet = Outlet::new(&args.sink, Some(&args.preview_sink), target.stack_name())?;
    if outlet.takes_preview() && !args.preview {
        return Err(Failure::usage(
            "--preview-variable asks for a preview token, and --preview does not make one",
        )
        .hint("add --preview"));
    }
    let connection = Connection::open(target, output)?;
    let stack = connection.stack()?;
    let tokens = stack.delivery_tokens();
    let addressee =
        Addressee { stack: stack.api_key(), kind: TokenKind::Delivery, name: &args.name, uid: None };
    let mut draft = DeliveryTokenDraft::new(&args.name)
        .description(&args.description)
        .branches(args.reach.branches())
        .aliases(args.reach.aliases());
    draft.environments.extend(args.environments.iter().cloned());
    let checked = all_right(tokens.check(draft), outlet.occupied(&addressee, [None, None]))?;
    output.warnings(&checked.warnings().iter().map(Problem::from_violation).collect::<Vec<_>>());
    let token = if args.preview { tokens.create_with_preview(&checked)? } else { tokens.create(&checked)? };
    output.note(format_args!("created the delivery token `{}` ({})", Plain(&token.name), token.uid));
    finish(&token, "created", &outlet, &connection, output).inspect_err(|_| {
        output
            .note(format_args!("the token is there; read its value with `cstok delivery get {}`", token.uid));
    })?;
    outlet.tell_unread(&token.uid, connection.options(), output);
    Ok(())
}

/// Changes what is named, and leaves the rest.
pub(super) fn update(args: &DeliveryUpdateArgs, target: Target, output: &Output) -> Result<(), Failure> {
    let reach = &args.reach;
    if args.name.is_none() && args.description.is_none() && args.environments.is_none() && reach.is_empty() {
        return Err(Failure::usage("there is nothing to change")
            .hint("name a field: --name, --description, --environment, --branch, --alias"));
    }
    let connection = Connection::open(target, output)?;
    let tokens = connection.stack()?.delivery_tokens();
    let token = which::find(tokens.list()?, &args.which.token)?;
    let mut draft = token.to_draft();
    if let Some(name) = &args.name {
        draft.name.clone_from(name);
    }
    if let Some(description) = &args.description {
        draft.description.clone_from(description);
    }
    if let Some(environments) = &args.environments {
        draft.environments = environments.iter().cloned().collect();
    }
    reach.change(&mut draft.branches, &mut draft.aliases);
    let checked = tokens.check_update(&token.uid, draft)?;
    output.warnings(&checked.warnings().iter().map(Problem::from_violation).collect::<Vec<_>>());
    let token = tokens.update(&token.uid, &checked)?;
    output.print(format_args!("updated the delivery token `{}` ({})", Plain(&token.name), token.uid))?;
    let shown = Shown { token: &token, reveal: false };
    output.document(&Single {
        target: connection.shown(),
        outcome: "updated",
        token: shown,
        sinks: Vec::new(),
    })
}
