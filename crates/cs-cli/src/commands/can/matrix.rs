//! `cstok can --list`: everything that a credential can do.

use std::collections::BTreeMap;

use cs_model::{Api, Profile};
use cs_policy::{Capabilities, Capability, Prepared, Principal, Verdict, capabilities, capabilities_in};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::verdict::{RuleShown, headline};
use crate::args::can::CanArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, plural};
use crate::principal::describe;
use crate::problem::Problem;
use crate::show::NOTHING;
use crate::table::table;

/// Shows the matrix of a principal: where it was given something or, when the command line names a branch and the like,
/// there.
pub(super) fn show(
    args: &CanArgs,
    principal: &Principal,
    left_out: &[Problem],
    profile: &Profile,
    now: Timestamp,
    output: &Output,
) -> Result<Exit, Failure> {
    let matrix = if args.request.says_something() {
        let prepared = Prepared::new(principal);
        let context = args.request.request("", "", args.request.environment.as_deref()).context(&prepared);
        capabilities_in(profile, &prepared, &context, now)
    } else {
        capabilities(profile, principal, now)
    };
    let api: Option<Api> = args.request.api.map(Into::into);
    output.whole(&Document::new(&matrix, api, profile, left_out))?;
    output.print(describe(principal, profile))?;
    for api in Api::ALL.into_iter().filter(|each| api.is_none_or(|api| api == *each)) {
        output.print(format_args!("\n{} API", api.name()))?;
        output.print(of_api(&matrix, api))?;
    }
    if api.is_none_or(|api| api == Api::Management) {
        output.print("\nwithout a route")?;
        let rows = matrix.operations().iter().map(|decision| {
            let name = decision.subject().map_or_else(String::new, |subject| match subject {
                cs_policy::Subject::Operation(operation) => operation.row().name.to_owned(),
                cs_policy::Subject::Route(_) => String::new(),
            });
            [name, headline(decision.verdict()).to_owned()]
        });
        output.print(table(["OPERATION", "VERDICT"], rows))?;
    }
    let cells = matrix.cells().iter().filter(|cell| api.is_none_or(|api| api == cell.api));
    let (allowed, all) =
        cells.fold((0, 0), |(allowed, all), cell| (allowed + cell.allowed(), all + cell.decisions.len()));
    output.note(format_args!("{allowed} of {} allowed", plural(all, "route")));
    Ok(Exit::Ok)
}

/// The JSON of the library, with the profile, without what was not asked for, and with what could not be judged.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    matrix: Value,
    warnings: Vec<RuleShown>,
}

impl Document {
    fn new(matrix: &Capabilities, api: Option<Api>, profile: &Profile, left_out: &[Problem]) -> Self {
        let mut matrix = matrix.to_json();
        matrix["profile"] = Value::from(&*profile.name);
        if let (Some(api), Some(Value::Array(cells))) = (api, matrix.get_mut("capabilities")) {
            cells.retain(|cell| cell["api"] == api.name());
        }
        Self { matrix, warnings: left_out.iter().map(RuleShown::of_problem).collect() }
    }
}

/// A row for each module: its actions, sorted by what is decided about them.
fn of_api(matrix: &Capabilities, api: Api) -> String {
    let mut rows: BTreeMap<&str, [Vec<String>; 3]> = BTreeMap::new();
    for cell in matrix.cells().iter().filter(|cell| cell.api == api) {
        let row = rows.entry(cell.module.name()).or_default();
        for (column, text) in sorted(cell) {
            row[column].push(text);
        }
    }
    let rows = rows.into_iter().map(|(module, row)| {
        let [allowed, not_granted, rest] =
            row.map(|actions| if actions.is_empty() { NOTHING.to_owned() } else { actions.join(", ") });
        [module.to_owned(), allowed, not_granted, rest]
    });
    table(["MODULE", "ALLOWED", "NOT GRANTED", "FORBIDDEN OR OPEN"], rows)
}

/// In which columns an action stands. One whose routes differ stands in several, with the number of its routes in each.
fn sorted(cell: &Capability) -> Vec<(usize, String)> {
    let of = |column: usize| {
        cell.decisions.iter().filter(move |decision| column_of(decision.verdict()) == column).count()
    };
    let open = cell.decisions.iter().any(|decision| decision.verdict() == Verdict::Undocumented);
    (0..3)
        .filter(|column| of(*column) > 0)
        .map(|column| {
            let (number, all) = (of(column), cell.decisions.len());
            let action = cell.action.name();
            let mut text =
                if number == all { action.to_owned() } else { format!("{action} ({number} of {all})") };
            if column == 2 && open {
                text.push_str(" (open)");
            }
            (column, text)
        })
        .collect()
}

const fn column_of(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Allow => 0,
        Verdict::NotGranted => 1,
        Verdict::Undocumented | Verdict::Forbidden | Verdict::Unmapped => 2,
    }
}
