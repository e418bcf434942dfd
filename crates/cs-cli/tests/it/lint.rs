//! `cstok lint`

use serde_json::Value;

use crate::files::{delivery, management};
use crate::home::Home;

const RISKY: &str = r#"
[[management]]
name = "ci"
scope = { "$all" = "rw" }
branches = "all"
sink = { env_file = ".env", variable = "CI" }

[[management]]
name = "soon"
scope = { entry = "r" }
branches = ["main"]
expires_on = "2026-12-10"
notify = true
sink = { env_file = ".env", variable = "SOON" }
"#;

fn ids(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| {
            format!("{} {}", finding["id"].as_str().unwrap(), finding["subject"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn a_file_is_linted_without_a_target() {
    let home = Home::new();
    home.write("shop.toml", RISKY);
    let line = "lint shop.toml --now 2026-11-21";
    let ran = home.run(line);
    ran.expect(3).says("scope.all_write").says("shop.toml:2").says("management/ci").says_not("target:");
    assert!(ran.out.lines().all(|text| text.chars().count() <= 100), "{}", ran.out);
    let ran = home.run(&format!("{line} --json"));
    ran.expect(3);
    assert_eq!(
        ids(&ran.document()),
        ["expiry.never management/ci", "scope.all_write management/ci", "scope.all_branches management/ci"]
    );
    assert_eq!(ran.document()["findings"][0]["origin"]["line"], 2);
    let within = home.run(&format!("{line} --within 30 --format json"));
    assert!(ids(&within.document()).contains(&"expiry.soon management/soon".to_owned()));
    let sarif: Value = serde_json::from_str(&home.run(&format!("{line} --format sarif")).out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    home.run(&format!("{line} --format sarif --json")).expect(2);
}

#[test]
fn nothing_found_is_0() {
    let home = Home::new();
    home.write(
        "shop.toml",
        &management("ci").replace("sink", "expires_on = \"2027-06-30\"\nnotify = true\nsink"),
    );
    home.run("lint shop.toml --now 2026-11-21").expect(0).says("nothing found");
    let document = home.json("lint shop.toml --now 2026-11-21");
    assert!(ids(&document).is_empty());
}

#[test]
fn tokens_as_the_api_answers_them() {
    let home = Home::new();
    let management = |uid: &str, name: &str| {
        format!(
            r#"{{"name": "{name}", "uid": "{uid}", "expires_on": "2026-12-01", "is_email_notification_enabled": true,
  "scope": [{{"module": "$all", "acl": {{"read": true, "write": true}}}}, {{"module": "branch", "branches": ["main"], "acl": {{"read": true}}}}]}}"#
        )
    };
    let (first, second) =
        (management("blt0000000000000001", "ci"), management("blt0000000000000002", "deploy"));
    let forms = [
        ("one.json", format!("{{\"token\": {first}}}"), 2),
        ("bare.json", first.clone(), 2),
        ("many.json", format!("{{\"tokens\": [\n{first},\n{second}\n]}}"), 6),
        ("list.json", format!("[\n{first},\n{second}\n]"), 6),
    ];
    for (file, text, count) in forms {
        home.write(file, &text);
        // The place of the token is told, and its neighbours in the file count.
        let ran = home.run(&format!("lint {file} --now 2026-11-28 --json"));
        ran.expect(3);
        let found = ids(&ran.document());
        assert_eq!(found.len(), count, "{file}: {found:?}");
        assert!(found.contains(&"scope.all_write management/ci".to_owned()), "{file}: {found:?}");
        assert!(found.contains(&"expiry.soon management/ci".to_owned()), "{file}: {found:?}");
        let same = found.contains(&"token.same_scope management/deploy".to_owned());
        assert_eq!(same, count > 2, "{file}: {found:?}");
        home.run_with_input("lint - --now 2026-11-28", &text).expect(3).says("stdin:");
    }
    home.run("lint many.json --now 2026-11-28").expect(3).says("many.json:2").says("many.json:4");
    home.write("wrong.json", "{\"tokens\": [{\"name\": 1, \"expires_on\": null}]}");
    home.run("lint wrong.json").expect(4).says("wrong.json:1");
    // A list of tables in TOML begins like a list in JSON.
    home.run_with_input("lint - --now 2026-11-21", RISKY).expect(3).says("stdin:2");
}

#[test]
fn a_baseline_silences_for_a_time() {
    let home = Home::new();
    home.write("shop.toml", RISKY);
    home.write(
        "baseline.toml",
        "[[silence]]\nlint = 'expiry.never'\nsubject = 'management/ci'\nreason = 'until spring'\nuntil = 2027-03-31\n\
         [[silence]]\nlint = 'scope.all_write'\nsubject = 'management/gone'\nreason = 'was there'\nuntil = 2027-03-31\n",
    );
    let line = "lint shop.toml --baseline baseline.toml --json --now";
    let ran = home.run(&format!("{line} 2026-11-21"));
    ran.expect(3).says("1 finding silenced");
    assert_eq!(ran.document()["silenced"].as_array().unwrap().len(), 1);
    let found = ids(&ran.document());
    assert!(!found.contains(&"expiry.never management/ci".to_owned()), "{found:?}");
    assert!(found.iter().any(|id| id.starts_with("baseline.unused")), "{found:?}");
    let later = ids(&home.run(&format!("{line} 2027-04-01")).document());
    assert!(later.iter().any(|id| id.starts_with("baseline.expired")), "{later:?}");
    assert!(later.contains(&"expiry.never management/ci".to_owned()), "{later:?}");
}

#[test]
fn wrong_files_are_told_all_at_once() {
    let home = Home::new();
    home.write("shop.toml", RISKY);
    home.write("baseline.toml", "[[silence]]\nlint = 'no.such'\n\n[[silense]]\n");
    let ran = home.run("lint shop.toml --baseline baseline.toml --format json");
    ran.expect(4).says("baseline.toml:1: error[baseline]").says("baseline.toml:4: error[baseline]");
    assert!(ran.rules().len() >= 5, "{:?}", ran.rules());
    home.write("shop.toml", "[[delivery]]\nname = \"a\"\nenviroments = [\"x\"]\n");
    let both = home.run("lint shop.toml --baseline baseline.toml");
    both.expect(4).says("shop.toml:3:1").says("baseline.toml:4");
    let ran = home.run("lint shop.toml --json");
    ran.expect(4).says("did you mean `environments`?").says("shop.toml:3:1");
    assert!(ran.rules().len() >= 2);
    home.run_with_input("lint - --now 2026-11-21", RISKY).expect(3).says("stdin:2");
    home.run("lint nothing.toml").expect(4).says("nothing.toml");
    home.run("lint --within soon").expect(2);
}

#[test]
fn the_tokens_of_the_target() {
    let home = Home::new();
    home.run("lint").expect(0).says("nothing found").says("target: local");
    home.write("shop.toml", RISKY);
    home.run("apply shop.toml").expect(0);
    let ran = home.run("lint --json");
    ran.expect(3);
    let found = ids(&ran.document());
    assert!(found.contains(&"scope.all_write management/ci".to_owned()), "{found:?}");
    let old = ids(&home.run("lint --json --access-token --stack-created 2019-01-01").document());
    assert!(old.contains(&"access_token.in_use access".to_owned()), "{old:?}");
}

#[test]
fn a_file_beside_the_tokens_of_the_target() {
    let home = Home::new();
    home.write("there.toml", &management("there"));
    home.run("apply there.toml").expect(0);
    home.write("shop.toml", &(management("new") + &delivery("shop", "[\"production\"]")));
    let alone = ids(&home.run("lint shop.toml --json").document());
    assert!(!alone.contains(&"token.same_scope management/new".to_owned()), "{alone:?}");
    let beside = ids(&home.run("lint shop.toml --target local --json").document());
    assert!(beside.contains(&"token.same_scope management/new".to_owned()), "{beside:?}");
    assert!(beside.iter().all(|id| !id.ends_with("management/there")), "{beside:?}");
}

#[test]
fn production_has_a_name() {
    let home = Home::new();
    home.write("shop.toml", &delivery("shop", "[\"www\", \"staging\"]"));
    let line = "lint shop.toml --json --profile documented-2026";
    let usual = ids(&home.run(line).document());
    assert!(!usual.iter().any(|id| id.starts_with("scope.production_mixed")), "{usual:?}");
    let named = ids(&home.run(&format!("{line} --production www")).document());
    assert!(named.iter().any(|id| id.starts_with("scope.production_mixed")), "{named:?}");
}

#[test]
fn places_for_a_rotation() {
    let home = Home::new();
    let token = |number: usize| {
        serde_json::json!({ "name": format!("ci-{number}"), "uid": format!("blt{number:016}"), "scope": [
            { "module": "entry", "acl": { "read": true } },
            { "module": "branch", "branches": [format!("b{number}")], "acl": { "read": true } },
        ] })
    };
    let tokens: Vec<_> = (0..9).map(token).collect();
    home.write("nine.json", &serde_json::json!({ "tokens": tokens }).to_string());
    let found = |slots: &str| {
        let ran = home.run(&format!("lint nine.json --now 2026-11-21 --json {slots}"));
        ids(&ran.document()).contains(&"rotation.no_headroom management".to_owned())
    };
    // One place is free, and a rotation takes one.
    assert!(!found(""));
    assert!(!found("--rotation-slots 1"));
    assert!(found("--rotation-slots 2"));
}
