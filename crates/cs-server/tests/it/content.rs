//! Short ways to make content, and what publishing does to it.

use bytes::Bytes;
use cs_model::Secret;
use http::Request;
use serde_json::{Value, json};

use crate::stage::{Answer, Stage, options};

/// A content type with a title that must be there and a code that must be unique.
pub(crate) fn content_type(uid: &str) -> Value {
    json!({ "content_type": { "title": uid, "uid": uid, "schema": [
        { "uid": "title", "display_name": "Title", "data_type": "text", "mandatory": true, "unique": false },
        { "uid": "code", "display_name": "Code", "data_type": "text", "mandatory": false, "unique": true },
    ] } })
}

impl Stage {
    /// Makes an entry; its uid.
    pub(crate) fn entry(&self, content_type: &str, fields: &Value) -> String {
        let path = format!("/v3/content_types/{content_type}/entries");
        let created = self.ask("POST", &path, &json!({ "entry": fields }));
        created.ok()["entry"]["uid"].as_str().unwrap().to_owned()
    }

    /// Publishes or unpublishes an entry in `production` or wherever, in English.
    pub(crate) fn publish(&self, action: &str, content_type: &str, uid: &str, environment: &str) -> Answer {
        let path = format!("/v3/content_types/{content_type}/entries/{uid}/{action}");
        let body = json!({ "entry": { "environments": [environment], "locales": ["en-us"] } });
        self.ask("POST", &path, &body)
    }

    /// By a delivery token.
    pub(crate) fn deliver(&self, token: &str, path: &str) -> Answer {
        self.send("GET", path, &[("api_key", self.api_key()), ("access_token", token)], &Value::Null)
    }

    /// Uploads a file.
    pub(crate) fn upload(&self, method: &str, path: &str, title: &str, file: &str, bytes: &str) -> Answer {
        self.upload_by(&self.owner, (method, path), &[("title", title)], (file, bytes))
    }

    /// Uploads a file with some fields.
    pub(crate) fn upload_by(
        &self,
        authtoken: &Secret,
        (method, path): (&str, &str),
        fields: &[(&str, &str)],
        (file, bytes): (&str, &str),
    ) -> Answer {
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!(
                "--line\r\nContent-Disposition: form-data; name=\"asset[{name}]\"\r\n\r\n{value}\r\n"
            );
        }
        body += &format!(
            "--line\r\nContent-Disposition: form-data; name=\"asset[upload]\"; filename=\"{file}\"\r\n\
             Content-Type: image/png\r\n\r\n{bytes}\r\n--line--\r\n"
        );
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("api_key", self.api_key())
            .header("authtoken", authtoken.reveal())
            .header("content-type", "multipart/form-data; boundary=line")
            .body(Bytes::from(body));
        let response = self.raw(&request.unwrap());
        Answer { status: response.status().as_u16(), body: serde_json::from_slice(response.body()).unwrap() }
    }
}

/// A stage with a content type `page`.
pub(crate) fn stage() -> Stage {
    let stage = Stage::new();
    stage.ask("POST", "/v3/content_types", &content_type("page")).ok();
    stage
}

pub(crate) const ENTRIES: &str = "/v3/content_types/page/entries";

#[test]
fn what_is_published_is_shown_and_later_changes_are_not() {
    let stage = stage();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let one = format!("{ENTRIES}/{uid}");
    let delivered = format!("{one}?environment=production");
    stage.deliver(&token, &delivered).is(422, 141);
    stage.publish("publish", "page", &uid, "production").ok();
    let shown = stage.deliver(&token, &delivered).ok();
    assert_eq!(shown["entry"]["title"], "One");
    assert_eq!(shown["entry"]["publish_details"]["locale"], "en-us");
    let details = stage.get(&one).ok()["entry"]["publish_details"].clone();
    assert_eq!(details.as_array().unwrap().len(), 1);
    assert_eq!(details[0]["version"], 1);

    let changed = stage.ask("PUT", &one, &json!({ "entry": { "title": "Two" } })).ok();
    assert_eq!(changed["entry"]["_version"], 2);
    assert_eq!(stage.deliver(&token, &delivered).ok()["entry"]["title"], "One");
    stage.publish("publish", "page", &uid, "production").ok();
    assert_eq!(stage.deliver(&token, &delivered).ok()["entry"]["title"], "Two");
    // An earlier version can be published again, one that never was cannot.
    let path = format!("{one}/publish");
    let body = |version: u64| json!({ "entry": { "environments": ["production"], "locales": ["en-us"] }, "version": version });
    stage.ask("POST", &path, &body(1)).ok();
    assert_eq!(stage.deliver(&token, &delivered).ok()["entry"]["title"], "One");
    stage.ask("POST", &path, &body(7)).is(422, 141);

    stage.publish("unpublish", "page", &uid, "production").ok();
    stage.deliver(&token, &delivered).is(422, 141);
    assert_eq!(stage.get(&one).ok()["entry"]["publish_details"], json!([]));
}

