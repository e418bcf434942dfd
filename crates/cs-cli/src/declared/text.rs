//! Plans and tables of declared tokens, for people.

use cs_model::Plain;
use cs_tokens::{Action, Kind, Plan, Row, Step};

use crate::output::plural;
use crate::show::NOTHING;
use crate::style::{self, Styled};
use crate::table::table;

/// The plan: one line for each step that does or reports something, what changes below it, then the counts.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut lines: Vec<String> = Vec::new();
    for step in
        plan.steps.iter().filter(|step| step.action != Action::Unchanged || step.expired_since.is_some())
    {
        lines.extend(self::step(step, plan));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(counts(plan));
    lines.join("\n")
}

fn step(step: &Step, plan: &Plan) -> Vec<String> {
    let (mark, colour) = match step.action {
        Action::Create | Action::CreatePreview => ('+', style::ADDED),
        Action::Update | Action::Deliver | Action::Replace | Action::Protect => ('~', style::CHANGED),
        Action::Delete | Action::DeletePreview => ('-', style::REMOVED),
        _ => ('!', style::WARNING),
    };
    let uid = step.uid.as_ref().map(|uid| format!(" ({uid})")).unwrap_or_default();
    let line = format!("{mark} {} `{}`{uid}", what(step), Plain(&step.name));
    let mut lines = vec![Styled(colour, line).to_string()];
    if step.action == Action::Create
        && let Some(row) = plan.rows().iter().find(|row| row.kind == step.kind && row.name == step.name)
    {
        lines.push(facts(row));
    } else {
        lines.extend(step.changes.iter().map(|change| format!("    {}", Plain(&change.to_string()))));
    }
    if let Some(since) = step.expired_since {
        lines.push(format!("    expired on {since}"));
    }
    if let Some(why) = &step.why {
        lines.push(format!("    because {}", Plain(why)));
    }
    lines.extend(step.notes.iter().map(|note| format!("    {}", Plain(note))));
    if step.action.is_change() && !step.sinks.is_empty() {
        lines.push(format!("    value to {}", sinks(step.sinks.iter())));
    }
    lines
}

/// What a step does to what: `create delivery token`.
fn what(step: &Step) -> String {
    let verb = match step.action {
        Action::Create | Action::CreatePreview => "create",
        Action::Update => "change",
        Action::Deliver => "deliver again",
        Action::Replace => "replace",
        Action::Delete | Action::DeletePreview => "delete",
        Action::Protect => "protect",
        Action::Unmanaged => "unmanaged:",
        _ => "unchanged:",
    };
    format!("{verb} {}", of_what(step))
}

fn of_what(step: &Step) -> String {
    match step.action {
        Action::CreatePreview | Action::DeletePreview => "preview token of delivery token".to_owned(),
        Action::Protect => format!("file of {} token", step.kind),
        _ => format!("{} token", step.kind),
    }
}

/// What a new token will be, in a line.
fn facts(row: &Row) -> String {
    let mut facts = Vec::new();
    let scope = if row.kind == Kind::Delivery { "environment" } else { "scope" };
    facts.push(format!("{scope} {}", list(&row.scope)));
    if !row.branches.is_empty() {
        facts.push(format!("branches {}", list(&row.branches)));
    }
    if !row.aliases.is_empty() {
        facts.push(format!("aliases {}", list(&row.aliases)));
    }
    if row.kind == Kind::Management {
        facts.push(format!("expires {}", Plain(&row.expires)));
    }
    if row.preview {
        facts.push("with a preview token".to_owned());
    }
    format!("    {}", facts.join("; "))
}

