//! Policy test files: the one that ships, what failures look like, and what is wrong with files.

use std::collections::BTreeSet;

use cs_model::Profile;
use cs_model::generated::ContradictionId;
use cs_model::generated::SOURCES;
use cs_model::profile::ClientReading;
use cs_policy::policy_test::{self, Report};
use expect_test::{Expect, expect};

use crate::ask::NOW;

const SEEDS: &str = include_str!("../../policies/seeds.toml");

fn run(text: &str) -> Report {
    policy_test::run(text, &Profile::seeds(), NOW.parse().unwrap()).unwrap()
}

#[test]
fn the_seeds_hold() {
    let report = run(SEEDS);
    assert!(report.passed(), "{report}");
    assert!(report.tests >= 90, "{report}");
    assert!(report.checks >= 300, "{report}");
}

#[test]
fn every_claim_has_a_sentence_a_source_and_a_rule() {
    let table: toml::Table = SEEDS.parse().unwrap();
    let mut pages = BTreeSet::new();
    for test in table["test"].as_array().unwrap() {
        let (id, says) = (test["id"].as_str().unwrap(), test["says"].as_str().unwrap());
        assert!(says.ends_with('.'), "{id}");
        let sources: Vec<&str> = match &test["source"] {
            toml::Value::String(one) => vec![one],
            list => list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect(),
        };
        let page = id.split('.').next().unwrap();
        assert!(sources.iter().any(|source| source.contains(page)), "{id}: {sources:?}");
        for source in sources {
            let document = source.split(':').next().unwrap();
            assert!(SOURCES.iter().any(|row| row.id == document), "{id}: {document}");
        }
        pages.insert(page);
    }
    assert_eq!(pages, BTreeSet::from(["000", "001", "002", "003", "004"]));
}

#[test]
fn the_file_would_notice_other_readings() {
    let mut profile = Profile::seeds();
    ContradictionId::ALL.into_iter().for_each(|id| profile.readings.set_client(id, ClientReading::Allow));
    let report = policy_test::run(SEEDS, &profile, NOW.parse().unwrap()).unwrap();
    let failed: BTreeSet<_> = report.failures.iter().map(|failure| failure.test.as_str()).collect();
    for test in
        ["002.preview.management_token_header", "001.management.who_creates", "001.management.closed_stack"]
    {
        assert!(failed.contains(test), "{test}: {failed:?}");
    }
}

const PRINCIPALS: &str = r#"
[principals.ci]
kind = "management"
scope = { entry = "rw", asset = "r" }
branches = "main"
expires = 2027-01-31

[principals.editor]
kind = "authtoken"
role = "custom"
[principals.editor.rules]
grants = ["entry:rw", "asset:r"]
except = "asset:r"
branches = "all"
"#;

