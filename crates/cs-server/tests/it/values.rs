//! What becomes of the values of tokens: they work from the answer that shows them until they are replaced or deleted.

use cs_model::Profile;
use cs_model::generated::LimitId;
use cs_model::profile::AtLimit;
use serde_json::{Value, json};

use crate::stage::{Answer, DELIVERY, Stage, delivery};

/// A request to the delivery API with this value.
fn reads(stage: &Stage, api_key: &str, value: &str) -> Answer {
    let headers = [("host", "cdn.test"), ("api_key", api_key), ("access_token", value)];
    stage.send("GET", "/v3/content_types?environment=production", &headers, &Value::Null)
}

/// A request to the preview host with this value.
fn previews(stage: &Stage, value: &str) -> Answer {
    let headers = [("host", "rest-preview.test"), ("api_key", stage.api_key()), ("preview_token", value)];
    stage.send("GET", "/v3/content_types/page/entries?environment=production", &headers, &Value::Null)
}

fn works(answer: &Answer) {
    assert!(!matches!(answer.status, 401 | 403 | 412), "{}", answer.body);
}

#[test]
fn a_delivery_token_takes_its_preview_token_with_it() {
    let stage = Stage::new();
    let path = format!("{DELIVERY}?create_with_preview_token=true");
    let made = stage.ask("POST", &path, &delivery("site")).ok()["token"].clone();
    let value = |key: &str| made[key].as_str().unwrap().to_owned();
    works(&reads(&stage, stage.api_key(), &value("token")));
    works(&previews(&stage, &value("preview_token")));
    // Each on its own host only.
    assert_eq!(reads(&stage, stage.api_key(), &value("preview_token")).status, 401);
    assert_eq!(previews(&stage, &value("token")).status, 401);
    stage.ask("DELETE", &format!("{DELIVERY}/{}", value("uid")), &Value::Null).ok();
    assert_eq!(reads(&stage, stage.api_key(), &value("token")).status, 401);
    assert_eq!(previews(&stage, &value("preview_token")).status, 401);
}

#[test]
fn a_preview_token_that_is_replaced_or_deleted_works_no_longer() {
    let stage = Stage::new();
    let path = format!("{DELIVERY}/{}/preview_token", stage.delivery("site")["uid"].as_str().unwrap());
    let create = || {
        let made = stage.ask("POST", &path, &json!({})).ok();
        made["token"]["preview_token"].as_str().unwrap().to_owned()
    };
    let first = create();
    works(&previews(&stage, &first));
    let second = create();
    assert_eq!(previews(&stage, &first).status, 401);
    works(&previews(&stage, &second));
    stage.ask("DELETE", &path, &Value::Null).ok();
    assert_eq!(previews(&stage, &second).status, 401);
}

#[test]
fn a_delivery_token_that_gives_way_works_no_longer() {
    let mut profile = Profile::seeds();
    let limit = &mut profile.limits[LimitId::DeliveryTokensPerStack as usize];
    (limit.value, limit.at_limit) = (Some(2), AtLimit::EvictOldest);
    let stage = Stage::with(profile);
    let values: Vec<String> =
        ["a", "b", "c"].map(|name| stage.delivery(name)["token"].as_str().unwrap().to_owned()).into();
    assert_eq!(reads(&stage, stage.api_key(), &values[0]).status, 401);
    works(&reads(&stage, stage.api_key(), &values[1]));
    works(&reads(&stage, stage.api_key(), &values[2]));
    // Its name is free again.
    stage.delivery("a");
}

/// An access token works with the API key of its own stack (seed 001), and the one before a reset no longer.
#[test]
fn an_access_token_that_is_reset_works_no_longer() {
    let stage = Stage::new();
    let admin = stage.service.admin(stage.now());
    let created = "2018-01-01T00:00:00Z".parse().unwrap();
    let (organization, owner) = (&stage.demo.organization_uid, &stage.demo.owner_uid);
    let old = admin.create_stack_of(organization, "Old", owner, created).unwrap();
    let first = admin.reset_access_token(&old, owner).unwrap();
    works(&reads(&stage, old.as_str(), first.reveal()));
    assert_eq!(reads(&stage, stage.api_key(), first.reveal()).status, 401);
    let second = admin.reset_access_token(&old, owner).unwrap();
    assert_eq!(reads(&stage, old.as_str(), first.reveal()).status, 401);
    works(&reads(&stage, old.as_str(), second.reveal()));
}

/// A plan may lack preview tokens; a profile says so with a limit of none.
#[test]
fn preview_tokens_may_be_outside_of_the_plan() {
    let none = Profile::seeds().with_limit(LimitId::PreviewTokensPerDeliveryToken, Some(0), "our plan");
    let stage = Stage::with(none);
    let uid = stage.delivery("site")["uid"].as_str().unwrap().to_owned();
    assert_eq!(stage.ask("POST", &format!("{DELIVERY}/{uid}/preview_token"), &json!({})).status, 403);
    let path = format!("{DELIVERY}?create_with_preview_token=true");
    assert_eq!(stage.ask("POST", &path, &delivery("other")).status, 403);
    assert_eq!(stage.get(&format!("{DELIVERY}?count=true")).ok()["tokens"], 1, "nothing was made");

    let mut once = Profile::seeds();
    once.limits[LimitId::PreviewTokensPerDeliveryToken as usize].at_limit = AtLimit::Refuse;
    let stage = Stage::with(once);
    let path = format!("{DELIVERY}/{}/preview_token", stage.delivery("site")["uid"].as_str().unwrap());
    let first = stage.ask("POST", &path, &json!({})).ok();
    stage.ask("POST", &path, &json!({})).is(422, 344);
    works(&previews(&stage, first["token"]["preview_token"].as_str().unwrap()));
}
