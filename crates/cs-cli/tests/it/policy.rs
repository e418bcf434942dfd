//! `cstok policy`

use serde_json::Value;

use crate::home::Home;

/// The file that ships with the policy: what the vendor's pages claim, written by hand.
const CLAIMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds.toml");

#[test]
fn the_claims_of_the_pages_hold() {
    let home = Home::new();
    let ran = home.run(&format!("policy test {CLAIMS}"));
    ran.expect(0).says("passed: ").says("profile `seeds`");
    let document = home.json(&format!("policy test {CLAIMS}"));
    assert_eq!(document["passed"], true);
    assert!(document["tests"].as_u64().unwrap() > 50);
    assert!(document["failures"].as_array().unwrap().is_empty());
}

const EXPECTATIONS: &str = r#"
[principals.importer]
kind = "management"
scope = "entry:rw"
branches = ["main"]
expires = "2027-01-31"

[[test]]
id = "the importer"
cases = [
    { as = "importer", request = "POST /v3/content_types/page/entries", expect = "allow" },
    { as = "importer", request = "GET /v3/assets", expect = "VERDICT" },
    { as = "importer", request = "access_token:reset", expect = "forbidden" },
]
"#;

#[test]
fn a_failing_expectation_is_shown_as_a_diff() {
    let home = Home::new();
    home.write("good.toml", &EXPECTATIONS.replace("VERDICT", "not_granted"));
    home.write("bad.toml", &EXPECTATIONS.replace("VERDICT", "allow"));
    home.run("policy test good.toml --now 2026-11-21").expect(0).says("passed: 3 checks in 1 test");
    let ran = home.run("policy test bad.toml --now 2026-11-21");
    ran.expect(3)
        .says("bad.toml:12: the importer")
        .says("  - allow")
        .says("  + not_granted")
        .says("failed: 1 of 3");
    let ran = home.run("policy test bad.toml --now 2026-11-21 --json");
    ran.expect(3);
    let document = ran.document();
    assert_eq!(document["passed"], false);
    assert_eq!(document["failures"][0]["line"], 12);
    // Time is an argument: the token has ended then.
    home.run("policy test good.toml --now 2027-02-02").expect(3);
}

#[test]
fn a_wrong_file_is_told_all_at_once() {
    let home = Home::new();
    home.write("wrong.toml", &EXPECTATIONS.replace("VERDICT", "maybe").replace("kind", "knd"));
    let ran = home.run("policy test wrong.toml --json");
    ran.expect(4).says("wrong.toml:12: error[policy_test]");
    assert!(ran.rules().len() >= 2, "{:?}", ran.rules());
    home.write("wrong.toml", "[[test]\n");
    home.run("policy test wrong.toml").expect(4).says("wrong.toml:1");
    home.run("policy test nothing.toml").expect(4).says("nothing.toml");
}

#[test]
fn exports() {
    let home = Home::new();
    home.run("policy export --format md").expect(0).says("# Who may do what");
    let ran = home.run("policy export --format json");
    ran.expect(0);
    assert_eq!(ran.document()["profile"], "seeds");
    home.run("policy export --format cedar").expect(0).says("permit").says("management.tokens_module");
    home.run("policy export --format cedar --part schema").expect(0).says("entity");
    let (duck, postgres) = (
        home.run("policy export --format sql").out,
        home.run("policy export --format sql --dialect postgresql").out,
    );
    assert!(duck.contains("CREATE VIEW cs_verdict") && postgres.contains("CREATE VIEW cs_verdict"));
    assert_ne!(duck, postgres);
    assert_eq!(duck, home.run("policy export --format sql --dialect duckdb").out);
    assert_ne!(duck, home.run("policy export --format sql --profile documented-2026").out);
    for format in ["md", "html", "json", "cedar", "sql"] {
        home.json(&format!("policy export --format {format}"));
    }
    let page = home.run("policy export --format html --profile live").out;
    assert!(page.starts_with("<!doctype html>") && page.contains("<code>live</code>"));
    assert_eq!(home.json("policy export --format html --profile live")["text"], page);
    let cedar = home.json("policy export --format cedar");
    assert!(cedar["cedar_schema"].is_string() && cedar["policies"].is_string());
    home.run("policy export").expect(2).says("--format");
    home.run("policy export --format md --dialect duckdb").expect(2);
    home.run("policy export --format md --part schema").expect(2);
    home.run("policy export --format xml").expect(2).says("possible values");
}

#[test]
fn rules_lints_and_contradictions_are_shown() {
    let home = Home::new();
    let ran = home.run("policy show management.tokens_module");
    ran.expect(0).says("(forbid)").says("seed 001").says("management: POST /v3/stacks/delivery_tokens");
    let rule = home.json("policy show management.tokens_module")["rule"].clone();
    assert_eq!(rule["effect"], "forbid");
    assert_eq!(rule["kinds"], Value::from(vec!["management"]));
    home.run("policy show scope.all_write").expect(0).says("(warning)");
    let row = home.json("policy show developer_management_tokens --profile documented-2026")["contradiction"]
        .clone();
    assert_eq!(row["profile"], "documented-2026");
    assert!(row["claims"].as_array().unwrap().len() > 1);
    let ran = home.run("policy show tokens_module --json");
    ran.expect(4).says("`management.tokens_module`");
    assert_eq!(ran.document()["error"]["code"], "rule.unknown");
}