#[test]
fn a_failure_is_a_diff_with_its_reasons() {
    let file = format!(
        r#"{PRINCIPALS}
[[test]]
id = "ci reads"
says = "The pipeline reads what it needs."
source = "our own handbook"
cases = [
  {{ as = ["ci", "editor"], request = "GET /v3/content_types/page/entries", expect = "allow" }},
  {{ as = "ci", request = "GET /v3/assets", branch = "next", expect = "allow" }},
  {{ as = "editor", request = "GET /v3/assets", expect = "not_granted", rules = ["authtoken.no_role"] }},
]
"#
    );
    expect![[r#"
        line 22: ci reads: `ci` GET /v3/assets (branch next)
          The pipeline reads what it needs. (our own handbook)
          - allow
          + not_granted
            management.branch: The token's scope does not name the branch of the request; a request that names none is for `main`.

        line 23: ci reads: `editor` GET /v3/assets
          The pipeline reads what it needs. (our own handbook)
            not_granted
          - rule authtoken.no_role
          + rules authtoken.user_may, any.api_key_header, authtoken.custom_role, branches.main_without_branches
            authtoken.custom_role: No rule of the user's custom roles grants this on the module, or an exception takes it away.

        2 of 4 checks in 1 tests as expected, 2 not"#]]
    .assert_eq(&run(&file).to_string());
    let json = run(&file).to_json();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["passed"], false);
    assert_eq!(json["failures"][0]["found"]["verdict"], "not_granted");
    assert_eq!(json["failures"][1]["expected"]["missing_rules"][0], "authtoken.no_role");
}

#[test]
fn a_case_has_its_own_time() {
    let file = |now: &str, expect: &str| {
        format!(
            "{PRINCIPALS}\n[[test]]\nid = 'x'\ncases = [{{ as = 'ci', request = 'GET /v3/assets', now = {now}, expect = '{expect}' }}]"
        )
    };
    assert!(run(&file("2027-01-30T23:59:59Z", "allow")).passed());
    assert!(run(&file("2027-01-31T00:00:00Z", "not_granted")).passed());
}

fn problems(text: &str, expected: &Expect) {
    let error = policy_test::run(text, &Profile::seeds(), NOW.parse().unwrap()).unwrap_err();
    let lines: String = error.items().iter().map(|item| format!("{item}\n")).collect();
    expected.assert_eq(&lines);
}

#[test]
fn what_is_wrong_with_a_principal_is_told_where_it_stands_alone() {
    let cases = "[[test]]\nid = 'x'\ncases = [{ as = ['a', 'b', 'c'], request = 'GET /v3/assets', expect = 'allow' }]";
    problems(
        &format!(
            "[principals]\nb = 1\n[principals.a]\nkind = 'managment'\nscope = 'entry'\nexpires = 'soon'\nsso = 'yes'\n{cases}"
        ),
        &expect![[r#"
            line 2: `b` must be a table, not a whole number
            line 4: there is no kind `managment`; there are `delivery`, `preview`, `management`, `authtoken`, `access`, `oauth`, `anonymous`
            line 5: `entry` names no access: write `entry:r`, `entry:w` or `entry:rw`
            line 6: `soon` is not a date (YYYY-MM-DD), a time (2026-12-10T00:00:00Z) or `never`
            line 7: `sso` must be `true` or `false`, not a text
            line 10: there is no principal `c`
        "#]],
    );
    problems(
        &format!("principals = 1\n{cases}"),
        &expect![[r#"
        line 1: `principals` must be a table, not a whole number
    "#]],
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    problems(
        r#"schema = 2
tests = []
[principals.a]
kind = "managment"
[principals.b]
kind = "management"
scope = "entry, asset:x"
environments = ["production"]
expires = "soon"
[principals.c]
kind = "authtoken"
role = ["developer", "boss"]
rules = { grants = "entry:r" }
sso = "yes"
[[test]]
id = "one"
cases = [
  { as = "nobody", request = "GET", expect = "maybe", rules = "no.such" },
  { operation = "fly", draft = 1, api = "soap" },
]
[[test]]
id = "one"
[[test]]
cases = []
"#,
        &expect![[r#"
            line 1: `schema` must be 1
            line 2: a policy test file has no key `tests`; known keys are `schema`, `now`, `principals`, `test`
            line 4: there is no kind `managment`; there are `delivery`, `preview`, `management`, `authtoken`, `access`, `oauth`, `anonymous`
            line 7: `entry` names no access: write `entry:r`, `entry:w` or `entry:rw`
            line 7: `x` is not an access: write `r`, `w`, `rw`, `read`, `write` or `read-write`
            line 8: principal `b` has no key `environments`; known keys are `kind`, `scope`, `branches`, `aliases`, `expires`, `stack_without_branches`
            line 9: `soon` is not a date (YYYY-MM-DD), a time (2026-12-10T00:00:00Z) or `never`
            line 12: there is no role `boss`; there are `owner`, `admin`, `developer`, `content-manager`, `custom`
            line 13: `rules` are those of the role `custom`, which the principal does not have
            line 14: `sso` must be `true` or `false`, not a text
            line 18: there is no principal `nobody`
            line 18: `GET` is no request: write `METHOD PATH`
            line 18: `maybe` is no verdict; there are `allow`, `not_granted`, `undocumented`, `forbidden`, `unmapped`
            line 18: there is no rule `no.such`
            line 19: a case needs a key `as`
            line 19: there is no operation `fly`; there are `access_token:reset`, `oauth_app:create`
            line 19: `soap` is not an API
            line 19: a case needs a key `expect`
            line 19: `draft` must be `true` or `false`, not a whole number
            line 21: test `one` has no cases
            line 22: there are two tests `one`
            line 23: a test needs a key `id`
            line 23: test `` has no cases
        "#]],
    );
}

#[test]
fn a_text_that_is_no_toml() {
    problems(
        "[[test]\nid = 'x'\n",
        &expect![[r#"
        line 1: unclosed array table, expected `]`
    "#]],
    );
}

#[test]
fn a_file_that_would_show_nothing() {
    problems("", &expect![["line 1: the file has no test: begin one with `[[test]]`\n"]]);
    problems(
        "[principals.a]\nkind = 'anonymous'\n[[test]]\nid = 'x'\ncases = [{ as = [], request = [], expect = 'allow' }]",
        &expect![[r#"
            line 5: a case needs a key `as`
            line 5: a case needs a key `request` or `operation`
        "#]],
    );
}

#[test]
fn an_api_has_its_short_name_too() {
    for (api, request) in [("cda", "GET /v3/assets"), ("delivery", "GET /v3/assets"), ("cma", "GET /v3/user")]
    {
        let expect = if api == "cma" { "forbidden" } else { "allow" };
        let report = run(&format!(
            "schema = 1\n[principals.site]\nkind = 'delivery'\nenvironments = ['production']\nbranches = ['main']\n\
             [[test]]\nid = 'it'\ncases = [{{ as = 'site', api = '{api}', request = '{request}', \
             environment = 'production', expect = '{expect}' }}]\n"
        ));
        assert!(report.passed(), "{api}: {report}");
    }
}
