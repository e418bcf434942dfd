//! `cstok policy show`

mod ids;
mod print;
mod rows;

use cs_model::Profile;
use cs_model::facts::ErrorRow;
use cs_model::generated::{CONTRADICTIONS, ContradictionId, ERRORS, MODULES, SOURCES, VIOLATIONS};
use cs_policy::lint::LintId;
use cs_policy::{Operation, RuleId};
use serde::Serialize;

use self::ids::Ids;
use self::rows::{
    ClaimShown, ContradictionShown, ErrorShown, LintShown, ModuleShown, OperationShown, RuleShown,
    SourceShown, ViolationShown,
};
use crate::args::policy::PolicyShowArgs;
use crate::claim;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, did_you_mean};

/// What an id stands for: one thing mostly, but `expiry.past` is found by a check and by a lint.
#[derive(Default, Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint: Option<LintShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    violation: Option<ViolationShown>,
    /// Several cases share a number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<ClaimShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contradiction: Option<ContradictionShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<ModuleShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<OperationShown>,
}

/// Tells everything about one id, or lists all.
pub(super) fn run(args: &PolicyShowArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    let Some(id) = &args.id else {
        let ids = Ids::all();
        ids.print(output)?;
        output.document(&ids)?;
        return Ok(Exit::Ok);
    };
    let document = find(id, profile).ok_or_else(|| unknown(id))?;
    print::print(&document, output)?;
    output.document(&document)?;
    Ok(Exit::Ok)
}

fn find(id: &str, profile: &Profile) -> Option<Document> {
    let errors = ERRORS.iter().filter(|row| row.id == id || is_number(row, id));
    let document = Document {
        rule: RuleId::find(id).map(|rule| RuleShown::new(rule.rule())),
        lint: LintId::find(id).map(|lint| LintShown::new(lint.row())),
        violation: VIOLATIONS.iter().find(|row| row.name == id).map(ViolationShown::new),
        errors: errors.map(ErrorShown::new).collect(),
        claim: claim::find(id).map(|row| ClaimShown::new(&row)),
        contradiction: contradiction(id).map(|found| ContradictionShown::new(found, profile)),
        source: SOURCES.iter().find(|row| row.id == id).map(SourceShown::new),
        module: MODULES.iter().find(|row| row.name == id).map(ModuleShown::new),
        operation: Operation::find(id).map(OperationShown::new),
    };
    let is_empty = matches!(
        &document,
        Document {
            rule: None,
            lint: None,
            violation: None,
            errors,
            claim: None,
            contradiction: None,
            source: None,
            module: None,
            operation: None,
        } if errors.is_empty()
    );
    (!is_empty).then_some(document)
}

fn is_number(row: &ErrorRow, text: &str) -> bool {
    row.sent_code().is_some_and(|code| text.parse() == Ok(code))
}

fn contradiction(id: &str) -> Option<ContradictionId> {
    ContradictionId::ALL.into_iter().find(|each| CONTRADICTIONS[*each as usize].id == id)
}

/// Names what may have been meant: what has the same last word or holds the text, else what is spelled alike.
fn unknown(id: &str) -> Failure {
    const MOST: usize = 10;
    let ids = Ids::all();
    let word = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let is_near = |known: &&str| id.len() > 2 && (word(known) == word(id) || known.contains(id));
    let mut related: Vec<&str> = ids.each().filter(is_near).collect();
    related.truncate(MOST);
    let message = format!(
        "there is no rule, lint, violation, error, claim, contradiction, source, module or operation `{id}`"
    );
    let failure = Failure::new(Exit::Invalid, "rule.unknown", message);
    let failure = if related.is_empty() {
        did_you_mean(id, ids.each()).into_iter().fold(failure, Failure::hint)
    } else {
        let named: Vec<String> = related.iter().map(|known| format!("`{known}`")).collect();
        failure.hint(format!("one of {}", named.join(", ")))
    };
    failure.hint(
        "`cstok policy show --list` lists all ids, and `cstok policy show \"seed 001\"` the claims of a page",
    )
}
