//! `cstok who-can`

use cs_model::Plain;
use cs_policy::StackRole::{Admin, ContentManager, Developer, Owner};
use cs_policy::{Decision, Principal, Verdict, why};
use cs_tokens::Inventory;
use jiff::Timestamp;
use serde::Serialize;

use super::can::verdict::{RouteShown, headline};
use super::question::Question;
use crate::args::can::WhoCanArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::held::{self, Held};
use crate::output::{Output, plural};
use crate::principal::role_name;
use crate::show::NOTHING;
use crate::table::table;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    route: Option<RouteShown>,
    who: Vec<Answer>,
}

/// What is decided about one of them.
#[derive(Serialize)]
struct Answer {
    kind: &'static str,
    name: String,
    uid: Option<String>,
    verdict: &'static str,
    rules: Vec<&'static str>,
    warnings: Vec<&'static str>,
}

/// One who is asked about.
struct Asked {
    name: String,
    uid: Option<String>,
    principal: Principal,
}

/// Asks for everybody whether they can make a request.
pub(crate) fn run(args: &WhoCanArgs, target: Target, output: &Output) -> Result<Exit, Failure> {
    let path = args.path.as_ref().map(|path| path.to_string_lossy());
    let path_text = path.as_deref().unwrap_or_default();
    let environment = args.request.environment_named(path_text).map_err(Failure::usage)?;
    let request = args.request.request(&args.method, path_text, environment.as_deref());
    let question = Question::new(request, path.is_some())?;
    let connection = Connection::open_to_read(target, output)?;
    let asked = everybody(&connection.stack()?.inventory()?);
    let now = args.now.unwrap_or_else(Timestamp::now);
    let decide = |asked: &Asked| question.decide(connection.profile(), &asked.principal, now);
    let answers: Vec<(&Asked, Decision)> = asked.iter().map(|asked| (asked, decide(asked))).collect();
    let first = answers.first().map(|(_, decision)| decision);
    if let Some(decision) = first {
        question.hint(decision, output);
    }
    output.document(&Document {
        target: connection.shown(),
        route: first.and_then(RouteShown::of),
        who: answers.iter().map(|(asked, decision)| Answer::new(asked, decision)).collect(),
    })?;
    if first.is_none_or(|decision| decision.verdict() == Verdict::Unmapped) {
        output.print(format_args!("{}: {question}", headline(Verdict::Unmapped)))?;
        return Ok(Exit::Denied);
    }
    let rows = answers.iter().map(|(asked, decision)| {
        let because: Vec<&str> = why(decision).map(|rule| rule.id).collect();
        let uid = asked.uid.clone().unwrap_or_else(|| NOTHING.to_owned());
        let kind = asked.principal.kind().to_string();
        [
            kind,
            Plain(&asked.name).to_string(),
            uid,
            headline(decision.verdict()).to_owned(),
            because.join(", "),
        ]
    });
    output.print(table(["KIND", "NAME", "UID", "VERDICT", "BECAUSE"], rows))?;
    let able = answers.iter().filter(|(_, decision)| decision.verdict().is_allow()).count();
    output.note(format_args!(
        "{able} of {} can; `cstok policy show RULE` tells more about a rule",
        plural(answers.len(), "credential")
    ));
    Ok(Exit::Ok)
}

fn everybody(inventory: &Inventory) -> Vec<Asked> {
    let mut asked = Vec::new();
    for token in held::all(inventory) {
        let Held { name, uid, scope, preview, .. } = token;
        if let (true, Principal::Delivery(facts)) = (preview, scope.principal()) {
            asked.push(Asked { name: name.clone(), uid: uid.clone(), principal: Principal::Preview(facts) });
        }
        asked.push(Asked { name, uid, principal: scope.principal() });
    }
    // Who has no token of the stack: users, whom the stack does not list with their roles, and nobody.
    let users = [Owner, Admin, Developer, ContentManager].map(Principal::user);
    asked.extend(users.into_iter().chain([Principal::Anonymous]).map(|principal| {
        let name = match &principal {
            Principal::Authtoken(user) => user.roles.first().map_or(NOTHING, role_name),
            _ => NOTHING,
        };
        Asked { name: name.to_owned(), uid: None, principal }
    }));
    let without_branches = inventory.names.branches.is_empty();
    for asked in &mut asked {
        asked.principal = asked.principal.clone().stack_without_branches(without_branches);
    }
    asked.sort_by_key(|asked| asked.principal.kind());
    asked
}

impl Answer {
    fn new(asked: &Asked, decision: &Decision) -> Self {
        Self {
            kind: decision.kind().name(),
            name: asked.name.clone(),
            uid: asked.uid.clone(),
            verdict: decision.verdict().name(),
            rules: why(decision).map(|rule| rule.id).collect(),
            warnings: decision.warnings().map(|rule| rule.id).collect(),
        }
    }
}
