//! Workflow stages of entries, by users.

use cs_model::Secret;
use cs_server::Role;
use serde_json::{Value, json};

use crate::content::{ENTRIES, content_type, stage};
use crate::stage::Stage;

fn to(stage: &str) -> Value {
    json!({ "workflow": { "workflow_stage": { "uid": stage, "comment": "because", "notify": false } } })
}

/// A workflow of the content type `page`: `draft`, then `review`, then `done`; nobody but Ada moves entries to `done`.
fn workflow(stage: &Stage, ada: &str) -> String {
    let open = json!({ "users": { "uids": ["$all"] }, "roles": { "uids": [] } });
    let stages = json!([
        { "uid": "draft", "name": "Draft", "SYS_ACL": open, "next_available_stages": ["review"] },
        { "uid": "review", "name": "Review", "SYS_ACL": open, "next_available_stages": ["$all"] },
        { "uid": "done", "name": "Done", "SYS_ACL": { "users": { "uids": [ada] }, "roles": { "uids": [] } } },
    ]);
    let body =
        json!({ "workflow": { "name": "Review", "content_types": ["page"], "workflow_stages": stages } });
    stage.ask("POST", "/v3/workflows", &body).ok()["workflow"]["uid"].as_str().unwrap().to_owned()
}

fn find(stage: &Stage, name: &str) -> (Secret, String) {
    let user = stage.user(name, Some(Role::Developer));
    (user, stage.service.admin(stage.now()).find_user(&format!("{name}@example.invalid")).unwrap())
}

#[test]
fn entries_move_where_stages_lead_and_let() {
    let stage = stage();
    stage.ask("POST", "/v3/content_types", &content_type("news")).ok();
    let ((ada, uid), (bob, _)) = (find(&stage, "ada"), find(&stage, "bob"));
    let workflow = workflow(&stage, &uid);
    let entry = stage.entry("page", &json!({ "title": "One" }));
    let path = format!("{ENTRIES}/{entry}/workflow");
    let staged = || stage.get(&format!("{ENTRIES}/{entry}?include_workflow=true")).ok()["entry"].clone();
    assert!(staged().get("_workflow").is_none());
    let wrong = stage.ask("POST", &path, &to("nosuch"));
    wrong.is(422, 141);
    assert_eq!(wrong.keys(), ["workflow.workflow_stage.uid"]);
    stage.ask("POST", &path, &json!({ "workflow": {} })).is(422, 141);
    stage.ask("POST", &path, &json!({})).is(400, 400);
    stage.by(&bob, "POST", &path, &to("draft")).ok();
    let entry_there = staged();
    assert_eq!(
        (&entry_there["_workflow"]["uid"], &entry_there["_workflow"]["comment"]),
        (&json!("draft"), &json!("because"))
    );
    assert_eq!(entry_there["_version"], 1, "the entry itself is as it was");
    // From `draft` to `review` only.
    stage.by(&ada, "POST", &path, &to("done")).is(422, 141);
    stage.by(&bob, "POST", &path, &to("review")).ok();
    stage.by(&bob, "POST", &path, &to("done")).is(403, 316);
    stage.by(&ada, "POST", &path, &to("done")).ok();
    assert_eq!(staged()["_workflow"]["uid"], "done");
    // Clients send back what they read, and change nothing by it; readers of published content do not see it.
    let whole = staged();
    stage.ask("PUT", &format!("{ENTRIES}/{entry}"), &json!({ "entry": whole })).ok();
    assert_eq!(staged()["_workflow"]["uid"], "done");
    stage.publish("publish", "page", &entry, "production").ok();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    let shown = stage.deliver(&token, &format!("{ENTRIES}/{entry}?environment=production")).ok();
    assert!(shown["entry"].get("_workflow").is_none());
    // Another content type has no workflow; neither has anything while it is switched off.
    let news = stage.entry("news", &json!({ "title": "Two" }));
    stage.ask("POST", &format!("/v3/content_types/news/entries/{news}/workflow"), &to("draft")).is(422, 141);
    stage.get(&format!("/v3/workflows/{workflow}/disable")).ok();
    assert_eq!(stage.get(&format!("/v3/workflows/{workflow}")).ok()["workflow"]["enabled"], false);
    stage.ask("POST", &path, &to("review")).is(422, 141);
    stage.get(&format!("/v3/workflows/{workflow}/enable")).ok();
    stage.ask("POST", &path, &to("review")).ok();
    stage.get("/v3/workflows/nosuch/enable").is(422, 141);
    stage.ask("POST", &format!("{ENTRIES}/nosuch/workflow"), &to("draft")).is(422, 141);
}
