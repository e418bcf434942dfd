//! The delivery API and the preview hosts: who reads what.

use cs_server::Admin;
use serde_json::{Value, json};

use crate::content::{ENTRIES, stage};
use crate::stage::{DELIVERY, Stage, delivery};

fn site(stage: &Stage) -> (String, String) {
    let path = format!("{DELIVERY}?create_with_preview_token=true");
    let token = stage.ask("POST", &path, &delivery("site")).ok()["token"].clone();
    let value = |key: &str| token[key].as_str().unwrap().to_owned();
    (value("token"), value("preview_token"))
}

/// "A read-only, environment-specific token"; "used to retrieve published content" (seed 001).
#[test]
fn a_delivery_token_reads_what_its_environment_shows() {
    let stage = stage();
    let (token, _) = site(&stage);
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let one = format!("{ENTRIES}/{uid}");
    stage.publish("publish", "page", &uid, "staging").ok();
    // Shown elsewhere is not shown here.
    stage.deliver(&token, &format!("{one}?environment=production")).is(422, 141);
    let list = stage.deliver(&token, &format!("{ENTRIES}?environment=production")).ok();
    assert_eq!(list["entries"], json!([]));
    stage.deliver(&token, &format!("{one}?environment=staging")).is(401, 161);
    stage.deliver(&token, &format!("{one}?environment=nosuch")).is(401, 161);
    let answer = stage.deliver(&token, &one);
    answer.is(422, 141);
    assert_eq!(answer.keys(), ["environment"]);
    // Models belong to no environment.
    assert_eq!(stage.deliver(&token, "/v3/content_types").ok()["content_types"][0]["uid"], "page");
    stage.deliver(&token, "/v3/content_types/page").ok();
    stage.deliver(&token, "/v3/content_types/nosuch").is(422, 118);
    assert_eq!(stage.deliver(&token, "/v3/global_fields").ok()["global_fields"], json!([]));
}

#[test]
fn and_of_its_branches_only() {
    let stage = stage();
    let (token, _) = site(&stage);
    let by = |branch: &str| {
        let headers = [("api_key", stage.api_key()), ("access_token", token.as_str()), ("branch", branch)];
        stage.send("GET", "/v3/content_types", &headers, &Value::Null)
    };
    by("main").ok();
    by("development").is(422, 901);
    by("deploy").is(422, 901);
    by("nosuch").is(422, 900);
}

#[test]
fn credentials_in_the_query_work_unless_the_stack_forbids_it() {
    let stage = stage();
    let (token, _) = site(&stage);
    let path = format!("/v3/content_types?api_key={}&access_token={token}", stage.api_key());
    stage.send("GET", &path, &[], &Value::Null).ok();
    let blocked = json!({ "stack_settings": { "discrete_variables": { "blockAuthQueryParams": true } } });
    stage.ask("POST", "/v3/stacks/settings", &blocked).ok();
    stage.send("GET", &path, &[], &Value::Null).is(401, 105);
    stage.deliver(&token, "/v3/content_types").ok();
    let path = format!("/v3/content_types?api_key={}&access_token=nonsense", stage.api_key());
    stage.send("GET", &path, &[], &Value::Null).is(401, 105);
    stage.send("GET", "/v3/content_types?access_token=nonsense", &[], &Value::Null).is(412, 109);
}

#[test]
fn a_token_that_is_deleted_reads_nothing_more() {
    let stage = stage();
    let created = stage.delivery("site");
    let token = created["token"].as_str().unwrap();
    stage.deliver(token, "/v3/content_types").ok();
    stage.ask("DELETE", &format!("{DELIVERY}/{}", created["uid"].as_str().unwrap()), &Value::Null).ok();
    stage.deliver(token, "/v3/content_types").is(401, 105);
}

