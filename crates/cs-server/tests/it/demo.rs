//! The demo stack.

use cs_server::demo;
use serde_json::Value;

use crate::stage::Stage;

fn names(answer: &Value, list: &str, field: &str) -> Vec<String> {
    let items = answer[list].as_array().unwrap();
    let mut names: Vec<_> = items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn it_has_what_the_readme_says() {
    let stage = Stage::new();
    assert_eq!(names(&stage.get("/v3/stacks/branches").ok(), "branches", "uid"), ["development", "main"]);
    assert_eq!(
        names(&stage.get("/v3/stacks/branch_aliases").ok(), "branch_aliases", "alias"),
        ["deploy", "release"]
    );
    assert_eq!(names(&stage.get("/v3/environments").ok(), "environments", "name"), ["production", "staging"]);
    assert_eq!(names(&stage.get("/v3/stacks/delivery_tokens").ok(), "tokens", "name"), [""; 0]);
    let login = stage.log_in(demo::EMAIL, demo::PASSWORD).ok();
    assert_eq!(login["user"]["org_uid"][0], stage.demo.organization_uid);
}

#[test]
fn it_is_made_once_and_mended() {
    let stage = Stage::new();
    assert_eq!(demo::ensure(&stage.service, stage.now()).unwrap(), stage.demo);
    stage.ask("DELETE", "/v3/environments/staging", &Value::Null).ok();
    demo::ensure(&stage.service, stage.now()).unwrap();
    assert_eq!(names(&stage.get("/v3/environments").ok(), "environments", "name"), ["production", "staging"]);
}
