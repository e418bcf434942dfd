//! Every JSON sample of the reference page (seed 002) parses, keeps what we do not know, and goes out as it came in.

use cs_model::answer::{Done, Many, One};
use cs_model::{
    Access, DeliveryToken, Expiry, ManagementToken, Module, ModuleId, Notice, Revealed, ScopeEntry,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../samples/", $name, ".json"))
    };
}

/// Reads a sample and checks that nothing of it is lost, and that its secrets show only when asked for.
fn round_trip<T: DeserializeOwned + Serialize + std::fmt::Debug>(text: &str) -> T {
    let parsed: T = cs_model::answer::read(text.as_bytes()).unwrap();
    let original: Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(Revealed(&parsed)).unwrap(), original);
    let mut shown = format!("{parsed:?}");
    shown.push_str(&serde_json::to_string(&parsed).unwrap());
    for secret in secrets(&original) {
        assert!(!shown.contains(&secret), "a secret of the sample is shown");
    }
    parsed
}

fn secrets(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(text) if key == "token" || key == "preview_token" => vec![text.clone()],
                other => secrets(other),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(secrets).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn delivery_token_lists() {
    let answer: Many<DeliveryToken> = round_trip(sample!("get_all_delivery_tokens"));
    let token = &answer.tokens[0];
    assert_eq!(token.environments().collect::<Vec<_>>(), ["production"]);
    assert_eq!(token.extra.text("type"), Some("delivery"));
    let draft = token.to_draft();
    assert_eq!(draft.branches, cs_model::Grant::only(["development", "main"]));
    assert_eq!(draft.aliases, cs_model::Grant::only(["deploy", "release"]));
    assert!(draft.other_scope.is_empty() && draft.extra.is_empty(), "{draft:?}");
}

#[test]
fn single_delivery_tokens_in_both_envelopes() {
    let get: One<DeliveryToken> = round_trip(sample!("get_a_single_delivery_token"));
    assert_eq!(get.envelope, cs_model::Envelope::List);
    let create: One<DeliveryToken> = round_trip(sample!("create_delivery_token"));
    assert_eq!(create.envelope, cs_model::Envelope::Single);
    assert!(create.token.preview().is_some());
    let update: One<DeliveryToken> = round_trip(sample!("update_delivery_token"));
    assert!(matches!(update.notice, Some(Notice::WithColon(_))));
}

#[test]
fn preview_tokens_are_answered_as_their_delivery_token() {
    let create: One<DeliveryToken> = round_trip(sample!("create_preview_token"));
    let preview = create.token.preview().unwrap();
    assert_eq!(preview.delivery_token, create.token.uid);
    assert!(!preview.value.same_as(create.token.token.as_ref().unwrap()));
}

#[test]
fn notices_of_deletes() {
    let done: Done = round_trip(sample!("delete_delivery_token"));
    assert!(matches!(done.notice, Some(Notice::WithColon(_))));
    for text in [sample!("delete_preview_token"), sample!("delete_management_token")] {
        let done: Done = round_trip(text);
        assert!(matches!(done.notice, Some(Notice::Plain(_))));
    }
}

#[test]
fn management_token_lists_hold_no_value() {
    let answer: Many<ManagementToken> = round_trip(sample!("get_all_management_tokens"));
    assert_eq!(answer.tokens.len(), 2);
    assert!(answer.tokens.iter().all(|token| token.token.is_none()));
    assert_eq!(answer.tokens[0].expiry(), &"2020-12-10".parse::<Expiry>().unwrap());
    let all = answer.tokens[1].to_draft();
    assert_eq!(all.modules.get(&Module::All), Some(&Access::ReadWrite));
}

#[test]
fn single_management_tokens() {
    let get: One<ManagementToken> = round_trip(sample!("get_a_single_management_token"));
    assert!(get.token.token.is_none());
    let create: One<ManagementToken> = round_trip(sample!("create_management_token"));
    assert!(create.token.token.is_some());
    let update: One<ManagementToken> = round_trip(sample!("update_management_token"));
    assert!(update.token.token.is_none());
    let draft = update.token.to_draft();
    assert_eq!(draft.modules.get(&ModuleId::Entry.into()), Some(&Access::ReadWrite));
    assert!(draft.email_notification);
}

#[test]
fn scope_fragments() {
    for text in [
        sample!("create_delivery_token.scope_fragment"),
        sample!("update_delivery_token.scope_fragment"),
        sample!("create_management_token.scope_fragment"),
        sample!("update_management_token.scope_fragment"),
    ] {
        let scope: Vec<ScopeEntry> = round_trip(text);
        assert_eq!(scope[0].branches.as_deref().unwrap(), ["main", "development"]);
        assert_eq!(scope[1].branch_aliases.as_deref().unwrap(), ["deploy", "release"]);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what the crate does not do, its tests may")]
fn every_sample_file_is_read_by_a_test() {
    let source = include_str!("samples.rs");
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".json").unwrap();
        assert!(source.contains(&format!("sample!(\"{stem}\")")), "`{name}` is read by no test");
    }
}

#[test]
fn unknown_fields_survive_everywhere() {
    let text = json!({
        "token": {
            "uid": "blt1", "name": "n", "brand_new": {"deep": [1, {"token": "hidden"}]},
            "scope": [
                {"module": "environment", "acl": {"read": "true", "odd": 1}, "environments": [{"name": "p", "x": 1}, "q"]},
                {"module": "future", "acl": {"read": true}, "futures": ["a"]},
                {"module": "branch"}
            ]
        },
        "soon": null
    });
    let one: One<DeliveryToken> = round_trip(&text.to_string());
    // What a draft cannot say with a field of its own is sent back as it is.
    assert_eq!(one.token.to_draft().other_scope.len(), 3);
    let kept = one.token.to_draft().extra;
    assert_eq!(kept.get("brand_new"), Some(&json!({"deep": [1, {}]})), "an update sends no secret back");
}

#[test]
fn odd_forms_of_known_fields_do_not_fail_a_list() {
    let text = r#"{"tokens":[{"uid":"blt1","name":"n","scope":null,"is_email_notification_enabled":"true","description":null}]}"#;
    let many: Many<ManagementToken> = cs_model::answer::read(text.as_bytes()).unwrap();
    assert!(many.tokens[0].scope.is_empty());
    assert_eq!(many.tokens[0].is_email_notification_enabled, Some(true));
}
