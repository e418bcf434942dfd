//! `cstok plan`

use cs_tokens::Plan;
use serde::Serialize;

use crate::args::stack::PlanArgs;
use crate::declared::{Declared, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;
use crate::target::connection::TargetShown;
use crate::target::local::Access;

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    plan: &'a Plan,
}

/// Shows what `apply` would do.
pub(crate) fn run(args: &PlanArgs, target: Target, output: &Output) -> Result<Exit, Failure> {
    let Declared { connection, plan, .. } =
        Declared::read(&args.file, args.prune, args.sinks(), target, Access::Read, output)?;
    output.print(text::plan(&plan))?;
    output.document(&Document { target: connection.shown(), plan: &plan })?;
    if !output.is_of_many() {
        for line in text::leftovers(&plan, connection.options()) {
            output.note(line);
        }
    }
    // Under headings of many stacks, what to type for one of them helps nobody.
    if plan.has_changes && !output.is_of_many() {
        let prune = if args.prune { " --prune" } else { "" };
        output.note(format_args!("try: cstok apply {}{prune}{}", args.file.display(), connection.options()));
    }
    Ok(if args.check && plan.has_changes { Exit::Pending } else { Exit::Ok })
}
