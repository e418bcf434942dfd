//! `cstok can`

use crate::home::Home;

#[test]
fn an_allow_exits_with_0_and_a_refusal_with_3() {
    let home = Home::new();
    let entries = "can GET /v3/content_types/blog/entries --as management --branches main";
    home.run(&format!("{entries} --scope entry:r")).expect(0).says("allowed");
    home.run(&format!("{entries} --scope asset:r")).expect(3).says("not granted").says("fix:");
    home.run("can GET /v3/user --as delivery").expect(3).says("forbidden");
    home.run("can GET /v3/no/such/route --as authtoken --role owner").expect(3).says("unmapped");
}

#[test]
fn the_document_has_what_scripts_need() {
    let home = Home::new();
    let ran =
        home.run("can POST /v3/stacks/delivery_tokens --as management --scope $all:rw --all-branches --json");
    ran.expect(3);
    let document = ran.document();
    assert_eq!(document["verdict"], "forbidden");
    assert_eq!(document["route"]["method"], "POST");
    assert_eq!(document["route"]["path"], "/v3/stacks/delivery_tokens");
    assert!(document["route"]["module"].is_string() && document["route"]["action"].is_string());
    let rules = document["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        assert!(rule["id"].is_string() && rule["says"].is_string());
        assert!(!rule["sources"].as_array().unwrap().is_empty(), "{rule}");
    }
    assert!(document["fix"].is_array() && document["warnings"].is_array());
    let unmapped = home.run("can GET /nowhere --as anonymous --json").document();
    assert!(unmapped["route"].is_null());
}

#[test]
fn time_is_an_argument() {
    let home = Home::new();
    let line = "can GET /v3/content_types --as management --scope content_type:r --branches main --expires 2027-01-31";
    home.run(&format!("{line} --now 2027-01-30T23:00:00Z")).expect(0);
    home.run(&format!("{line} --now 2027-02-02")).expect(3);
}

#[test]
fn facts_of_users_count() {
    let home = Home::new();
    let line = "can POST /v3/stacks/delivery_tokens --as authtoken --role";
    home.run(&format!("{line} owner")).expect(0);
    home.run(&format!("{line} content-manager")).expect(3);
    home.run(&format!("{line} boss")).expect(2).says("possible values");
}

#[test]
fn what_cannot_be_read_is_a_usage_error() {
    let home = Home::new();
    home.run("can GET /v3/user --as robot").expect(2);
    home.run("can GET /v3/user --as management --scope entry").expect(2).says("entry:rw");
    home.run("can GET /v3/user --as management --expires soon").expect(2);
    home.run("can GET /v3/user --as management --profile nope").expect(2).says("documented-2026");
}