/// Preview tokens show drafts, of entries, on the preview hosts, and nothing else.
#[test]
fn a_preview_token_reads_drafts_on_the_preview_hosts() {
    let stage = stage();
    let (token, preview) = site(&stage);
    let uid = stage.entry("page", &json!({ "title": "Draft" }));
    let one = format!("{ENTRIES}/{uid}");
    let by = |path: &str, extra: &[(&str, &str)]| {
        let mut headers =
            vec![("api_key", stage.api_key()), ("preview_token", preview.as_str()), ("live_preview", "hash")];
        headers.extend(extra);
        stage.send("GET", path, &headers, &Value::Null)
    };
    assert_eq!(by(&one, &[]).ok()["entry"]["title"], "Draft");
    assert_eq!(by(&format!("{one}?environment=production"), &[]).ok()["entry"]["title"], "Draft");
    assert_eq!(by(ENTRIES, &[("host", "eu-rest-preview.test")]).ok()["entries"][0]["title"], "Draft");
    by(&format!("{one}?environment=staging"), &[]).is(401, 161);
    by(&one, &[("branch", "development")]).is(422, 901);
    by("/v3/assets", &[]).is(401, 105);
    by("/v3/assets", &[("host", "rest-preview.test")]).is(404, 404);
    by(&one, &[("host", "cdn.test")]).is(401, 105);
    // And the delivery token shows no drafts there, nor anywhere.
    let headers =
        [("api_key", stage.api_key()), ("access_token", token.as_str()), ("host", "rest-preview.test")];
    stage.send("GET", &one, &headers, &Value::Null).is(401, 105);
    stage.deliver(&token, &format!("{one}?environment=production")).is(422, 141);
}

/// A preview token goes with the hash of a preview session.
#[test]
fn a_preview_names_its_session() {
    let stage = stage();
    let (_, preview) = site(&stage);
    let host = ("host", "rest-preview.test");
    let by = |path: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("api_key", stage.api_key()), ("preview_token", preview.as_str()), host];
        headers.extend(more);
        stage.send("GET", path, &headers, &Value::Null)
    };
    for missing in [
        by(ENTRIES, &[]),
        by(ENTRIES, &[("live_preview", " ")]),
        by(&format!("{ENTRIES}?live_preview="), &[]),
    ] {
        missing.is(422, 141);
        assert_eq!(missing.keys(), ["live_preview"]);
    }
    by(ENTRIES, &[("live_preview", "hash")]).ok();
    by(&format!("{ENTRIES}?live_preview=hash"), &[]).ok();
    // A credential that is wrong is told before.
    stage
        .send("GET", ENTRIES, &[("api_key", stage.api_key()), ("preview_token", "x"), host], &Value::Null)
        .is(401, 105);
}

/// As clients did it before there were preview tokens.
#[test]
fn a_management_token_shows_previews_of_older_clients() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "Draft" }));
    let token = stage.management("preview", &[("entry", json!({ "read": true }))]);
    let token = token["token"].as_str().unwrap();
    let headers = [("api_key", stage.api_key()), ("authorization", token), ("live_preview", "hash")];
    let one = format!("{ENTRIES}/{uid}");
    assert_eq!(stage.send("GET", &one, &headers, &Value::Null).ok()["entry"]["title"], "Draft");
}

/// "A read-only, stack-level token to retrieve published as well as unpublished (draft) content irrespective of the
/// environment"; not for stacks created after 16 December 2020 (seed 001).
#[test]
fn a_legacy_access_token_reads_drafts_too() {
    let stage = stage();
    let admin: Admin<'_> = stage.service.admin("2020-12-01T00:00:00Z".parse().unwrap());
    let old = admin.create_stack(&stage.demo.organization_uid, "Old", &stage.demo.owner_uid).unwrap();
    let shown = stage
        .send(
            "GET",
            "/v3/stacks?include_discrete_variables=true",
            &[("api_key", old.as_str()), ("authtoken", stage.owner.reveal())],
            &Value::Null,
        )
        .ok();
    let access = shown["stack"]["discrete_variables"]["access_token"].as_str().unwrap().to_owned();
    let own = |method: &str, path: &str, body: &Value| {
        stage.send(method, path, &[("api_key", old.as_str()), ("authtoken", stage.owner.reveal())], body).ok()
    };
    own("POST", "/v3/environments", &json!({ "environment": { "name": "live" } }));
    own("POST", "/v3/content_types", &crate::content::content_type("page"));
    let entry = own("POST", ENTRIES, &json!({ "entry": { "title": "One" } }));
    let one = format!("{ENTRIES}/{}", entry["entry"]["uid"].as_str().unwrap());
    let by = |path: &str| {
        stage.send("GET", path, &[("api_key", old.as_str()), ("access_token", access.as_str())], &Value::Null)
    };
    assert_eq!(by(&one).ok()["entry"]["title"], "One");
    by(&format!("{one}?environment=live")).is(422, 141);
    by(&format!("{one}?environment=nosuch")).is(401, 161);
    own("POST", &format!("{one}/publish"), &json!({ "entry": { "environments": ["live"] } }));
    own("PUT", &one, &json!({ "entry": { "title": "Two" } }));
    assert_eq!(by(&format!("{one}?environment=live")).ok()["entry"]["title"], "One");
    assert_eq!(by(&one).ok()["entry"]["title"], "Two");
    // In another stack it is nobody's.
    let headers = [("api_key", stage.api_key()), ("access_token", access.as_str())];
    stage.send("GET", "/v3/content_types", &headers, &Value::Null).is(401, 105);
    // Writing is not for it, nor the management API.
    let headers = [("api_key", old.as_str()), ("access_token", access.as_str())];
    let answer = stage.send("POST", ENTRIES, &headers, &json!({ "entry": { "title": "x" } }));
    answer.is(401, 105);
    assert_eq!(answer.keys(), ["access_token"]);
}

