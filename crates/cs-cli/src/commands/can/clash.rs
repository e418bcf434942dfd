//! Options of `can` that contradict each other: all of them at once.

use crate::args::can::CanArgs;
use crate::args::can::choices::KindArg;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::Held;
use crate::output::plural;
use crate::problem::Problem;

const RULE: &str = "usage.contradiction";

/// What contradicts itself on the command line alone.
pub(super) fn of(args: &CanArgs) -> Vec<Problem> {
    let who = &args.who;
    let mut problems = Vec::new();
    let mut add = |options: &str, message: String, fix: &str| {
        problems.push(Problem::of_options(options, RULE, message).fix(fix));
    };
    if who.token.is_some() && who.as_token.is_some() {
        add("--token, --as-token", "two tokens are named".to_owned(), "name one");
    }
    if let Some(kind @ (KindArg::Authtoken | KindArg::Access | KindArg::Oauth | KindArg::Anonymous)) =
        who.kind
        && (who.token.is_some() || who.as_token.is_some())
    {
        let option = if who.token.is_some() { "--token" } else { "--as-token" };
        let kind = cs_policy::Kind::from(kind);
        add(
            &format!("--as, {option}"),
            format!("--as says {kind}, and {option} names a delivery or a management token"),
            "leave --as out, or say delivery, preview or management",
        );
    }
    if args.list && args.method.is_some() {
        add("--list", "it asks for everything, and a request is named, too".to_owned(), "leave one out");
    }
    if let Err(message) = args.environment_named() {
        add("--environment", message, "name one");
    }
    problems
}

/// The same for a token that was read: whether it is of the kind that is said.
pub(super) fn with(args: &CanArgs, held: &Held) -> Option<Problem> {
    let failure = held.principal(args.who.kind.map(Into::into)).err()?;
    let fix = failure.hints.join("; ");
    Some(Problem::of_options("--as", RULE, failure.message.into_string()).fix(fix))
}

/// The failure that tells them.
pub(super) fn failure(problems: Vec<Problem>) -> Failure {
    let number = plural(problems.len(), "contradiction");
    Failure { problems, ..Failure::new(Exit::Usage, "usage", format!("{number} on the command line")) }
}
