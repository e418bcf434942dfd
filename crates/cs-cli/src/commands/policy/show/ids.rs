//! The ids that `cstok policy show` knows.

use cs_model::generated::{CONTRADICTIONS, ERRORS, MODULES, SOURCES, VIOLATIONS};
use cs_policy::lint::LintId;
use cs_policy::{Operation, RuleId};
use serde::Serialize;

use crate::claim;
use crate::failure::Failure;
use crate::output::Output;
use crate::style::{self, Styled};

/// All of them, by what they are ids of.
#[derive(Serialize)]
pub(super) struct Ids {
    rules: Vec<&'static str>,
    lints: Vec<&'static str>,
    violations: Vec<&'static str>,
    errors: Vec<&'static str>,
    modules: Vec<&'static str>,
    operations: Vec<&'static str>,
    contradictions: Vec<&'static str>,
    sources: Vec<&'static str>,
    claims: Vec<&'static str>,
}

impl Ids {
    pub(super) fn all() -> Self {
        Self {
            rules: RuleId::all().map(|rule| rule.rule().id).collect(),
            lints: LintId::ALL.into_iter().map(LintId::name).collect(),
            violations: VIOLATIONS.iter().map(|row| row.name).collect(),
            errors: ERRORS.iter().map(|row| row.id).collect(),
            modules: MODULES.iter().map(|row| row.name).collect(),
            operations: Operation::all().map(|operation| operation.row().name).collect(),
            contradictions: CONTRADICTIONS.iter().map(|row| row.id).collect(),
            sources: SOURCES.iter().map(|row| row.id).collect(),
            claims: claim::ids().collect(),
        }
    }

    const fn groups(&self) -> [(&'static str, &Vec<&'static str>); 9] {
        [
            ("rules", &self.rules),
            ("lints", &self.lints),
            ("violations", &self.violations),
            ("errors", &self.errors),
            ("modules", &self.modules),
            ("operations", &self.operations),
            ("contradictions", &self.contradictions),
            ("sources", &self.sources),
            ("claims", &self.claims),
        ]
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &'static str> {
        self.groups().into_iter().flat_map(|(_, ids)| ids.iter().copied())
    }

    /// One on each line, below what they are ids of.
    pub(super) fn print(&self, output: &Output) -> Result<(), Failure> {
        for (index, (name, ids)) in self.groups().into_iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            output.print(format_args!("{gap}{}\n  {}", Styled(style::STRONG, name), ids.join("\n  ")))?;
        }
        Ok(())
    }
}
