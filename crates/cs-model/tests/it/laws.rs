//! Laws that hold for every value.

use cs_model::answer::{Done, Many, One};
use cs_model::generated::LimitId;
use cs_model::{
    Access, Against, ApiError, DeliveryToken, DeliveryTokenDraft, Draft, Expiry, Grant, ManagementToken,
    ManagementTokenDraft, Module, ModuleId, Profile, Revealed, Siblings, StackNames, TokenUid,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

fn names() -> StackNames {
    StackNames::new(["production", "staging"], ["main", "development"], ["deploy", "release"])
}

fn access() -> impl Strategy<Value = Access> {
    prop_oneof![Just(Access::Read), Just(Access::Write), Just(Access::ReadWrite)]
}

fn module() -> impl Strategy<Value = Module> {
    // Branches and aliases have fields of their own; as plain modules they are refused by the check.
    let granted = |id: &ModuleId| !matches!(id, ModuleId::Branch | ModuleId::BranchAlias);
    prop_oneof![
        Just(Module::All),
        proptest::sample::select(ModuleId::ALL.into_iter().filter(granted).collect::<Vec<_>>())
            .prop_map(Module::Known),
        "[a-z]{1,6}_new".prop_map(|name| Module::from(name.as_str())),
    ]
}

fn grant() -> impl Strategy<Value = Grant> {
    // `All` goes out as a list, so it cannot come back as `All`.
    prop_oneof![Just(Grant::None), btree_set("[a-z]{1,8}", 0..4).prop_map(Grant::Only)]
}

fn expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        Just(Expiry::Never),
        (2000..2100_i16, 1..13_i8, 1..29_i8).prop_map(|(y, m, d)| Expiry::On(jiff::civil::date(y, m, d))),
        (0..4_000_000_000_i64).prop_map(|s| Expiry::at(jiff::Timestamp::from_second(s).unwrap())),
    ]
}

prop_compose! {
    fn delivery()(name in ".{0,60}", description in ".{0,20}", environments in btree_set("[a-z]{1,8}", 0..4),
                  branches in grant(), aliases in grant()) -> DeliveryTokenDraft {
        let mut draft = DeliveryTokenDraft::new(name).description(description).branches(branches).aliases(aliases);
        draft.environments = environments;
        draft
    }
}

prop_compose! {
    fn management()(name in ".{0,60}", description in ".{0,20}", modules in btree_map(module(), access(), 0..5),
                    branches in grant(), aliases in grant(), expiry in expiry(), notice in any::<bool>())
                    -> ManagementTokenDraft {
        let mut draft =
            ManagementTokenDraft::new(name).description(description).branches(branches).aliases(aliases).expiry(expiry);
        draft.modules = modules;
        draft.email_notification = notice;
        draft
    }
}

