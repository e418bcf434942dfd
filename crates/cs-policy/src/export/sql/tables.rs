//! The tables: two that the user fills, five that hold the policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cs_model::{Profile, RouteId};

use super::super::clause::{Clause, clauses, decision, rules_about, subjects};
use super::super::text::{self, sql_string};
use super::super::wanted::Wanted;
use super::super::worlds::{World, read_by, worlds};
use crate::{Condition, Kind, RULES, Rule, RuleId, Subject, classify, why};

/// The most segments that the path of a route has.
pub(super) fn depth() -> usize {
    RouteId::all().map(|id| segments(id).count()).max().unwrap_or_default()
}

fn segments(id: RouteId) -> impl Iterator<Item = &'static str> + Clone {
    id.row().template.trim_start_matches('/').split('/')
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The tables that the user fills.
pub(super) fn to_fill() -> String {
    "
-- Credentials. What a kind does not have stays at its default.
CREATE TABLE cs_principal (
  principal text PRIMARY KEY,
  kind text NOT NULL, -- delivery, preview, management, authtoken, access, oauth, anonymous
  stack text, -- the API key of its stack
  can_read text[] NOT NULL DEFAULT '{}', -- modules of a scope, or of custom roles together; or $all
  can_write text[] NOT NULL DEFAULT '{}',
  cannot_read text[] NOT NULL DEFAULT '{}', -- exceptions of custom roles
  cannot_write text[] NOT NULL DEFAULT '{}',
  environments text[] NOT NULL DEFAULT '{}',
  all_environments boolean NOT NULL DEFAULT false,
  branches text[] NOT NULL DEFAULT '{}',
  all_branches boolean NOT NULL DEFAULT false,
  has_branch_entry boolean NOT NULL DEFAULT false, -- an entry for branches, also an empty one; names and all imply it
  aliases text[] NOT NULL DEFAULT '{}',
  all_aliases boolean NOT NULL DEFAULT false,
  has_alias_entry boolean NOT NULL DEFAULT false, -- the same for aliases
  stack_without_branches boolean NOT NULL DEFAULT false, -- such a stack is all `main`, which then needs no grant
  expires_on date, -- its last day, or the moment of its end; neither when it never ends
  expires_at timestamp,
  roles text[] NOT NULL DEFAULT '{}', -- of owner, admin, developer, content_manager, custom
  organization_role text NOT NULL DEFAULT 'member', -- owner, admin, member
  sso boolean NOT NULL DEFAULT false,
  idp_login boolean NOT NULL DEFAULT false,
  access_without_sso boolean NOT NULL DEFAULT false,
  strict_mode boolean NOT NULL DEFAULT false,
  stack_created date,
  oauth_scopes text[] NOT NULL DEFAULT '{}'
);

-- Requests.
CREATE TABLE cs_access_log (
  line bigint PRIMARY KEY,
  requested_at timestamp NOT NULL,
  principal text, -- none: a request without credential
  api text NOT NULL DEFAULT 'management', -- management, delivery, preview, legacy-preview, graphql
  method text NOT NULL,
  path text NOT NULL, -- with or without a query string
  stack text, -- the API key that it names
  branch text, -- none: the default branch; with an alias: the branch behind it, when known
  alias text,
  environment text, -- what the query of the path names; the query itself is not read
  draft boolean NOT NULL DEFAULT false,
  publish_request text, -- accept or reject, when it answers one
  stage_open_to_all boolean NOT NULL DEFAULT false,
  user_named boolean NOT NULL DEFAULT false, -- the access list of the stage, or the approvers, name the user or a role of theirs
  approvers_named boolean NOT NULL DEFAULT false
);
"
    .replace("text[] NOT NULL DEFAULT '{}'", "text[] NOT NULL DEFAULT ARRAY[]::text[]")
}

/// The tables that hold the policy.
pub(super) fn generated(profile: &Profile) -> String {
    let mut out = rules();
    out.push_str(&conditions());
    out.push_str(&routes());
    out.push_str(&decisions(profile));
    out
}

/// How many rows one statement inserts: long lists are slow to parse.
const ROWS: usize = 400;

fn insert(out: &mut String, table: &str, rows: &[String]) {
    for rows in rows.chunks(ROWS) {
        let _ = writeln!(out, "INSERT INTO {table} VALUES\n{};", rows.join(",\n"));
    }
}

fn rules() -> String {
    let mut out =
        "\n-- The rules in words.\nCREATE TABLE cs_rule (rule text PRIMARY KEY, effect text, says text, sources text);\n"
            .to_owned();
    let rows: Vec<String> = RULES
        .iter()
        .map(|rule| {
            format!(
                "({}, '{}', {}, {})",
                sql_string(rule.id),
                rule.effect.name(),
                sql_string(rule.says),
                sql_string(&text::sources(rule.sources))
            )
        })
        .collect();
    insert(&mut out, "cs_rule", &rows);
    out
}

fn conditions() -> String {
    let mut out = "\n-- The conditions, and their bits in `held` and `read`.\n\
         CREATE TABLE cs_condition (bit bigint PRIMARY KEY, condition text);\n"
        .to_owned();
    let rows: Vec<String> = Condition::ALL
        .iter()
        .filter(|condition| **condition != Condition::Always)
        .map(|condition| format!("({}, '{condition}')", read_by([*condition]).bits()))
        .collect();
    insert(&mut out, "cs_condition", &rows);
    out
}

