//! Tests and cases of a policy test file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cs_model::Api;
use jiff::Timestamp;

use super::principal::Principals;
use crate::document::{Block, Reader, get};
use crate::{BodyFacts, Operation, Principal, PublishAnswer, Request, RuleId, Verdict};

/// Some cases that show one thing.
pub(super) struct Test {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) source: String,
    pub(super) cases: Vec<Case>,
}

/// What is expected of some principals on some requests.
pub(super) struct Case {
    pub(super) line: usize,
    pub(super) principals: Vec<(String, Principal)>,
    pub(super) asked: Vec<Asked>,
    pub(super) now: Option<Timestamp>,
    pub(super) expect: Verdict,
    pub(super) rules: Vec<RuleId>,
    pub(super) warnings: Vec<RuleId>,
    api: Api,
    other_stack: bool,
    branch: Option<String>,
    alias: Option<String>,
    environment: Option<String>,
    draft: bool,
    body: BodyFacts,
}

/// What is asked for.
pub(super) enum Asked {
    Request { method: String, path: String },
    Operation(Operation),
}

impl Case {
    /// The request with the facts of the case.
    pub(super) fn request<'a>(&'a self, method: &'a str, path: &'a str) -> Request<'a> {
        Request {
            other_stack: self.other_stack,
            branch: self.branch.as_deref(),
            alias: self.alias.as_deref(),
            environment: self.environment.as_deref(),
            draft: self.draft,
            body: self.body,
            ..Request::new(method, path).on(self.api)
        }
    }

    /// The request for people, with what is not usual about it.
    pub(super) fn describe(&self, asked: &Asked) -> String {
        let mut text = match asked {
            Asked::Request { method, path } => format!("{method} {path}"),
            Asked::Operation(operation) => operation.row().name.to_owned(),
        };
        let mut facts = Vec::new();
        if self.api != Api::Management {
            facts.push(format!("{} API", self.api.name()));
        }
        let names = [("branch", &self.branch), ("alias", &self.alias), ("environment", &self.environment)];
        facts.extend(
            names.iter().filter_map(|(what, name)| name.as_ref().map(|name| format!("{what} {name}"))),
        );
        let flags = [
            (self.draft, "draft"),
            (self.other_stack, "other stack"),
            (self.body.stage_open_to_all, "stage open to all"),
            (self.body.user_named, "user named"),
            (self.body.publish_request.is_some(), "answer to a publish request"),
            (self.body.approvers_named, "approvers named"),
        ];
        facts.extend(flags.iter().filter(|(on, _)| *on).map(|(_, says)| (*says).to_owned()));
        if !facts.is_empty() {
            let _ = write!(text, " ({})", facts.join(", "));
        }
        text
    }
}

const CASE_KEYS: [&str; 17] = [
    "as",
    "request",
    "operation",
    "api",
    "branch",
    "alias",
    "environment",
    "draft",
    "other_stack",
    "stage_open_to_all",
    "user_named",
    "publish_request",
    "approvers",
    "now",
    "expect",
    "rules",
    "warnings",
];

/// All tests, in the order of the file.
pub(super) fn read_all(reader: &mut Reader<'_>, root: &Block<'_, '_>, principals: &Principals) -> Vec<Test> {
    let mut seen = BTreeSet::new();
    let mut tests = Vec::new();
    let blocks = reader.tables(root, "test", "a test");
    if blocks.is_empty() {
        reader.push(&root.span, "the file has no test: begin one with `[[test]]`");
    }
    for block in blocks {
        reader.only(&block, &["id", "says", "source", "cases"]);
        let (id, span) = reader.needed(&block, "id").unwrap_or_default();
        if !id.is_empty() && !seen.insert(id.clone()) {
            reader.push(&span, format!("there are two tests `{id}`"));
        }
        let says = reader.text(&block, "says").map(|(text, _)| text).unwrap_or_default();
        let source =
            reader.texts(&block, "source").into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("; ");
        let blocks = reader.tables(&block, "cases", "a case");
        if blocks.is_empty() {
            reader.push(&block.span, format!("test `{id}` has no cases"));
        }
        let cases = blocks.iter().filter_map(|block| read(reader, block, principals)).collect();
        tests.push(Test { id, says, source, cases });
    }
    tests
}

