//! Rows of `cstok policy show` for people.

use super::Document;
use super::rows::{
    ClaimShown, ContradictionShown, ErrorShown, LintShown, ModuleShown, OperationShown, RuleShown,
    SourceShown, ViolationShown,
};
use crate::commands::can::verdict::CitationShown;
use crate::failure::Failure;
use crate::output::Output;
use crate::show::NOTHING;
use crate::style::{self, Styled};

/// Lines of one row.
struct Lines(Vec<String>);

impl Lines {
    fn new(id: &str, what: &str) -> Self {
        Self(vec![format!("{} ({what})", Styled(style::STRONG, id))])
    }

    fn says(mut self, text: &str) -> Self {
        self.0.push(format!("  {text}"));
        self
    }

    fn fact(mut self, name: &str, value: &str) -> Self {
        let value = if value.is_empty() { NOTHING } else { value };
        self.0.push(format!("  {name:<10} {value}"));
        self
    }

    /// One below the other; nothing where there are none.
    fn list(self, name: &str, items: &[String]) -> Self {
        let named = items.iter().enumerate().map(|(index, item)| (if index == 0 { name } else { "" }, item));
        named.fold(self, |lines, (name, item)| lines.fact(name, item))
    }

    fn sources(self, citations: &[CitationShown]) -> Self {
        let cited: Vec<String> = citations.iter().map(ToString::to_string).collect();
        self.list("sources", &cited)
    }
}

/// Prints everything that an id stands for.
pub(super) fn print(document: &Document, output: &Output) -> Result<(), Failure> {
    let Document { rule: of_rule, lint: of_lint, violation: of_violation, errors, claim: of_claim, .. } =
        document;
    let rows = [
        of_rule.as_ref().map(rule),
        of_lint.as_ref().map(lint),
        of_violation.as_ref().map(violation),
        of_claim.as_ref().map(claim),
        document.contradiction.as_ref().map(contradiction),
        document.source.as_ref().map(source),
        document.module.as_ref().map(module),
        document.operation.as_ref().map(operation),
    ];
    let rows: Vec<String> =
        rows.into_iter().flatten().chain(errors.iter().map(error)).map(|lines| lines.0.join("\n")).collect();
    output.print(rows.join("\n\n"))
}

fn rule(rule: &RuleShown) -> Lines {
    Lines::new(rule.id, rule.effect)
        .says(rule.says)
        .fact("kinds", &rule.kinds.join(", "))
        .fact("when", rule.when)
        .fact("fix", rule.fix)
        .fact("replaces", &rule.replaces.join(", "))
        .fact("conflicts", &rule.conflicts.join(", "))
        .fact("claims", &rule.claims.join(", "))
        .sources(&rule.citations)
        .fact("operations", &rule.operations.join(", "))
        .list("routes", &rule.routes)
}

fn lint(lint: &LintShown) -> Lines {
    Lines::new(lint.id, lint.severity)
        .says(lint.says)
        .says(lint.why)
        .fact("kinds", &lint.kinds.join(", "))
        .fact("fix", lint.fix)
        .sources(&lint.citations)
}

fn violation(row: &ViolationShown) -> Lines {
    Lines::new(row.id, &format!("{}, found by checks", row.level))
        .says(row.says)
        .fact("fix", row.fix)
        .sources(&row.citations)
}

fn error(row: &ErrorShown) -> Lines {
    let number = row.error_code.map_or_else(|| NOTHING.to_owned(), |number| number.to_string());
    let statuses: Vec<String> = row.statuses.iter().map(ToString::to_string).collect();
    Lines::new(row.id, "error of the API")
        .says(row.cause)
        .fact(
            "number",
            &if row.chosen { format!("{number} (status, number or key are our choice)") } else { number },
        )
        .fact("status", &statuses.join(" or "))
        .fact("key", row.key)
        .fact("fix", row.fix)
        .sources(&row.citations)
}

fn claim(row: &ClaimShown) -> Lines {
    Lines::new(row.id, "claim")
        .says(row.says)
        .sources(&row.citations)
        .list("carried by", &row.carried_by)
        .list("shown by", &row.tests)
}

fn contradiction(row: &ContradictionShown) -> Lines {
    let lines = Lines::new(row.id, "contradiction").says(row.question);
    let claims = row.claims.iter();
    claims
        .fold(lines, |lines, claim| {
            lines.says(&format!("- {} ({}: {})", claim.says, claim.source, claim.title))
        })
        .fact("profile", &format!("{}: {}", row.profile, row.why))
        .fact("client", row.client)
        .fact("service", row.service)
        .fact("rules", &row.rules.join(", "))
}

fn source(row: &SourceShown) -> Lines {
    Lines::new(row.id, "source")
        .says(row.title)
        .says(row.says)
        .fact("date", row.date)
        .fact("url", row.url)
        .fact("claims", &row.claims.join(", "))
        .fact("rules", &row.rules.join(", "))
}

fn module(row: &ModuleShown) -> Lines {
    Lines::new(row.id, "module")
        .says(row.says)
        .fact("granted by", row.granted_by)
        .fact("in a scope", row.management_scope)
        .fact("reach", row.reach)
        .sources(&row.citations)
}

fn operation(row: &OperationShown) -> Lines {
    Lines::new(row.id, "no route").says(row.says).sources(&row.citations).fact("rules", &row.rules.join(", "))
}
