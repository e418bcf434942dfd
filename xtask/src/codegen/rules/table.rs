//! The rule table, and one constant for each rule.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::FOLDER;
use super::rows::RuleRow;
use super::select::is_named;
use crate::codegen::OutFile;
use crate::codegen::cited::cited;
use crate::codegen::routes;
use crate::codegen::rust::{pascal, sources, text};
use crate::codegen::spec::Spec;

/// `rules.rs`
pub(super) fn rules(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "use cs_model::facts::{Needs, Reach};\n\
         use cs_model::generated::{ContradictionId, route};\n\
         use cs_model::{Action, Api, Documented, ModuleId, Source};\n\
         use jiff::civil::{Date, date};\n\n\
         use super::rule;\n\
         use crate::few::Few;\n\
         use crate::rule::{About, Effect, Rule};\n\
         use crate::{Condition, Kind, Operation, OperationRow};\n\n",
    );
    let constants = &spec.rules.constants;
    let day: Vec<i16> = constants
        .access_tokens_until
        .split('-')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("access_tokens_until is no date")?;
    let [year, month, day] = day[..] else { anyhow::bail!("access_tokens_until is no date") };
    writeln!(body, "/// The last day on which a new stack got an access token.")?;
    writeln!(body, "pub(crate) const ACCESS_TOKENS_UNTIL: Date = date({year}, {month}, {day});\n")?;
    writeln!(body, "/// The branch of a request that names none.")?;
    writeln!(body, "pub(crate) const DEFAULT_BRANCH: &str = {};\n", text(&constants.default_branch))?;
    writeln!(body, "/// What the documents speak of without naming a route.")?;
    writeln!(body, "pub static OPERATIONS: [OperationRow; {}] = [", spec.rules.operation.len())?;
    for row in &spec.rules.operation {
        let (name, says) = (text(&row.id), text(&row.says));
        writeln!(body, "OperationRow {{ name: {name}, says: {says}, sources: {} }},", sources(&row.sources))?;
    }
    writeln!(body, "];\n\n/// How many rules there are.")?;
    writeln!(body, "pub const RULE_COUNT: usize = {};\n", spec.rules.rule.len())?;
    writeln!(body, "/// Every rule, in the order of the spec. Each names its sources.")?;
    writeln!(body, "pub static RULES: [Rule; RULE_COUNT] = [")?;
    for row in &spec.rules.rule {
        writeln!(body, "Rule {{ id: {}, says: {},", text(&row.id), text(&row.says))?;
        writeln!(body, "effect: {}, when: Condition::{},", row.effect(), pascal(&row.when))?;
        writeln!(body, "about: {},", about(spec, row)?)?;
        let replaces = list(&row.replaces, |id| rule_constant(spec, id))?;
        writeln!(body, "replaces: {},", few(&replaces, "rule::ANY_UNMAPPED"))?;
        writeln!(body, "fix: {},", text(&row.fix))?;
        writeln!(body, "sources: {},", sources(&row.sources))?;
        let conflicts = list(&row.conflicts, |id| Some(format!("ContradictionId::{}", pascal(id))))?;
        writeln!(body, "conflicts: {} }},", few(&conflicts, "ContradictionId::ALL[0]"))?;
    }
    writeln!(body, "];")?;
    OutFile::rust(&format!("{FOLDER}/rules.rs"), "xtask/spec/rules.toml", &body)
}

/// `rule.rs`
pub(super) fn constants(spec: &Spec) -> Result<OutFile> {
    let mut body = String::from(
        "//! One constant for each rule, with its sentence and where that comes from.\n\nuse crate::rule::RuleId;\n\n",
    );
    for (index, row) in spec.rules.rule.iter().enumerate() {
        writeln!(body, "/// `{}`: {}", row.id, cited(spec, &row.says, &row.sources))?;
        writeln!(body, "pub const {}: RuleId = RuleId::generated({index});", row.constant())?;
    }
    OutFile::rust(&format!("{FOLDER}/rule.rs"), "xtask/spec/rules.toml", &body)
}

/// The selection of a rule: what it leaves open is left out.
fn about(spec: &Spec, row: &RuleRow) -> Result<String> {
    let mut fields = Vec::new();
    let mut push = |name: &str, items: String| {
        if !items.is_empty() {
            fields.push(format!("{name}: Few::of(&[{items}])"));
        }
    };
    let variants = |prefix: &'static str| move |id: &String| Some(format!("{prefix}::{}", pascal(id)));
    push("kinds", list(&row.kinds, |kind| Some(format!("Kind::{kind:?}")))?);
    push("apis", list(&row.apis, |api| Some(format!("Api::{}", api.variant())))?);
    push("modules", list(&row.modules, variants("ModuleId"))?);
    push("not_modules", list(&row.not_modules, variants("ModuleId"))?);
    push("actions", list(&row.actions, variants("Action"))?);
    push("routes", list(&row.routes, |name| route_constant(spec, name))?);
    push("documented", list(&row.documented, |value| Some(format!("Documented::{}", value.variant())))?);
    push("reach", list(&row.reach, |reach| Some(format!("Reach::{}", reach.variant())))?);
    push("api_key", list(&row.api_key, |value| Some(format!("Documented::{}", value.variant())))?);
    push(
        "branch_header",
        list(&row.branch_header, |value| Some(format!("Documented::{}", value.variant())))?,
    );
    push("environment", list(&row.environment, |value| Some(format!("Documented::{}", value.variant())))?);
    let operation = |id: &String| {
        let index = spec.rules.operation.iter().position(|row| row.id == *id)?;
        Some(format!("Operation::generated({index})"))
    };
    push("operations", list(&row.operations, operation)?);
    push("also", list(&row.also, |name| route_constant(spec, name))?);
    if let Some(needs) = row.needs {
        fields.push(format!("needs: Some(Needs::{})", needs.variant()));
    }
    if let Some(is) = row.state_change {
        fields.push(format!("state_change: Some({is})"));
    }
    if let Some(is) = row.credential_free {
        fields.push(format!("credential_free: Some({is})"));
    }
    if row.operations_only() {
        fields.push("operations_only: true".to_owned());
    }
    fields.push("..About::ANY".to_owned());
    Ok(format!("&About {{ {} }}", fields.join(", ")))
}

/// A list in place; an empty one is filled with anything.
fn few(items: &str, filling: &str) -> String {
    if items.is_empty() { format!("Few::none({filling})") } else { format!("Few::of(&[{items}])") }
}

fn list<T: std::fmt::Debug>(items: &[T], write: impl Fn(&T) -> Option<String>) -> Result<String> {
    let items: Vec<String> = items
        .iter()
        .map(|item| write(item).with_context(|| format!("unknown: {item:?}")))
        .collect::<Result<_>>()?;
    Ok(items.join(", "))
}

fn route_constant(spec: &Spec, name: &str) -> Option<String> {
    let row = spec.routes.iter().find(|row| is_named(row, name))?;
    Some(format!("route::{}", routes::constant(row)))
}

fn rule_constant(spec: &Spec, id: &str) -> Option<String> {
    let row = spec.rules.rule.iter().find(|row| row.id == id)?;
    Some(format!("rule::{}", row.constant()))
}
