//! `cstok can`

mod clash;
mod concern;
mod matrix;
pub(crate) mod reading;
pub(crate) mod verdict;

use cs_model::Profile;
use cs_model::generated::route;
use cs_policy::Principal;
use jiff::Timestamp;

use self::verdict::{Document, Judged};
use super::question::Question;
use crate::args::TargetArgs;
use crate::args::can::CanArgs;
use crate::args::can::who::WhoArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::spec::Spec;
use crate::held::{self, Held};
use crate::output::Output;
use crate::principal::{self, describe, principal};
use crate::problem::Problem;
use crate::target::connection::Connection;
use crate::target::{self, Target};

/// Answers whether a credential may make a request, or what it may do at all.
pub(crate) fn run(args: &CanArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    let now = args.now.unwrap_or_else(Timestamp::now);
    let (held, profile) = without_clash(args, target, now, output)?;
    if let Some(held) = &held {
        output.note(format_args!("asking for the {}", held.describe()));
    }
    let Some(method) = &args.method else {
        let (principal, left_out) = principal(&args.who, held.as_ref(), output)?;
        return matrix::show(args, &principal, &left_out, &profile, now, output);
    };
    let path = args.path_text();
    let environment = args.environment_named().map_err(Failure::usage)?;
    let request = args.request.request(method, path.as_deref().unwrap_or_default(), environment.as_deref());
    let question = Question::new(request, path.is_some())?;
    let Asked { principal, who, left_out: mut warnings } =
        asked(args, held.as_ref(), &question, &profile, output)?;
    let decision = question.decide(&profile, &principal, now);
    let remedy = question.fix(&profile, &principal, now);
    question.hint(&decision, output);
    for problem in concern::unconcerned(&args.request, &decision) {
        output.note(format_args!("note: {}", problem.message));
        warnings.push(problem);
    }
    let anywhere = question.forbidden_anywhere(&decision);
    let judged = Judged { decision: &decision, anywhere: &anywhere, remedy: &remedy, profile: &profile };
    output.document(&Document::new(&judged, &warnings))?;
    verdict::print(&judged, &question.to_string(), &who, output)?;
    Ok(if decision.verdict().is_allow() { Exit::Ok } else { Exit::Denied })
}

/// Whoever is asked about.
struct Asked {
    principal: Principal,
    /// The same in words.
    who: String,
    /// What of the rules of its role is not in it.
    left_out: Vec<Problem>,
}

/// Whoever is asked about. Who logs in has no credential yet: there the user counts.
fn asked(
    args: &CanArgs,
    held: Option<&Held>,
    question: &Question<'_>,
    profile: &Profile,
    output: &Output,
) -> Result<Asked, Failure> {
    let is_login = || {
        // The route does not depend on who asks.
        let decision = question.decide(profile, &Principal::Anonymous, Timestamp::UNIX_EPOCH);
        decision.route() == Some(route::POST_USER_SESSION)
    };
    if let Some(user) = principal::who_logs_in(&args.who).filter(|_| is_login()) {
        let who = principal::describe_login(&user, profile);
        return Ok(Asked { principal: Principal::Authtoken(user), who, left_out: Vec::new() });
    }
    let (principal, left_out) = principal(&args.who, held, output)?;
    let who = describe(&principal, profile);
    Ok(Asked { principal, who, left_out })
}

/// The token that is named, if one is, and the profile to judge by; or everything that contradicts itself.
fn without_clash(
    args: &CanArgs,
    target: &TargetArgs,
    now: Timestamp,
    output: &Output,
) -> Result<(Option<Held>, Profile), Failure> {
    let mut clashes = clash::of(args);
    // Of a target nothing is asked in vain.
    if !clashes.is_empty() && args.who.as_token.is_some() {
        return Err(clash::failure(clashes));
    }
    match held_token(&args.who, target, now, output) {
        Ok((held, profile)) => {
            if clashes.iter().all(|clash| !clash.path.starts_with("--as")) {
                clashes.extend(held.as_ref().and_then(|held| clash::with(args, held)));
            }
            if clashes.is_empty() { Ok((held, profile)) } else { Err(clash::failure(clashes)) }
        }
        Err(failure) if clashes.is_empty() => Err(failure),
        Err(failure) => {
            Err(Failure { exit: Exit::Usage, code: "usage", ..clash::failure(clashes).and(failure) })
        }
    }
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
        let connection = Connection::open_to_read(Target::resolve(target)?, output)?;
        let tokens = held::all(&connection.stack()?.inventory()?);
        let held = held::find(tokens, wanted, "the stack")?;
        return Ok((Some(held), connection.profile().clone()));
    }
    let held = match &who.token {
        Some(text) => match Spec::new(text) {
            // A file may be named as it likes: nothing is asked of a target here.
            Spec::Target(path) => Spec::Json(path, None).read(kind, now),
            spec => spec.read(kind, now),
        }
        .map_err(|failure| {
            if failure.code == held::file::UNCLEAR { failure.hint("or say it with --as") } else { failure }
        })?,
        None => None,
    };
    Ok((held, target::profile(target.profile.as_deref())?))
}
