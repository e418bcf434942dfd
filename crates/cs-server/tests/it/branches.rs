//! Branches and aliases.

use serde_json::{Value, json};

use crate::stage::{DELIVERY, MANAGEMENT, Stage, delivery, management, rw, with};

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
    for wrong in ["", "..", "a/b", "a b", "-", "--"] {
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
    put("Next", "main").is(422, 141);
    stage.ask("DELETE", "/v3/stacks/branch_aliases/next?force=true", &Value::Null).ok();
    stage.get("/v3/stacks/branch_aliases/next").is(422, 900);
}

#[test]
fn the_branches_of_a_stack_know_their_aliases() {
    let stage = Stage::new();
    let main = stage.get("/v3/stacks/branches/main").ok();
    assert_eq!(main["branch"]["alias"], json!([{ "uid": "deploy" }, { "uid": "release" }]));
}

/// A token reaches what was meant when it was made, and nothing of the same name that comes later.
#[test]
fn what_is_deleted_leaves_the_scopes_of_tokens() {
    let stage = Stage::new();
    let scope = |module: Value| {
        json!([
            module,
            { "module": "branch", "branches": ["feature", "main"], "acl": { "read": true } },
            { "module": "branch_alias", "branch_aliases": ["next"], "acl": { "read": true } },
        ])
    };
    let alias = json!({ "branch_alias": { "target_branch": "main" } });
    branch(&stage, "feature", "main").ok();
    stage.ask("PUT", "/v3/stacks/branch_aliases/next", &alias).ok();
    let body = with(management("ci", &[]), "scope", scope(json!({ "module": "content_type", "acl": rw() })));
    let made = stage.ask("POST", MANAGEMENT, &body).ok()["token"].clone();
    let environment =
        json!({ "module": "environment", "environments": ["production"], "acl": { "read": true } });
    let site = stage.ask("POST", DELIVERY, &with(delivery("site"), "scope", scope(environment))).ok();
    let ask = |name: &str| {
        let value = made["token"].as_str().unwrap();
        let headers = [("api_key", stage.api_key()), ("authorization", value), ("branch", name)];
        stage.send("GET", "/v3/content_types", &headers, &Value::Null)
    };
    ask("feature").ok();
    ask("next").ok();
    stage.ask("DELETE", "/v3/stacks/branches/feature", &Value::Null).ok();
    stage.ask("DELETE", "/v3/stacks/branch_aliases/next", &Value::Null).ok();
    ask("feature").is(422, 900);
    branch(&stage, "feature", "main").ok();
    stage.ask("PUT", "/v3/stacks/branch_aliases/next", &alias).ok();
    ask("feature").is(422, 901);
    ask("next").is(422, 901);
    ask("main").ok();
    for (path, token) in [(MANAGEMENT, &made), (DELIVERY, &site["token"])] {
        let read = stage.get(&format!("{path}/{}", token["uid"].as_str().unwrap())).ok()["token"].clone();
        assert_eq!(read["scope"][1]["branches"], json!(["main"]));
        assert_eq!(read["scope"][2]["branch_aliases"], json!([]));
        assert_eq!(read["name"], token["name"]);
    }
}

/// The last branch of a token may go, and then it reaches none, not all.
#[test]
fn a_token_without_a_branch_reaches_nothing() {
    let stage = Stage::new();
    let scope = json!([
        { "module": "content_type", "acl": rw() },
        { "module": "branch", "branches": ["development"], "acl": { "read": true } },
    ]);
    let made = stage.ask("POST", MANAGEMENT, &with(management("ci", &[]), "scope", scope)).ok();
    let value = made["token"]["token"].as_str().unwrap();
    stage.ask("DELETE", "/v3/stacks/branches/development", &Value::Null).ok();
    stage.by_token(value, "GET", "/v3/content_types", &Value::Null).is(422, 901);
    branch(&stage, "development", "main").ok();
    let headers = [("api_key", stage.api_key()), ("authorization", value), ("branch", "development")];
    stage.send("GET", "/v3/content_types", &headers, &Value::Null).is(422, 901);
}

/// "Deletes an existing branch and all the content within it"; a new one begins with that of its source, and with nothing
/// published.
#[test]
fn content_goes_with_its_branch() {
    let stage = Stage::new();
    let on = |method: &str, branch: &str, path: &str, body: &Value| {
        let headers = [("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()), ("branch", branch)];
        stage.send(method, path, &headers, body)
    };
    let blog = json!({ "content_type": { "title": "Blog", "uid": "blog", "schema": [
        { "display_name": "Title", "uid": "title", "data_type": "text", "mandatory": true, "unique": true },
    ] } });
    on("POST", "main", "/v3/content_types", &blog).ok();
    on("GET", "development", "/v3/content_types/blog", &Value::Null).is(422, 118);
    branch(&stage, "feature", "main").ok();
    on("GET", "feature", "/v3/content_types/blog", &Value::Null).ok();
    on("DELETE", "feature", "/v3/content_types/blog", &Value::Null).ok();
    on("GET", "main", "/v3/content_types/blog", &Value::Null).ok();
    let page = json!({ "content_type": { "title": "Page", "uid": "page", "schema": blog["content_type"]["schema"] } });
    on("POST", "feature", "/v3/content_types", &page).ok();
    stage.ask("DELETE", "/v3/stacks/branches/feature", &Value::Null).ok();
    branch(&stage, "feature", "development").ok();
    on("GET", "feature", "/v3/content_types/page", &Value::Null).is(422, 118);
}
