//! `cstok can`: what is said beside the verdict.

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
    let keys: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    // As the parser sorts them.
    assert_eq!(keys, ["fix", "route", "rules", "schema", "verdict", "warnings"]);
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
