//! Branches and aliases.

use serde_json::{Value, json};

use crate::stage::Stage;

fn branch(stage: &Stage, uid: &str, source: &str) -> crate::stage::Answer {
    stage.ask("POST", "/v3/stacks/branches", &json!({ "branch": { "uid": uid, "source": source } }))
}

#[test]
fn made_and_deleted() {
    let stage = Stage::new();
    assert_eq!(branch(&stage, "feature", "main").status, 201);
    let read = stage.get("/v3/stacks/branches/feature").ok();
    assert_eq!(read["branch"]["source"], "main");
    branch(&stage, "feature", "main").is(422, 910);
    branch(&stage, "deploy", "main").is(422, 910);
    branch(&stage, "sixteen-letters-", "main").is(422, 903);
    branch(&stage, "other", "nosuch").is(422, 903);
    for wrong in ["", "..", "a/b", "a b"] {
        branch(&stage, wrong, "main").is(422, 141);
    }
    stage.ask("DELETE", "/v3/stacks/branches/feature?force=true", &Value::Null).ok();
    stage.ask("DELETE", "/v3/stacks/branches/feature", &Value::Null).is(422, 905);
    stage.ask("DELETE", "/v3/stacks/branches/main", &Value::Null).is(422, 909);
    stage.get("/v3/stacks/branches/feature").is(422, 900);
}

#[test]
fn five_at_most() {
    let stage = Stage::new();
    for uid in ["a", "b", "c"] {
        branch(&stage, uid, "main").ok();
    }
    branch(&stage, "d", "main").is(422, 141);
}

#[test]
fn aliases_are_assigned_moved_and_removed() {
    let stage = Stage::new();
    let put = |uid: &str, target: &str| {
        let body = json!({ "branch_alias": { "target_branch": target } });
        stage.ask("PUT", &format!("/v3/stacks/branch_aliases/{uid}"), &body)
    };
    put("next", "development").ok();
    let read = stage.get("/v3/stacks/branch_aliases/next").ok();
    assert_eq!(read["branch_alias"]["alias"], "next");
    assert_eq!(read["branch_alias"]["target_branch"], "development");
    stage.ask("DELETE", "/v3/stacks/branches/development", &Value::Null).is(422, 909);
    put("next", "main").ok();
    stage.ask("DELETE", "/v3/stacks/branches/development", &Value::Null).ok();
    put("next", "nosuch").is(422, 141);
    put("main", "main").is(422, 141);
    stage.ask("DELETE", "/v3/stacks/branch_aliases/next?force=true", &Value::Null).ok();
    stage.get("/v3/stacks/branch_aliases/next").is(422, 900);
}

#[test]
fn the_branches_of_a_stack_know_their_aliases() {
    let stage = Stage::new();
    let main = stage.get("/v3/stacks/branches/main").ok();
    assert_eq!(main["branch"]["alias"], json!([{ "uid": "deploy" }, { "uid": "release" }]));
}