#[test]
fn entries_are_found_by_their_terms() {
    let stage = stage();
    let (token, _) = site(&stage);
    let term = |uid: &str| json!([{ "taxonomy_uid": "colour", "term_uid": uid }]);
    for (title, uid) in [("R", "red"), ("B", "blue")] {
        let uid = stage.entry("page", &json!({ "title": title, "taxonomies": term(uid) }));
        stage.publish("publish", "page", &uid, "production").ok();
    }
    let path =
        "/v3/taxonomies/entries?environment=production&query=%7B%22taxonomies.colour%22%3A%22red%22%7D";
    let found = stage.deliver(&token, path).ok();
    assert_eq!(found["entries"].as_array().unwrap().len(), 1);
    assert_eq!(found["entries"][0]["title"], "R");
    assert_eq!(found["entries"][0]["_content_type_uid"], "page");
}

#[test]
fn graphql_is_judged_and_says_that_it_is_not_served() {
    let stage = stage();
    let (token, preview) = site(&stage);
    let path = |environment: &str| format!("/stacks/{}?environment={environment}", stage.api_key());
    let by = |header: &'static str, value: &str, path: &str| {
        stage.send("POST", path, &[(header, value)], &json!({ "query": "{ __typename }" }))
    };
    by("access_token", &token, &path("production")).is(501, 501);
    by("access_token", &token, &path("staging")).is(401, 161);
    by("preview_token", &preview, &path("production")).is(401, 105);
    by("authtoken", stage.owner.reveal(), &path("production")).is(401, 105);
    by("access_token", &token, "/stacks/bltnosuch?environment=production").is(412, 109);
    // The hosts for drafts have no documented credential that reads them.
    let headers = [("host", "graphql-preview.test"), ("access_token", token.as_str())];
    stage.send("POST", &path("production"), &headers, &Value::Null).is(403, 316);
}

/// Who sends nothing is told what is missing: on the delivery API the `access_token`.
#[test]
fn without_a_credential_the_one_of_the_api_is_missing() {
    let stage = stage();
    let api_key = ("api_key", stage.api_key());
    let entries = format!("{ENTRIES}?environment=production");
    let in_header = [api_key, ("environment", "production")];
    for (path, headers, key) in [
        (&*entries, &[api_key][..], "access_token"),
        (ENTRIES, &in_header, "access_token"),
        ("/v3/stacks/sync?init=true", &[api_key], "access_token"),
        (ENTRIES, &[api_key], "authtoken"),
        (&entries, &[api_key, ("authtoken", "x")], "authtoken"),
        (&entries, &[api_key, ("host", "cdn.localhost")], "access_token"),
        (&entries, &[api_key, ("host", "rest-preview.localhost")], "preview_token"),
    ] {
        let answer = stage.send("GET", path, headers, &Value::Null);
        answer.is(401, 105);
        assert_eq!(answer.keys(), [key], "{path} {headers:?}");
    }
}