#[test]
fn sources_and_operations_are_shown() {
    let home = Home::new();
    home.run("policy show OA3").expect(0).says("(source)").says("Content Management API, OpenAPI 3.0.0");
    let source = home.json("policy show CLIP")["source"].clone();
    assert_eq!(source["title"], "Contentstack CLI plugins");
    assert!(source["rules"].as_array().unwrap().contains(&"branches.limits".into()), "{source}");
    let operation = home.json("policy show access_token:reset")["operation"].clone();
    assert!(operation["rules"].as_array().unwrap().contains(&"authtoken.access_token_reset".into()));
    assert_eq!(operation["citations"][0]["title"], "Types of Tokens");
    home.run("policy show OA4").expect(4);
}

#[test]
fn claims_are_shown_with_what_carries_them() {
    let home = Home::new();
    home.run("policy show 001.delivery.limit.drafts")
        .expect(0)
        .says("(claim)")
        .says("It cannot fetch unpublished or draft content.")
        .says("Delivery Tokens")
        .says("carried by")
        .says("rule:delivery.no_drafts")
        .says("a_delivery_token_reads_no_drafts");
    let claim = home.json("policy show 001.delivery.limit.drafts")["claim"].clone();
    assert_eq!(claim["sources"], Value::from(vec!["seed 001, \"Delivery Tokens\""]));
    assert!(!claim["tests"].as_array().unwrap().is_empty());
    // The rule names its claims, and each page has some.
    let rule = home.json("policy show delivery.no_drafts")["rule"].clone();
    assert!(rule["claims"].as_array().unwrap().contains(&"001.delivery.limit.drafts".into()), "{rule}");
    let page = home.run_args(["policy", "show", "seed 001", "--json"]).document()["source"].clone();
    assert!(page["claims"].as_array().unwrap().len() > 10);
    for id in page["claims"].as_array().unwrap() {
        home.json(&format!("policy show {}", id.as_str().unwrap()));
    }
}

#[test]
fn what_errors_name_can_be_looked_up() {
    let home = Home::new();
    let row = home.json("policy show environments.too_many")["violation"].clone();
    assert_eq!((&row["level"], &row["id"]), (&"error".into(), &"environments.too_many".into()));
    home.run("policy show name.taken").expect(0).says("found by checks").says("choose another name");
    let errors = home.json("policy show 105")["errors"].clone();
    let ids: Vec<&str> = errors.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"authtoken_invalid") && ids.contains(&"management_token_expired"), "{ids:?}");
    home.run("policy show authtoken_invalid").expect(0).says("105").says("401");
    assert_eq!(home.json("policy show entry_variant")["module"]["granted_by"], "entry");
    // Found by a check and by a lint.
    let both = home.json("policy show expiry.past");
    assert!(both["lint"].is_object() && both["violation"].is_object(), "{both}");
}

#[test]
fn all_ids_are_listed_and_each_can_be_shown() {
    let home = Home::new();
    let ids = home.json("policy show --list");
    for (kind, ids) in ids.as_object().unwrap().iter().filter(|(kind, _)| *kind != "schema") {
        for id in ids.as_array().unwrap().iter().step_by(7) {
            home.run_args(["policy", "show", id.as_str().unwrap()]).expect(0);
        }
        assert!(!ids.as_array().unwrap().is_empty(), "{kind}");
    }
    home.run("policy show --list").expect(0).says("management.tokens_module").says("name.taken");
    home.run("policy show").expect(2).says("--list");
}

#[test]
fn a_stranger_is_not_likened_to_anything() {
    let home = Home::new();
    home.run("policy show zzz").expect(4).says_not("`000.").says("policy show --list");
    let ran = home.run("can GET /v3/assets --as management --scope entri:r --branches main");
    ran.says("did you mean `entry`?").says_not("more").says("policy show --list");
}

#[test]
fn an_unknown_id_names_what_is_near() {
    let home = Home::new();
    for (wrong, near) in [
        ("001.delivery.limit.draft", "`001.delivery.limit.drafts`"),
        ("001.delivry.limit.drafts", "`001.delivery.limit.drafts`"),
        ("scope.all_wirte", "`scope.all_write`"),
        ("access_token:rest", "`access_token:reset`"),
        ("000", "`000.token`"),
    ] {
        home.run(&format!("policy show {wrong}"))
            .expect(4)
            .says(&format!("there is no rule, lint, violation, error, claim, contradiction, source, module or operation `{wrong}`"))
            .says(near);
    }
    assert_eq!(home.run("policy show what --json").expect(4).document()["error"]["code"], "rule.unknown");
}

#[test]
fn every_rule_can_be_shown() {
    let home = Home::new();
    let rules = home.json("policy export --format json")["rules"].as_array().unwrap().clone();
    assert!(rules.len() > 50);
    for rule in rules.iter().step_by(10) {
        let id = rule["id"].as_str().unwrap();
        assert_eq!(home.json(&format!("policy show {id}"))["rule"]["says"], rule["says"]);
    }
}
