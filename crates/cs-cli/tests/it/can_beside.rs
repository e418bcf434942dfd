//! `cstok can`: what is said beside the verdict.

use std::collections::BTreeSet;

use crate::home::Home;

#[test]
fn what_is_left_out_of_a_role_is_in_the_document_too() {
    let home = Home::new();
    home.write(
        "role.json",
        r#"{"rules": [
            {"module": "content_type", "content_types": ["$all"], "acl": {"read": true, "sub_acl": {"read": true}}},
            {"module": "asset", "assets": ["blt1"], "acl": {"read": true}},
            {"module": "locale", "locales": ["en-us"], "acl": {"read": true}}
        ]}"#,
    );
    let line = "--as authtoken --role-rules role.json";
    let document = home.json(&format!("can GET /v3/content_types/blog/entries {line}"));
    // The parser sorts them or keeps their order, as other crates of the build ask it to.
    let keys: BTreeSet<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["schema", "verdict", "route", "rules", "fix", "warnings"]));
    let said: Vec<_> =
        document["warnings"].as_array().unwrap().iter().map(|warning| &warning["says"]).collect();
    assert_eq!(said.len(), 2);
    assert!(
        said[0].as_str().unwrap().starts_with("role.json: rule 2 (`asset`) is for some items"),
        "{said:?}"
    );
    assert!(said[1].as_str().unwrap().starts_with("role.json: rule 3 (`locale`)"), "{said:?}");
    assert_eq!(document["warnings"][0]["id"], "role_rules");
    assert_eq!(document["warnings"][0]["effect"], "warning");
    let matrix = home.json(&format!("can --list {line}"));
    assert_eq!(matrix["warnings"], document["warnings"]);
    let whole = home.json("can --list --as authtoken");
    assert_eq!(whole["warnings"], serde_json::json!([]));
}

#[test]
fn what_is_forbidden_whatever_the_route_is_said_of_an_unknown_one() {
    let home = Home::new();
    let line = "can POST /v3/content_types/x/entries --api cda --as delivery --environments production";
    let ran = home.run(line);
    ran.expect(3)
        .says("unmapped")
        .says("because: The route table")
        .says("\n  also: A delivery token is read-only");
    let document = home.run(&format!("{line} --json")).document();
    let rules: Vec<_> = document["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert_eq!(rules, ["any.unmapped", "delivery.read_only"]);
    assert_eq!(document["verdict"], "unmapped");
    home.run("can GET /nowhere --as delivery --api cda").expect(3).says_not("\n  also:");
    home.run("can GET /v3/assets --as delivery --api cda").says_not("\n  also:");
}

/// The ids of the warnings of a document.
fn warned(document: &serde_json::Value) -> Vec<String> {
    let warnings = document["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_contradiction_is_told_with_the_reading_of_the_profile() {
    let home = Home::new();
    let line = "can POST /v3/stacks/branches --as management --scope $all:rw";
    home.run(line).expect(3).says(
        "    May a management token create and delete branches, and assign and delete aliases? Profile `seeds`: no. \
         In every sample of the reference a token gets the right to read branches and no other",
    );
    let document = home.run(&format!("{line} --json")).document();
    let rule = |id: &str| {
        let rules = document["rules"].as_array().unwrap();
        rules.iter().find(|rule| rule["id"] == id).unwrap().clone()
    };
    let reading = &rule("management.branch_writes")["reading"];
    assert_eq!(reading["contradiction"], "branch_write_management_token");
    assert_eq!(reading["client"], "deny");
    assert_eq!(reading["profile"], "seeds");
    assert!(reading["why"].as_str().unwrap().starts_with("In every sample"));
    assert!(rule("management.not_documented").get("reading").is_none());
    // The pages that let it stand beside those that do not.
    let sources = rule("management.branch_writes")["sources"].to_string();
    for page in ["seed 002", "seed 003", "seed 004", "OA1", "OA3"] {
        assert!(sources.contains(page), "{sources}");
    }
}

#[test]
fn a_scope_that_no_page_shows_is_told() {
    let home = Home::new();
    let document = home.json("can POST /v3/bulk/publish --as management --scope bulk:rw");
    assert_eq!(document["verdict"], "allow");
    assert_eq!(warned(&document), ["management.scope_name_unknown"]);
    let document = home.json("can GET /v3/content_types --as authtoken --role owner --idp-login");
    assert_eq!(warned(&document), ["authtoken.identity_provider_user"]);
}

#[test]
fn options_about_a_body_that_the_request_does_not_have_are_told() {
    let home = Home::new();
    let line = "can GET /v3/assets --as management --scope asset:r --branches main";
    for option in ["--publish-request accept", "--stage-open-to-all", "--user-named", "--approvers"] {
        let name = option.split(' ').next().unwrap();
        home.run(&format!("{line} {option}"))
            .expect(0)
            .says(&format!("note: {name} changes nothing here: it is about requests that"));
        let document = home.json(&format!("{line} {option}"));
        assert_eq!(warned(&document), ["usage.no_concern"], "{option}");
    }
    let stage = "can POST /v3/content_types/a/entries/b/workflow --as authtoken --role owner";
    for line in [
        format!("{stage} --publish-request accept --stage-open-to-all --user-named"),
        "can POST /v3/workflows/publishing_rules --as authtoken --approvers".to_owned(),
    ] {
        home.run(&line).expect(0).says_not("changes nothing");
    }
    home.run("can GET /nowhere --as management --approvers").expect(3).says_not("changes nothing");
}

#[test]
fn what_a_source_does_not_show_is_null() {
    let home = Home::new();
    let document =
        home.json("can GET /v3/content_types --as management --scope content_type:r --branches main");
    let rules = document["rules"].as_array().unwrap().iter();
    let citations: Vec<_> = rules.flat_map(|rule| rule["citations"].as_array().unwrap()).collect();
    for key in ["date", "url"] {
        assert!(citations.iter().all(|citation| citation[key] != ""), "{key}");
        assert!(citations.iter().any(|citation| citation[key].is_string()), "{key}");
    }
    assert!(citations.iter().any(|citation| citation["date"].is_null()));
}

#[test]
fn changes_that_all_are_needed_stand_under_one_head() {
    let home = Home::new();
    let line = "can GET /v3/content_types/blog/entries --as management --scope asset:r --branches main --branch next";
    home.run(line)
        .expect(3)
        .says("  fix, all of:\n    add `entry:read` to the token's scope\n    grant branch `next`\n");
}
