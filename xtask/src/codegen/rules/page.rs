//! `docs/reference/rules.md`.

use std::fmt::Write as _;

use anyhow::Result;

use super::rows::{Effect, RuleRow};
use crate::codegen::OutFile;
use crate::codegen::spec::{Documented, Spec};

pub(super) fn page(spec: &Spec) -> Result<OutFile> {
    let rules = &spec.rules.rule;
    let mut body = format!(
        "# Rules\n\n\
         What a token may do, and why: {} rules. A decision carries every rule that applies to a kind of credential on a \
         [route](routes.md); the verdict follows from their effects.\n\n\
         | effect | what it does |\n| --- | --- |\n\
         | forbid | the verdict is `forbidden`: no scope can change that |\n\
         | contradiction | the documents disagree; the [profile](profiles.md) reads the row of \
         [contradictions](contradictions.md). It puts the rules that it replaces aside unless the profile sides with them; left open, the verdict is `undocumented` |\n\
         | needs | the verdict is `not_granted`: a wider scope, another role or a later expiry would allow it |\n\
         | allow | the verdict is `allow`, unless a rule above applies too |\n\
         | warning, note | decides nothing |\n\n\
         What no rule allows is forbidden, and what is no documented route is `unmapped`.\n",
        rules.len()
    );
    let mut group = "";
    for row in rules {
        let of = row.id.split('.').next().unwrap_or_default();
        if of != group
            && !rules.iter().take_while(|other| other.id != row.id).any(|other| other.id.starts_with(of))
        {
            group = of;
            writeln!(body, "\n## {of}")?;
            for row in rules.iter().filter(|row| row.id.split('.').next() == Some(of)) {
                rule(&mut body, row)?;
            }
        }
    }
    body.push_str("\n## OAuth scopes by module and by name\n\n");
    body.push_str("For requests for which the API description names no scope.\n\n| modules or routes | read | write | sources |\n| --- | --- | --- | --- |\n");
    for row in &spec.rules.oauth_area {
        let code =
            |scope: &Option<String>| scope.as_ref().map_or(String::new(), |scope| format!("`{scope}`"));
        let modules: Vec<_> = row.modules.iter().chain(&row.routes).map(|id| format!("`{id}`")).collect();
        let sources: Vec<_> = row.sources.iter().map(ToString::to_string).collect();
        writeln!(
            body,
            "| {} | {} | {} | {} |",
            modules.join(", "),
            code(&row.read),
            code(&row.write),
            sources.join("; ")
        )?;
    }
    if !spec.rules.oauth_scope.is_empty() {
        body.push_str("\nNamed by documents, and taken by no route:\n\n");
    }
    for row in &spec.rules.oauth_scope {
        let sources: Vec<_> = row.sources.iter().map(ToString::to_string).collect();
        writeln!(body, "- `{}` ({})", row.scope, sources.join("; "))?;
    }
    body.push_str("\n## Without a route\n\n");
    for row in &spec.rules.operation {
        writeln!(body, "- `{}`: {}", row.id, row.says)?;
    }
    Ok(OutFile::markdown("docs/reference/rules.md", "xtask/spec/rules.toml", &body))
}

fn rule(body: &mut String, row: &RuleRow) -> Result<()> {
    writeln!(body, "\n### {}\n\n{}\n", row.id, row.says)?;
    let effect = match (row.effect, &row.contradiction) {
        (Effect::Contradiction, Some(id)) => format!("contradiction [{id}](contradictions.md#{id})"),
        (effect, _) => format!("{effect:?}").to_lowercase(),
    };
    writeln!(body, "- effect: {effect}")?;
    if !row.kinds.is_empty() {
        let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.title()).collect();
        writeln!(body, "- for: {}", kinds.join(", "))?;
    }
    let about = about(row);
    if !about.is_empty() {
        writeln!(body, "- about: {about}")?;
    }
    if row.when != "always" {
        writeln!(body, "- when: {}", row.when.replace('_', " "))?;
    }
    if !row.replaces.is_empty() {
        let replaces: Vec<_> = row.replaces.iter().map(|id| format!("`{id}`")).collect();
        writeln!(body, "- replaces: {}", replaces.join(", "))?;
    }
    if !row.fix.is_empty() {
        writeln!(body, "- to change it: {}", row.fix)?;
    }
    let sources: Vec<_> = row.sources.iter().map(ToString::to_string).collect();
    writeln!(body, "- sources: {}", sources.join("; "))?;
    if !row.conflicts.is_empty() {
        let conflicts: Vec<_> =
            row.conflicts.iter().map(|id| format!("[{id}](contradictions.md#{id})")).collect();
        writeln!(body, "- touched by: {}", conflicts.join(", "))?;
    }
    Ok(())
}

/// What the rule is about, in words.
fn about(row: &RuleRow) -> String {
    let code = |list: &[String]| list.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ");
    let documented = |value: &Documented| format!("{value:?}").to_lowercase();
    let mut parts = Vec::new();
    let mut push = |name: &str, items: String| {
        if !items.is_empty() {
            parts.push(format!("{name} {items}"));
        }
    };
    push(
        "API",
        row.apis.iter().map(|api| format!("`{api:?}`").to_lowercase()).collect::<Vec<_>>().join(", "),
    );
    push("module", code(&row.modules));
    push("any module but", code(&row.not_modules));
    push("action", code(&row.actions));
    push("route", code(&row.routes));
    push("credential documented:", row.documented.iter().map(documented).collect::<Vec<_>>().join(" or "));
    push("api key taken:", row.api_key.iter().map(documented).collect::<Vec<_>>().join(" or "));
    push("environment asked for:", row.environment.iter().map(documented).collect::<Vec<_>>().join(" or "));
    push("branch header:", row.branch_header.iter().map(documented).collect::<Vec<_>>().join(" or "));
    push(
        "what takes the right to",
        row.needs.map_or(String::new(), |needs| format!("{needs:?}").to_lowercase()),
    );
    push(
        "reach",
        row.reach.iter().map(|reach| format!("{reach:?}").to_lowercase()).collect::<Vec<_>>().join(" or "),
    );
    match row.state_change {
        Some(true) => push("", "a GET that changes something".to_owned()),
        Some(false) => push("", "no GET that changes something".to_owned()),
        None => {}
    }
    match row.credential_free {
        Some(true) => push("", "requests for which no document asks for a credential".to_owned()),
        Some(false) => push("", "requests that take a credential".to_owned()),
        None => {}
    }
    push("operation", code(&row.operations));
    push("also", code(&row.also));
    parts.iter().map(|part| part.trim()).collect::<Vec<_>>().join("; ")
}
