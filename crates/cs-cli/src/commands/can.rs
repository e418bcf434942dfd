//! `cstok can`

mod matrix;
pub(crate) mod verdict;

use cs_model::{Method, Plain, Profile};
use cs_policy::{Operation, Prepared, decide_operation, decide_request, fix, fix_operation};
use jiff::Timestamp;

use self::verdict::Document;
use crate::args::TargetArgs;
use crate::args::can::CanArgs;
use crate::args::can::who::WhoArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::spec::Spec;
use crate::held::{self, Held};
use crate::output::Output;
use crate::principal::{describe, principal};
use crate::target::connection::Connection;
use crate::target::{self, Target};

/// Answers whether a credential may make a request, or what it may do at all.
pub(crate) fn run(args: &CanArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let (held, profile) = held_token(&args.who, target, now, output)?;
    if let Some(held) = &held {
        output.note(format_args!("asking for the {}", held.describe()));
    }
    let principal = principal(&args.who, held.as_ref(), output)?;
    let Some(method) = &args.method else {
        return matrix::show(args, &principal, &profile, now, output);
    };
    // What is no UTF-8 becomes a character that no path has: it is unmapped, as in the library.
    let path = args.path.as_ref().map(|path| path.to_string_lossy());
    let (decision, remedy, asked) = match &path {
        Some(path) => {
            let environment = args.request.environment_named(path).map_err(Failure::usage)?;
            let request = args.request.request(method, path, environment.as_deref());
            let decision = decide_request(&profile, &principal, &request, now);
            (decision, fix(&profile, &principal, &request, now), format!("{method} {path}"))
        }
        None => {
            let operation = operation(method)?;
            let prepared = Prepared::new(&principal);
            let context =
                args.request.request("", "", args.request.environment.as_deref()).context(&prepared);
            let decision = decide_operation(&profile, &prepared, operation, &context, now);
            (decision, fix_operation(&profile, &principal, operation, &context, now), method.clone())
        }
    };
    if args.path.is_some() {
        hint_at_case(method, output);
    }
    output.document(&Document::new(&decision, &remedy))?;
    verdict::print(&decision, &remedy, &asked, &describe(&principal, &profile), output)?;
    Ok(if decision.verdict().is_allow() { Exit::Ok } else { Exit::Denied })
}

/// The token that the command line names, if it names one, and the profile to judge by.
fn held_token(
    who: &WhoArgs,
    target: &TargetArgs,
    now: Timestamp,
    output: &Output,
) -> Result<(Option<Held>, Profile), Failure> {
    let kind = who.kind.map(Into::into);
    if let Some(wanted) = &who.as_token {
        let connection = Connection::open(Target::resolve(target)?, output)?;
        let tokens = held::all(&connection.stack()?.inventory()?);
        let held = held::find(tokens, wanted, "the stack")?;
        return Ok((Some(held), connection.profile().clone()));
    }
    let held = match &who.token {
        Some(text) => match Spec::new(text) {
            // A file may be named as it likes: nothing is asked of a target here.
            Spec::Target(path) => Spec::Json(path, None).read(kind, now)?,
            spec => spec.read(kind, now)?,
        },
        None => None,
    };
    Ok((held, target::profile(target.profile.as_deref())?))
}

/// The case of a method matters in HTTP: what is no method in the table may be one in capitals.
pub(super) fn hint_at_case(method: &str, output: &Output) {
    let capitals = method.to_ascii_uppercase();
    if Method::parse(method).is_none() && Method::parse(&capitals).is_some() {
        output.note(format_args!(
            "hint: methods are written in capitals: `{capitals}`, not `{}`",
            Plain(method)
        ));
    }
}

fn operation(name: &str) -> Result<Operation, Failure> {
    Operation::find(name).ok_or_else(|| {
        let known: Vec<String> =
            Operation::all().map(|operation| format!("`{}`", operation.row().name)).collect();
        Failure::usage(format!("`{name}` needs a path"))
            .hint("cstok can GET /v3/content_types --as management --scope content_type:r")
            .hint(format!("without a path there is {}", known.join(", ")))
    })
}
