//! Baselines and the forms of a report.

use cs_model::{Expiry, Grant, Profile};
use cs_policy::lint::{self, Baseline, LINTS, Options, Origin, Report, Token};
use expect_test::{Expect, expect};

use crate::lint::{now, sound};

const BASELINE: &str = "
[[silence]]
lint = 'expiry.never'
subject = 'management/ci'
reason = 'moves to short-lived tokens in spring'
until = '2026-11-21'
";

fn report(baseline: &str, at: &str) -> Report {
    let profile = Profile::seeds();
    let draft = sound("ci").expiry(Expiry::Never).branches(Grant::All);
    let token = Token::from(&draft).at(Origin::new("tokens/shop.toml", 7));
    let findings = lint::check(&token, &[], &Options::new(&profile, now()));
    Report::new(findings, &Baseline::parse(baseline).unwrap(), at.parse().unwrap())
}

fn ids(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.id.name()).collect()
}

#[test]
fn an_entry_holds_through_its_last_day() {
    let held = report(BASELINE, "2026-11-21T23:59:59Z");
    assert_eq!(ids(&held), ["scope.all_branches"]);
    assert_eq!(held.silenced[0].by.reason, "moves to short-lived tokens in spring");
    let ended = report(BASELINE, "2026-11-22T00:00:00Z");
    assert_eq!(ids(&ended), ["expiry.never", "scope.all_branches", "baseline.expired"]);
    assert!(ended.silenced.is_empty());
    assert_eq!(ended.findings[2].subject, "baseline/expiry.never/management/ci");
}

#[test]
fn an_entry_that_matches_nothing_is_a_finding() {
    let other = report(&BASELINE.replace("/ci", "/deploy"), "2026-11-21T00:00:00Z");
    assert_eq!(ids(&other), ["expiry.never", "scope.all_branches", "baseline.unused"]);
    // It is unused whether it has ended or not.
    let ended = report(&BASELINE.replace("/ci", "/deploy"), "2027-11-21T00:00:00Z");
    assert_eq!(ids(&ended), ["expiry.never", "scope.all_branches", "baseline.unused"]);
}

#[test]
fn json_says_the_same_as_toml() {
    let json = r#"{"silence":[{"lint":"expiry.never","subject":"management/ci",
        "reason":"moves to short-lived tokens in spring","until":"2026-11-21"}]}"#;
    let (mut from_json, mut from_toml) = (Baseline::parse(json).unwrap(), Baseline::parse(BASELINE).unwrap());
    assert_eq!(from_toml.entries[0].line, 2);
    from_json.entries[0].line = 0;
    from_toml.entries[0].line = 0;
    assert_eq!(from_json, from_toml);
    assert_eq!(Baseline::parse("").unwrap(), Baseline::default());
}

#[track_caller]
fn wrong(text: &str, expected: &Expect) {
    let error = Baseline::parse(text).unwrap_err();
    expected.assert_eq(&error.items().iter().map(|item| format!("{item}\n")).collect::<String>());
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    wrong(
        "silences = []\n[[silence]]\nlint = 'no.such'\nsubject = ' '\nreason = 1\nuntil = 'soon'\n\
         [[silence]]\nlint = 'baseline.unused'\nsubject = 'x'\nreason = 'y'\nuntil = 2026-01-01\n",
        &expect![[r#"
            line 1: a baseline has no key `silences`; known keys are `silence`
            line 2: there is no lint `no.such`
            line 2: `soon` is not a date (YYYY-MM-DD)
            line 4: `subject` is empty
            line 5: `reason` must be a text, not a whole number
            line 7: `baseline.unused` is about the baseline and cannot be silenced
        "#]],
    );
    wrong(
        r#"{"silence":[{"lint":"no.such","until":"2026-13-01"}]}"#,
        &expect![[r#"
            silence[0]: an entry of a baseline needs a key `subject`
            silence[0]: an entry of a baseline needs a key `reason`
            silence[0]: there is no lint `no.such`
            silence[0]: `2026-13-01` is not a date (YYYY-MM-DD)
        "#]],
    );
    wrong("{", &expect![["line 1: it is no JSON\n"]]);
    wrong(
        &format!("{BASELINE}{BASELINE}"),
        &expect![["line 8: `expiry.never` in `management/ci` is silenced twice\n"]],
    );
}

#[test]
fn rows_and_json() {
    let report = report(BASELINE, "2026-11-21T00:00:00Z");
    let rows: Vec<_> = report.rows().collect();
    assert_eq!(rows[0][..3], ["warning", "scope.all_branches", "management/ci"]);
    // As values: the order of keys depends on a feature of serde_json that other crates may turn on.
    let expected: serde_json::Value = serde_json::from_str(
        r#"
        {
          "findings": [
            {
              "fix": "name the branches that it needs",
              "id": "scope.all_branches",
              "origin": {
                "file": "tokens/shop.toml",
                "line": 7
              },
              "reason": "all branches are granted",
              "severity": "warning",
              "subject": "management/ci"
            }
          ],
          "schema": 1,
          "silenced": [
            {
              "fix": "set an expiry date and rotate the token before it",
              "id": "expiry.never",
              "origin": {
                "file": "tokens/shop.toml",
                "line": 7
              },
              "reason": "it has no expiry date",
              "severity": "warning",
              "silenced": {
                "reason": "moves to short-lived tokens in spring",
                "until": "2026-11-21"
              },
              "subject": "management/ci"
            }
          ],
          "summary": {
            "error": 0,
            "note": 0,
            "silenced": 1,
            "warning": 1
          }
        }"#,
    )
    .unwrap();
    assert_eq!(report.to_json(), expected);
}

#[test]
fn sarif() {
    let sarif = report(BASELINE, "2026-11-21T00:00:00Z").to_sarif();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), LINTS.len());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "tokens/shop.toml");
        assert_eq!(place["region"]["startLine"], 7);
    }
    assert!(results[0].get("suppressions").is_none());
    assert_eq!(results[1]["suppressions"][0]["status"], "accepted");
    assert_eq!(results[0]["partialFingerprints"]["finding/v2"], "|scope.all_branches|management/ci|");
}

#[test]
fn no_two_findings_have_one_fingerprint() {
    let profile = Profile::seeds();
    let draft = sound("ci")
        .module(cs_model::ModuleId::Stack, cs_model::Access::Read)
        .module(cs_model::ModuleId::Organization, cs_model::Access::Read)
        .branches(Grant::only(["*", "$all"]))
        .aliases(Grant::only(["*"]));
    let findings = lint::check(&Token::from(&draft), &[], &Options::new(&profile, now()));
    let fingerprints = |stack: &str| -> Vec<String> {
        let report = Report::new(findings.clone(), &Baseline::default(), now()).of_stack(stack);
        let sarif = report.to_sarif();
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        results
            .map(|result| result["partialFingerprints"]["finding/v2"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut all = fingerprints("blt1");
    assert_eq!(all, fingerprints("blt1"));
    assert_eq!(all.len(), 5);
    assert_eq!(all[0], "blt1|scope.no_effect|management/ci|organization");
    // The same token in another stack.
    all.extend(fingerprints("blt2"));
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 10);
}