fn read(reader: &mut Reader<'_>, block: &Block<'_, '_>, principals: &Principals) -> Option<Case> {
    reader.only(block, &CASE_KEYS);
    let mut named = Vec::new();
    for (name, span) in reader.texts(block, "as") {
        match principals.get(&name) {
            Some(principal) => named.push((name, principal.clone())),
            // What is wrong with it was told where it stands.
            None if principals.has(&name) => {}
            None => reader.push(&span, format!("there is no principal `{name}`")),
        }
    }
    needs_one(reader, block, &["as"]);
    let asked = asked(reader, block);
    let api = reader.parsed(block, "api", "an API", Api::find);
    let expect = reader.needed(block, "expect").and_then(|(text, span)| {
        let verdict = super::verdict(&text);
        if verdict.is_none() {
            let names: Vec<_> = Verdict::ALL.iter().map(|verdict| format!("`{verdict}`")).collect();
            reader.push(&span, format!("`{text}` is no verdict; there are {}", names.join(", ")));
        }
        verdict
    });
    let publish_request =
        reader.parsed(block, "publish_request", "`accept` or `reject`", |text| match text {
            "accept" => Some(PublishAnswer::Accept),
            "reject" => Some(PublishAnswer::Reject),
            _ => None,
        });
    let body = BodyFacts {
        stage_open_to_all: reader.flag(block, "stage_open_to_all"),
        user_named: reader.flag(block, "user_named"),
        publish_request,
        approvers_named: reader.flag(block, "approvers"),
    };
    let now = reader.parsed(block, "now", "a time (2026-11-21T00:00:00Z)", |text| text.parse().ok());
    let (rules, warnings) = (rules(reader, block, "rules"), rules(reader, block, "warnings"));
    let mut name = |key| reader.text(block, key).map(|(text, _)| text);
    let (branch, alias, environment) = (name("branch"), name("alias"), name("environment"));
    let (draft, other_stack) = (reader.flag(block, "draft"), reader.flag(block, "other_stack"));
    // Everything has been read, so that all problems are known, before one that is missing ends it.
    Some(Case {
        line: reader.line(&block.span),
        principals: named,
        asked,
        now,
        expect: expect?,
        rules,
        warnings,
        api: api.unwrap_or(Api::Management),
        other_stack,
        branch,
        alias,
        environment,
        draft,
        body,
    })
}

/// Complains when none of these keys is there, or all are empty lists: such a case would show nothing.
fn needs_one(reader: &mut Reader<'_>, block: &Block<'_, '_>, keys: &[&str]) {
    let filled = |key: &&str| {
        let items = get(block.table, key).map(|value| value.get_ref().as_array());
        items.is_some_and(|list| list.is_none_or(|list| !list.is_empty()))
    };
    if !keys.iter().any(filled) {
        let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        reader.push(&block.span, format!("a case needs a key {}", keys.join(" or ")));
    }
}

/// Requests and operations: at least one.
fn asked(reader: &mut Reader<'_>, block: &Block<'_, '_>) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (text, span) in reader.texts(block, "request") {
        match (text.split_once(' '), Operation::find(&text)) {
            (Some((method, path)), _) => {
                asked.push(Asked::Request { method: method.to_owned(), path: path.trim().to_owned() });
            }
            // As on the command line, where both stand in one place.
            (None, Some(operation)) => asked.push(Asked::Operation(operation)),
            (None, None) => reader.push(&span, format!("`{text}` is no request: write `METHOD PATH`")),
        }
    }
    for (text, span) in reader.texts(block, "operation") {
        match Operation::find(&text) {
            Some(operation) => asked.push(Asked::Operation(operation)),
            None => {
                let all = super::operations();
                reader.push(&span, format!("there is no operation `{text}`; there are {all}"));
            }
        }
    }
    needs_one(reader, block, &["request", "operation"]);
    asked
}

fn rules(reader: &mut Reader<'_>, block: &Block<'_, '_>, key: &str) -> Vec<RuleId> {
    let mut rules = Vec::new();
    for (text, span) in reader.texts(block, key) {
        match RuleId::find(&text) {
            Some(id) => rules.push(id),
            None => reader.push(&span, format!("there is no rule `{text}`")),
        }
    }
    rules
}