#[test]
fn publishing_asks_for_environments_that_are_there() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let path = format!("{ENTRIES}/{uid}/publish");
    // "unknown or forbidden environment on publish" is a 401 that no new login mends.
    stage.publish("publish", "page", &uid, "nosuch").is(401, 161);
    for body in [
        json!({ "entry": {} }),
        json!({ "entry": { "environments": [] } }),
        json!({ "entry": { "environments": [1] } }),
        json!({ "entry": { "environments": ["production"], "locales": "en-us" } }),
        json!({ "entry": { "environments": ["production"] }, "version": "x" }),
        json!({ "entry": { "environments": ["production"] }, "scheduled_at": "soon" }),
    ] {
        stage.ask("POST", &path, &body).is(422, 141);
    }
    stage.ask("POST", &path, &json!({ "environments": ["production"] })).is(400, 400);
    stage.publish("publish", "page", "nosuch", "production").is(422, 141);
    stage.publish("publish", "nosuch", &uid, "production").is(422, 118);
    // Nothing waits here for a later time, and says so.
    let later =
        json!({ "entry": { "environments": ["production"] }, "scheduled_at": "2030-01-01T00:00:00Z" });
    stage.ask("POST", &path, &later).is(501, 501);
    let past = json!({ "entry": { "environments": ["production"] }, "scheduled_at": "2020-01-01T00:00:00Z" });
    stage.ask("POST", &path, &past).ok();
    // A translation that is not there cannot be shown.
    let french = json!({ "entry": { "environments": ["production"], "locales": ["fr-fr"] } });
    stage.ask("POST", &path, &french).is(422, 141);
}

#[test]
fn languages_are_published_one_by_one() {
    let stage = stage();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    let one = format!("{ENTRIES}/{uid}");
    let french = json!({ "entry": { "title": "Un" } });
    // What is no language of the stack is no language of an entry.
    stage.ask("PUT", &format!("{one}?locale=fr-fr"), &french).is(422, 141);
    stage.ask("POST", "/v3/locales", &json!({ "locale": { "code": "fr-fr" } })).ok();
    let made = stage.ask("PUT", &format!("{one}?locale=fr-fr"), &french).ok();
    assert_eq!((&made["entry"]["locale"], &made["entry"]["_version"]), (&json!("fr-fr"), &json!(1)));
    assert_eq!(stage.get(&format!("{one}?locale=fr-fr")).ok()["entry"]["title"], "Un");
    assert_eq!(stage.get(&one).ok()["entry"]["title"], "One");
    stage.publish("publish", "page", &uid, "production").ok();
    let in_french = format!("{one}?environment=production&locale=fr-fr");
    stage.deliver(&token, &in_french).is(422, 141);
    let fallback = stage.deliver(&token, &format!("{in_french}&include_fallback=true")).ok();
    assert_eq!(fallback["entry"]["title"], "One");
    let body = json!({ "entry": { "environments": ["production"], "locales": ["fr-fr"] } });
    stage.ask("POST", &format!("{one}/publish"), &body).ok();
    assert_eq!(stage.deliver(&token, &in_french).ok()["entry"]["title"], "Un");
    let list = stage
        .deliver(&token, &format!("{ENTRIES}?environment=production&locale=fr-fr&include_fallback=true"))
        .ok();
    assert_eq!(list["entries"].as_array().unwrap().len(), 1);
    // Deleting a translation takes it out of the environment; the others stay.
    stage.ask("DELETE", &format!("{one}?locale=fr-fr"), &Value::Null).ok();
    stage.deliver(&token, &in_french).is(422, 141);
    stage.deliver(&token, &format!("{one}?environment=production")).ok();
}

#[test]
fn what_is_deleted_is_shown_no_longer() {
    let stage = stage();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    let entries = format!("{ENTRIES}?environment=production&include_count=true");
    for title in ["One", "Two"] {
        let uid = stage.entry("page", &json!({ "title": title }));
        stage.publish("publish", "page", &uid, "production").ok();
    }
    let shown = stage.deliver(&token, &entries).ok();
    assert_eq!(shown["count"], 2);
    let uid = shown["entries"][0]["uid"].as_str().unwrap();
    stage.ask("DELETE", &format!("{ENTRIES}/{uid}"), &Value::Null).ok();
    assert_eq!(stage.deliver(&token, &entries).ok()["count"], 1);
    stage.ask("DELETE", &format!("{ENTRIES}/{uid}"), &Value::Null).is(422, 141);
    // The content type takes its entries along, and one of the same name begins without any.
    stage.ask("DELETE", "/v3/content_types/page", &Value::Null).ok();
    stage.deliver(&token, &entries).is(422, 118);
    stage.ask("POST", "/v3/content_types", &content_type("page")).ok();
    assert_eq!(stage.deliver(&token, &entries).ok()["count"], 0);
    assert_eq!(stage.get(ENTRIES).ok()["entries"], json!([]));
}