/// A path with its parameters in place, for a look at what stands for its shape.
fn example(id: RouteId) -> String {
    segments(id).map(|segment| if is_parameter(segment) { "/a" } else { segment }).fold(
        String::new(),
        |path, segment| if segment == "/a" { path + segment } else { path + "/" + segment },
    )
}

/// Routes that requests are classified to, those with the more literal segments on the left first.
fn routes() -> String {
    let columns: Vec<String> = (1..=depth()).map(|number| format!("s{number} text")).collect();
    let mut out = format!(
        "\n-- Routes by their segments; none for a parameter. Of those that a path meets, the first one is its route. \
         state_change: a GET that changes something.\n\
         CREATE TABLE cs_route (number bigint PRIMARY KEY, api text, method text, template text, module text, \
         granted_by text, action text, writes boolean, state_change boolean, oauth_scope text, depth bigint, {});\n",
        columns.join(", ")
    );
    let rows: Vec<String> = ordered().iter().enumerate().map(|(number, id)| route(number, *id)).collect();
    insert(&mut out, "cs_route", &rows);
    out.push_str("CREATE INDEX cs_route_by_shape ON cs_route (api, method, depth);\n");
    out
}

/// The routes in the order in which they are tried.
fn ordered() -> Vec<RouteId> {
    let mut ids: Vec<RouteId> = RouteId::all()
        // Of templates that match the same requests one stands for all.
        .filter(|id| classify(id.row().api, id.row().method, &example(*id)) == Some(*id))
        .collect();
    ids.sort_by_cached_key(|id| {
        let shape: Vec<bool> = segments(*id).map(is_parameter).collect();
        (id.row().api, shape, id.row().template, id.row().method)
    });
    ids
}

fn route(number: usize, id: RouteId) -> String {
    let route = id.row();
    let wanted = Wanted::by(Subject::Route(id));
    let granted_by = wanted.modules.last().map_or("", |module| module.name());
    let mut columns: Vec<String> = segments(id)
        .map(|segment| if is_parameter(segment) { "NULL".to_owned() } else { sql_string(segment) })
        .collect();
    let count = columns.len();
    columns.resize(depth(), "NULL".to_owned());
    format!(
        "({number}, '{}', '{}', {}, '{}', '{granted_by}', '{}', {}, {}, {}, {count}, {})",
        route.api.name(),
        route.method.as_str(),
        sql_string(route.template),
        route.module.name(),
        route.action.row().name,
        wanted.writes,
        route.state_change,
        wanted.scope.map_or("NULL".to_owned(), sql_string),
        columns.join(", ")
    )
}

/// Which class each kind and route has, and the decision table: class and conditions that hold, to verdict and rules.
fn decisions(profile: &Profile) -> String {
    let numbers: BTreeMap<RouteId, usize> =
        ordered().into_iter().enumerate().map(|(number, id)| (id, number)).collect();
    let mut classes: BTreeMap<Vec<RuleId>, usize> = BTreeMap::new();
    let (mut class_rows, mut decision_rows) = (Vec::new(), Vec::new());
    for kind in Kind::ALL {
        for subject in subjects() {
            // What has no route is in no access log.
            let Subject::Route(route) = subject else { continue };
            let Some(number) = numbers.get(&route) else { continue };
            let rules = rules_about(kind, subject);
            let clauses = clauses(profile, &rules);
            let read = read(&clauses);
            let next = classes.len();
            let class = *classes.entry(rules).or_insert_with(|| {
                decision_rows
                    .extend(worlds(read).iter().map(|world| row(next, &clauses, kind, subject, *world)));
                next
            });
            class_rows.push(format!("('{kind}', {number}, {class}, {})", read.bits()));
        }
    }
    let mut out = "\n-- Kinds and routes that meet the same rules share a class. `read` are the conditions that they name.\n\
         CREATE TABLE cs_class (kind text, route bigint, class bigint, read bigint, PRIMARY KEY (kind, route));\n"
        .to_owned();
    insert(&mut out, "cs_class", &class_rows);
    out.push_str(
        "\n-- The decision table.\n\
         CREATE TABLE cs_decision (class bigint, held bigint, verdict text, rules text, warnings text, \
         PRIMARY KEY (class, held));\n",
    );
    insert(&mut out, "cs_decision", &decision_rows);
    out
}

fn read(clauses: &[Clause]) -> World {
    read_by(clauses.iter().flat_map(|clause| clause.unless.iter().copied().chain([clause.when])))
}

fn row(class: usize, clauses: &[Clause], kind: Kind, subject: Subject, world: World) -> String {
    let decision = decision(clauses, kind, subject, world);
    format!(
        "({class}, {}, '{}', {}, {})",
        world.bits(),
        decision.verdict(),
        sql_string(&ids(why(&decision))),
        sql_string(&ids(decision.warnings()))
    )
}

fn ids(rules: impl Iterator<Item = &'static Rule>) -> String {
    let mut seen = BTreeSet::new();
    let ids: Vec<&str> = rules.map(|rule| rule.id).filter(|id| seen.insert(*id)).collect();
    ids.join(" ")
}