/// `.env.shop: A, B`, by file.
fn sinks<'a>(sinks: impl Iterator<Item = &'a cs_tokens::Sink>) -> String {
    let mut files: Vec<(&str, Vec<&str>)> = Vec::new();
    for sink in sinks {
        match files.iter_mut().find(|(file, _)| *file == sink.env_file) {
            Some((_, variables)) => variables.push(&sink.variable),
            None => files.push((&sink.env_file, vec![&sink.variable])),
        }
    }
    files
        .iter()
        .map(|(file, variables)| format!("{file} ({})", variables.join(", ")))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `plan: 3 to create, 1 to change; 1 unmanaged, 2 unchanged`, or `no changes`.
fn counts(plan: &Plan) -> String {
    let number = |actions: &[Action]| actions.iter().map(|action| plan.count(*action)).sum::<usize>();
    let part = |actions: &[Action], what: &str| {
        let number = number(actions);
        (number > 0).then(|| format!("{number} {what}"))
    };
    let changes: Vec<String> = [
        part(&[Action::Create, Action::CreatePreview], "to create"),
        part(&[Action::Update], "to change"),
        part(&[Action::Deliver], "to deliver again"),
        part(&[Action::Replace], "to replace"),
        part(&[Action::Delete, Action::DeletePreview], "to delete"),
        part(&[Action::Protect], "to protect"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let rest: Vec<String> =
        [part(&[Action::Unmanaged], "unmanaged"), part(&[Action::Unchanged], "unchanged")]
            .into_iter()
            .flatten()
            .collect();
    let head =
        if changes.is_empty() { "no changes".to_owned() } else { format!("plan: {}", changes.join(", ")) };
    if rest.is_empty() { head } else { format!("{head}; {}", rest.join(", ")) }
}

/// The declared tokens as they are now.
pub(crate) fn rows(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        // The name and the uid are of one width, more or less, and share a column: so the table fits.
        let uid = row.uid.as_ref().map_or_else(|| NOTHING.to_owned(), ToString::to_string);
        let kind = if row.preview { format!("{}\n+ preview", row.kind) } else { row.kind.to_string() };
        let reach = match (row.branches.is_empty(), row.aliases.is_empty()) {
            (_, true) => list(&row.branches),
            (true, false) => format!("alias {}", list(&row.aliases)),
            (false, false) => format!("{}\nalias {}", list(&row.branches), list(&row.aliases)),
        };
        let expires = Plain(&row.expires);
        let expires = if row.expired { format!("{expires}\n(expired)") } else { expires.to_string() };
        let mut files: Vec<&str> = row.sinks.iter().map(|sink| sink.env_file.as_str()).collect();
        files.dedup();
        [format!("{}\n{uid}", Plain(&row.name)), kind, list(&row.scope), reach, expires, files.join("\n")]
    });
    table(["NAME, UID", "KIND", "SCOPE", "BRANCHES", "EXPIRES", "SINK"], cells)
}

/// Names with commas between them.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return NOTHING.to_owned();
    }
    names.iter().map(|name| Plain(name).to_string()).collect::<Vec<_>>().join(", ")
}

/// What ends by the plan: `the management token `ci` (blt0), the preview token of `web` (blt1)`.
pub(crate) fn ends(plan: &Plan) -> Vec<String> {
    // Without an old token there is a replacement to finish, by which nothing ends any more.
    let ends = |step: &&Step| step.action != Action::Replace || step.uid.is_some();
    let steps = plan.steps.iter().filter(|step| step.action.is_destructive()).filter(ends);
    steps
        .map(|step| {
            let uid = step.uid.as_ref().map(|uid| format!(" ({uid})")).unwrap_or_default();
            let name = Plain(&step.name);
            match step.action {
                Action::DeletePreview => format!("the preview token of `{name}`{uid}"),
                Action::Replace => format!("the value of the {} token `{name}`{uid}", step.kind),
                _ => format!("the {} token `{name}`{uid}", step.kind),
            }
        })
        .collect()
}

/// `2 unmanaged tokens`, when there are some that stay and that somebody may use.
pub(crate) fn unmanaged(plan: &Plan) -> Option<String> {
    let unmanaged = plan.steps.iter().filter(|step| step.action == Action::Unmanaged);
    match unmanaged.filter(|step| !step.is_about_leftover()).count() {
        0 => None,
        number => Some(plural(number, "unmanaged token")),
    }
}

/// How to delete what interrupted replacements left, and nothing else, a line for each.
pub(crate) fn leftovers(plan: &Plan, options: &str) -> Vec<String> {
    let left = plan.steps.iter().filter(|step| step.action == Action::Unmanaged && step.is_about_leftover());
    left.filter_map(|step| {
        let uid = step.uid.as_ref()?;
        Some(format!("to delete what is left over: cstok management delete {uid}{options}"))
    })
    .collect()
}

/// What a step was about to do when it failed: `replacing management token `ci``.
pub(crate) fn doing(step: &Step) -> String {
    let verb = match step.action {
        Action::Create | Action::CreatePreview => "creating",
        Action::Update => "changing",
        Action::Deliver => "delivering",
        Action::Replace => "replacing",
        Action::Delete | Action::DeletePreview => "deleting",
        Action::Protect => "protecting",
        _ => "the work on",
    };
    format!("{verb} {} `{}`", of_what(step), Plain(&step.name))
}
