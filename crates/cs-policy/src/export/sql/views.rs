//! The views: from a line of the log to its route, to the conditions that hold, to the verdict.

use std::fmt::Write as _;

use cs_model::Profile;

use super::super::worlds::read_by;
use super::condition::{BOUND, of_credential, of_request, truth};
use super::{Dialect, tables};
use crate::Condition;
use crate::rules;

/// What a segment of a path may be made of. `.` and `..` are not among them.
const SEGMENT: &str = "(/[A-Za-z0-9._~!$&''()*+,;=:@-]+)+";
const DOTS: &str = ".*/[.]{1,2}(/.*)?";

pub(super) fn views(profile: &Profile, dialect: Dialect) -> String {
    let mut out = String::new();
    out.push_str(&credential(dialect));
    out.push_str(&classified(dialect));
    out.push_str(&held(profile, dialect));
    out.push_str(&verdict());
    out
}

fn credential(dialect: Dialect) -> String {
    format!(
        "\n-- Credentials with what follows from their facts.\nCREATE VIEW cs_credential AS\nSELECT p.*, {BOUND} AS bound \
         FROM (\n  SELECT p.*,\n{}\n  FROM cs_principal p\n) p;\n",
        of_credential(dialect)
    )
}

/// The route of each line. What is not recognised exactly has none: one trailing slash is let pass, and nothing else.
fn classified(dialect: Dialect) -> String {
    let mut meets = String::new();
    for number in 1..=tables::depth() {
        let _ = write!(meets, "\n      AND (r.s{number} IS NULL OR r.s{number} = l.segments[{number}])");
    }
    let recognised = dialect.matches("l.path_alone", &format!("{SEGMENT}/?"));
    let dots = dialect.matches("l.path_alone", DOTS);
    format!(
        "\n-- Lines with their route.\nCREATE VIEW cs_request AS\nWITH split AS MATERIALIZED (\n  \
         SELECT l.*, {recognised} AND NOT {dots} AS recognised,\n    \
         string_to_array(CASE WHEN l.path_alone LIKE '/_%/' THEN substr(l.path_alone, 2, length(l.path_alone) - 2)\n    \
         ELSE substr(l.path_alone, 2) END, '/') AS segments\n  \
         FROM (SELECT l.*, split_part(l.path, '?', 1) AS path_alone FROM cs_access_log l) l\n)\n\
         SELECT l.*, CASE WHEN l.recognised THEN (\n    SELECT MIN(r.number) FROM cs_route r\n    \
         WHERE r.api = l.api AND r.method = l.method AND r.depth = {}{meets}\n  ) END AS route\nFROM split l;\n",
        dialect.length("l.segments")
    )
}

/// The conditions that hold, as bits. Each step is materialized: an engine that puts the text of a view in place of each
/// of its columns would classify a line anew for each condition.
fn held(profile: &Profile, dialect: Dialect) -> String {
    let conditions: Vec<String> = Condition::ALL
        .iter()
        .filter(|condition| **condition != Condition::Always)
        .map(|condition| {
            let bit = read_by([*condition]).bits();
            format!(
                "    CASE WHEN {} THEN CAST({bit} AS bigint) ELSE 0 END",
                truth(profile, dialect, *condition)
            )
        })
        .collect();
    format!(
        "\n-- Lines with the conditions that hold. A line that names no credential is one without.\n\
         CREATE VIEW cs_held AS\nWITH request AS MATERIALIZED (SELECT * FROM cs_request),\n\
         credential AS MATERIALIZED (SELECT * FROM cs_credential),\ngrants AS MATERIALIZED (\n  \
         SELECT l.*, CASE WHEN l.principal IS NULL THEN 'anonymous' ELSE p.kind END AS kind,\n{}\n  \
         FROM request l\n  LEFT JOIN credential p ON p.principal = l.principal\n  \
         LEFT JOIN cs_route r ON r.number = l.route\n)\nSELECT l.line, l.principal, l.route, l.kind,\n{} AS held\n\
         FROM (\n  SELECT l.*, CASE WHEN r.writes THEN l.writes ELSE l.reads END AS granted\n  \
         FROM grants l LEFT JOIN cs_route r ON r.number = l.route\n) l\n\
         LEFT JOIN credential p ON p.principal = l.principal\nLEFT JOIN cs_route r ON r.number = l.route;\n",
        of_request(dialect),
        conditions.join(" |\n")
    )
}

/// The verdict, from the decision table.
fn verdict() -> String {
    let unmapped = rules::ANY_UNMAPPED.rule().id;
    format!(
        "\n-- The verdict on each line, with the ids of the rules behind it and of warnings, separated by blanks.\n\
         CREATE VIEW cs_verdict AS\nWITH held AS MATERIALIZED (SELECT * FROM cs_held)\n\
         SELECT l.line, l.principal, l.kind, r.api, r.method, r.template, r.module, r.action, r.state_change,\n  \
         CASE WHEN l.kind IS NULL THEN 'unknown_principal' WHEN l.route IS NULL THEN 'unmapped' ELSE d.verdict END AS verdict,\n  \
         CASE WHEN l.kind IS NULL THEN '' WHEN l.route IS NULL THEN '{unmapped}' ELSE d.rules END AS rules,\n  \
         CASE WHEN l.kind IS NULL OR l.route IS NULL THEN '' ELSE d.warnings END AS warnings\n\
         FROM held l\nLEFT JOIN cs_route r ON r.number = l.route\n\
         LEFT JOIN cs_class c ON c.kind = l.kind AND c.route = l.route\n\
         LEFT JOIN cs_decision d ON d.class = c.class AND d.held = (l.held & c.read);\n"
    )
}