#[test]
fn assets_are_uploaded_and_published() {
    let stage = Stage::new();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    let asset = stage.upload("POST", "/v3/assets", "A cat", "cat.png", "12345").ok()["asset"].clone();
    assert_eq!((&asset["filename"], &asset["content_type"]), (&json!("cat.png"), &json!("image/png")));
    assert_eq!((&asset["file_size"], &asset["_version"]), (&json!("5"), &json!(1)));
    let place = format!("{}/{}", stage.api_key(), asset["uid"].as_str().unwrap());
    assert_eq!(
        asset["url"],
        format!("http://localhost/v3/assets/{place}/cat.png"),
        "with a host, as URLs have"
    );
    let proxied =
        Stage::over(options(cs_model::Profile::seeds()).no_rate_limit().public_url("https://cms.test/"));
    let odd = proxied.upload("POST", "/v3/assets", "x", "a b?.png", "1").ok()["asset"]["url"].clone();
    assert!(odd.as_str().unwrap().starts_with("https://cms.test/v3/assets/blt"), "{odd}");
    assert!(odd.as_str().unwrap().ends_with("/a%20b%3F.png"), "{odd}");
    let one = format!("/v3/assets/{}", asset["uid"].as_str().unwrap());
    let renamed = stage.ask("PUT", &one, &json!({ "asset": { "title": "Cat" } })).ok();
    assert_eq!(
        (&renamed["asset"]["title"], &renamed["asset"]["filename"]),
        (&json!("Cat"), &json!("cat.png"))
    );
    let tagged = stage.ask("PUT", &one, &json!({ "asset": { "tags": ["pet"] } })).ok();
    assert_eq!(tagged["asset"]["tags"], json!(["pet"]));
    let replaced = stage.upload("PUT", &one, "Cat", "dog.png", "123").ok();
    assert_eq!(
        (&replaced["asset"]["filename"], &replaced["asset"]["_version"]),
        (&json!("dog.png"), &json!(4))
    );
    assert_eq!(replaced["asset"]["tags"], json!(["pet"]), "what an update leaves out stays");
    let shown = format!("{one}?environment=production");
    stage.deliver(&token, &shown).is(422, 145);
    let body = json!({ "asset": { "environments": ["production"], "locales": ["en-us"] }, "version": 1 });
    stage.ask("POST", &format!("{one}/publish"), &body).ok();
    assert_eq!(stage.deliver(&token, &shown).ok()["asset"]["filename"], "cat.png");
    let list = stage.deliver(&token, "/v3/assets?environment=production").ok();
    assert_eq!(list["assets"].as_array().unwrap().len(), 1);
    stage.ask("POST", &format!("{one}/unpublish"), &body).ok();
    stage.deliver(&token, &shown).is(422, 145);
    // Without a file there is no asset.
    stage.ask("POST", "/v3/assets", &json!({ "asset": { "title": "x" } })).is(422, 141);
    let folder = stage.ask("POST", "/v3/assets/folders", &json!({ "asset": { "name": "Cats" } })).ok();
    let uid = folder["asset"]["uid"].as_str().unwrap();
    assert_eq!(stage.get(&format!("/v3/assets/folders/{uid}")).ok()["asset"]["is_dir"], true);
}

#[test]
fn a_new_branch_begins_with_the_content_of_its_source_and_nothing_published() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    stage.publish("publish", "page", &uid, "production").ok();
    let one = format!("{ENTRIES}/{uid}");
    stage.ask("POST", "/v3/stacks/branches", &json!({ "branch": { "uid": "next", "source": "main" } })).ok();
    let ask = |method: &str, branch: &str, body: &Value| {
        let headers = [("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()), ("branch", branch)];
        stage.send(method, &one, &headers, body)
    };
    let copied = ask("GET", "next", &Value::Null).ok();
    assert_eq!((&copied["entry"]["title"], &copied["entry"]["publish_details"]), (&json!("One"), &json!([])));
    ask("PUT", "next", &json!({ "entry": { "title": "Two" } })).ok();
    assert_eq!(ask("GET", "main", &Value::Null).ok()["entry"]["title"], "One");
    stage.ask("DELETE", "/v3/stacks/branches/next", &Value::Null).ok();
    stage.ask("POST", "/v3/stacks/branches", &json!({ "branch": { "uid": "next", "source": "main" } })).ok();
    assert_eq!(ask("GET", "next", &Value::Null).ok()["entry"]["title"], "One");
}

#[test]
fn an_environment_of_the_same_name_shows_nothing_of_the_one_before() {
    let stage = stage();
    let uid = stage.entry("page", &json!({ "title": "One" }));
    stage.publish("publish", "page", &uid, "production").ok();
    stage.ask("DELETE", "/v3/environments/production", &Value::Null).ok();
    assert_eq!(stage.get(&format!("{ENTRIES}/{uid}")).ok()["entry"]["publish_details"], json!([]));
    stage.ask("POST", "/v3/environments", &json!({ "environment": { "name": "production" } })).ok();
    let token = stage.delivery("site")["token"].as_str().unwrap().to_owned();
    stage.deliver(&token, &format!("{ENTRIES}/{uid}?environment=production")).is(422, 141);
}
