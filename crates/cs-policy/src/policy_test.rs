//! Expectations about decisions, in a file: who may do what, checked whenever policies, scopes or this crate change.
//!
//! A file has named principals and tests. A test has cases; a case names principals and requests, each with each, and
//! the verdict that is expected of all of them:
//!
//! ```
//! use cs_model::Profile;
//! use cs_policy::policy_test;
//!
//! let file = r#"
//!     [principals.importer]
//!     kind = "management"
//!     scope = "entry:rw,asset:r"
//!     branches = ["main"]
//!
//!     [[test]]
//!     id = "the importer writes entries and nothing else"
//!     cases = [
//!         { as = "importer", request = "POST /v3/content_types/page/entries", expect = "allow" },
//!         { as = "importer", request = ["PUT /v3/assets/blt1", "DELETE /v3/content_types/page"], expect = "not_granted" },
//!         { as = "importer", request = "POST /v3/stacks/delivery_tokens", expect = "forbidden", rules = ["management.tokens_module"] },
//!     ]
//! "#;
//! let report = policy_test::run(file, &Profile::seeds(), "2026-11-21T00:00:00Z".parse()?)?;
//! assert!(report.passed(), "{report}");
//! assert_eq!(report.checks, 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | in the file | keys |
//! | --- | --- |
//! | the root | `schema` (1), `now`, `principals`, `test` |
//! | a principal | `kind`; `scope`, `branches`, `aliases`, `expires` (management); `environments`, `branches`, `aliases` (delivery, preview); `role`, `rules`, `organization`, `sso`, `idp_login`, `access_without_sso`, `strict_mode` (authtoken); `stack_created` (access, authtoken); `stack_without_branches` (all with branches); `scopes` (oauth) |
//! | `rules` of a custom role | `grants`, `except`, `branches`, `aliases` |
//! | a test | `id`, `says`, `source`, `cases` |
//! | a case | `as`; `request` or `operation`; `api`, `branch`, `alias`, `environment`, `draft`, `other_stack`, `stage_open_to_all`, `publish_request`, `approvers`, `now`; `expect`, `rules`, `warnings` |
//!
//! A scope is `entry:rw,content_type:r` or a table `{ entry = "rw" }`; branches, aliases and environments are lists, or
//! `all`. A principal that names neither branches nor aliases is taken for one of a stack without branches, unless
//! `stack_without_branches` is `false`. `rules` must be among the rules that apply, `warnings` among those that warn; both are optional.

use cs_model::profile::Profile;
use jiff::Timestamp;

use crate::document::{Block, Problems, Reader};
use crate::{Decision, Operation, Prepared, RuleId, Verdict, decide_operation, decide_prepared};

mod case;
pub(crate) mod principal;
mod report;

pub use report::{Failure, Report};

use case::{Asked, Case, Test};

/// Reads a file and checks each expectation.
///
/// `now` holds where neither a case nor the file says a time.
///
/// # Errors
///
/// Everything that is wrong with the file, with lines; then nothing is checked. An expectation that is not met is no error but in
/// the report.
pub fn run(text: &str, profile: &Profile, now: Timestamp) -> Result<Report, Problems> {
    let mut reader = Reader::new(text);
    let tests = reader.root().map(|root| {
        let block = Block { table: root.get_ref(), what: "a policy test file".to_owned(), span: 0..0 };
        let mut reader = FileReader { reader: &mut reader };
        reader.file(&block)
    });
    let (file_now, tests) = tests.unwrap_or_default();
    let tests = Problems::or(reader.problems, tests)?;
    let mut report = Report { tests: tests.len(), ..Report::default() };
    for test in &tests {
        for case in &test.cases {
            check(test, case, profile, case.now.or(file_now).unwrap_or(now), &mut report);
        }
    }
    Ok(report)
}

struct FileReader<'r, 't> {
    reader: &'r mut Reader<'t>,
}

impl FileReader<'_, '_> {
    fn file(&mut self, root: &Block<'_, '_>) -> (Option<Timestamp>, Vec<Test>) {
        self.reader.only(root, &["schema", "now", "principals", "test"]);
        if let Some(value) = crate::document::get(root.table, "schema")
            && value.get_ref().as_integer().is_none_or(|number| number.as_str() != "1")
        {
            self.reader.push(&value.span(), "`schema` must be 1");
        }
        let now = self.reader.parsed(root, "now", "a time (2026-11-21T00:00:00Z)", |text| text.parse().ok());
        let principals = principal::read_all(self.reader, root);
        let tests = case::read_all(self.reader, root, &principals);
        (now, tests)
    }
}

fn check(test: &Test, case: &Case, profile: &Profile, now: Timestamp, report: &mut Report) {
    for (name, principal) in &case.principals {
        let prepared = Prepared::new(principal);
        for asked in &case.asked {
            report.checks += 1;
            let decision = decide_asked(asked, case, profile, &prepared, now);
            let applying = |id: &RuleId| decision.rules().contains(*id);
            let warning = |id: &RuleId| decision.warnings().any(|rule| rule.id == id.rule().id);
            let absent = case.rules.iter().filter(|id| !applying(id));
            let silent = case.warnings.iter().filter(|id| !warning(id));
            let missing: Vec<&'static str> = absent.chain(silent).map(|id| id.rule().id).collect();
            if decision.verdict() != case.expect || !missing.is_empty() {
                report.failures.push(Failure {
                    test: test.id.clone(),
                    says: test.says.clone(),
                    source: test.source.clone(),
                    line: case.line,
                    principal: name.clone(),
                    request: case.describe(asked),
                    expected: case.expect,
                    missing,
                    decision,
                });
            }
        }
    }
}

fn decide_asked(
    asked: &Asked,
    case: &Case,
    profile: &Profile,
    prepared: &Prepared,
    now: Timestamp,
) -> Decision {
    match asked {
        Asked::Request { method, path } => {
            decide_prepared(profile, prepared, &case.request(method, path), now)
        }
        Asked::Operation(operation) => {
            let context = case.request("", "").context(prepared);
            decide_operation(profile, prepared, *operation, &context, now)
        }
    }
}

/// The verdict of this name.
fn verdict(name: &str) -> Option<Verdict> {
    Verdict::ALL.into_iter().find(|verdict| verdict.name() == name)
}

/// Names of all operations, for messages.
fn operations() -> String {
    let names: Vec<_> = Operation::all().map(|operation| format!("`{}`", operation.row().name)).collect();
    names.join(", ")
}