/// What the API would answer to a draft: a uid, and objects for names of environments.
fn answered(body: &Value) -> Value {
    let mut token = body["token"].clone();
    token["uid"] = json!("blt0000000000000001");
    token["type"] = json!("delivery");
    for entry in token["scope"].as_array_mut().unwrap() {
        entry["_metadata"] = json!({"uid": "cs0000000000000001"});
        if let Some(environments) = entry.get_mut("environments") {
            for item in environments.as_array_mut().unwrap() {
                *item = json!({"name": item.clone(), "uid": "blt2", "_version": 1});
            }
        }
    }
    token
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        proptest::sample::select(vec![
            "token",
            "tokens",
            "uid",
            "name",
            "scope",
            "module",
            "acl",
            "read",
            "branches",
            "environments",
            "notice",
            "notice:",
            "error_message",
            "error_code",
            "errors",
            "expires_on",
            "count",
            "preview_token",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,5}",
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key.clone(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_delivery_draft_comes_back_from_its_answer(draft in delivery()) {
        let token: DeliveryToken = serde_json::from_value(answered(&draft.body(&names()))).unwrap();
        prop_assert_eq!(&token.to_draft(), &draft);
        let again: DeliveryToken = serde_json::from_value(answered(&token.to_draft().body(&names()))).unwrap();
        prop_assert_eq!(again.to_draft(), draft);
    }

    #[test]
    fn a_management_draft_comes_back_from_its_answer(draft in management()) {
        let token: ManagementToken = serde_json::from_value(answered(&draft.body(&names()))).unwrap();
        prop_assert_eq!(token.to_draft(), draft);
    }

    #[test]
    fn wider_limits_never_find_more(draft in management(), count in 0..40_u32, low in 0..40_u32, more in 0..40_u32) {
        let siblings = Siblings::named((0..count).map(|n| format!("sibling {n}")));
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let found = |most: u32| {
            let profile = Profile::seeds()
                .with_limit(LimitId::ManagementTokensPerStack, Some(most), "law")
                .with_limit(LimitId::TokenNameLength, Some(most), "law")
                .with_limit(LimitId::TokenNameAccepted, Some(most * 2), "law");
            draft.violations(&Against::new(&profile, now).siblings(&siblings)).iter().map(|v| v.rule).collect::<Vec<_>>()
        };
        let (narrow, wide) = (found(low), found(low + more));
        prop_assert!(wide.iter().all(|rule| narrow.contains(rule)), "{wide:?} is not within {narrow:?}");
    }

    #[test]
    fn a_checked_draft_has_no_errors_and_a_refused_one_has(draft in delivery()) {
        let profile = Profile::live();
        let stack = names();
        let against = Against::new(&profile, "2026-11-21T00:00:00Z".parse().unwrap()).names(&stack);
        let errors = draft.violations(&against).iter().filter(|item| item.is_error()).count();
        match draft.check(&against) {
            Ok(checked) => prop_assert!(errors == 0 && checked.warnings().iter().all(|item| !item.is_error())),
            Err(refused) => prop_assert!(errors > 0 && refused.items().iter().any(|item| item.is_error())),
        }
    }

    #[test]
    fn arbitrary_json_never_panics(value in json_value()) {
        let text = value.to_string();
        let _ = ApiError::read(422, text.as_bytes()).diagnosis();
        let _ = cs_model::answer::read::<One<ManagementToken>>(text.as_bytes());
        let _ = cs_model::answer::read::<Many<DeliveryToken>>(text.as_bytes());
        let _ = cs_model::answer::read::<Done>(text.as_bytes());
    }

    #[test]
    fn whatever_stands_in_unknown_fields_is_given_back(unknown in btree_map("x_[a-z]{1,4}", json_value(), 0..4),
                                                       in_scope in btree_map("x_[a-z]{1,4}", json_value(), 0..3)) {
        let mut token = json!({"uid": "blt1", "name": "n", "scope": [{"module": "branch", "acl": {"read": true}, "branches": ["main"]}]});
        token["scope"][0].as_object_mut().unwrap().extend(in_scope);
        token.as_object_mut().unwrap().extend(unknown.clone());
        let mut answer = json!({"token": token});
        answer.as_object_mut().unwrap().extend(unknown);
        let text = answer.to_string();
        let delivery: One<DeliveryToken> = cs_model::answer::read(text.as_bytes()).unwrap();
        prop_assert_eq!(&serde_json::to_value(Revealed(&delivery)).unwrap(), &answer);
        let management: One<ManagementToken> = cs_model::answer::read(text.as_bytes()).unwrap();
        prop_assert_eq!(&serde_json::to_value(Revealed(&management)).unwrap(), &answer);
        let _ = (delivery.token.to_draft().body(&names()), management.token.to_draft().body(&names()));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..64), status in any::<u16>()) {
        let _ = ApiError::read(status, &bytes).diagnosis();
        let _ = cs_model::answer::read::<Many<DeliveryToken>>(&bytes);
    }

    #[test]
    fn a_uid_is_one_segment_of_a_path(text in ".{0,20}") {
        if let Ok(uid) = TokenUid::new(&text) {
            let row = cs_model::generated::route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID.row();
            let path = row.path(&[uid.as_str()]).unwrap();
            prop_assert_eq!(path, format!("/v3/stacks/delivery_tokens/{text}"));
            prop_assert!(!text.is_empty() && text != "." && text != "..");
        }
    }

    #[test]
    fn expiry_is_monotone_in_time(expiry in expiry(), earlier in 0..4_000_000_000_i64, later in 0..4_000_000_000_i64) {
        let (earlier, later) = (earlier.min(later), earlier.max(later));
        let expired = |second: i64| {
            let now = jiff::Timestamp::from_second(second).unwrap();
            matches!(
                expiry.state(now, cs_model::profile::DayEdge::Start, 7),
                cs_model::ExpiryState::Expired { .. }
            )
        };
        prop_assert!(!expired(earlier) || expired(later));
    }

    #[test]
    fn an_expiry_reads_back_what_it_wrote(expiry in expiry()) {
        let text = serde_json::to_string(&expiry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Expiry>(&text).unwrap(), expiry);
    }
}
