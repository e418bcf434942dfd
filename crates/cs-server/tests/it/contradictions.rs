//! Every contradiction of the documents, in every profile: the service does what the profile's reading says, and the other
//! thing when the profile is turned around.
//!
//! What the service does is observed by requests alone. A question is worded so that `allow` answers it with yes.

use std::time::Duration;

use cs_model::Profile;
use cs_model::generated::{ContradictionId, LimitId};
use cs_model::profile::{AnswerShape, AtLimit, ClientReading, DayEdge, Reading, ServiceReading};
use cs_server::Role;
use serde_json::{Value, json};

use crate::stage::{Answer, DELIVERY, MANAGEMENT, Stage, delivery, management, options, rw, with};

/// How the service under this profile answers the question; `None` where nothing here is in question.
fn observed(profile: Profile, id: ContradictionId) -> Option<bool> {
    use ContradictionId as Id;
    let stage = Stage::with(profile.clone());
    Some(match id {
        Id::PreviewRouteManagementToken => {
            let token = all_rights(&stage);
            let path = format!("{}/preview_token", delivery_path(&stage));
            is_open(&stage.by_token(&token, "POST", &path, &Value::Null))
        }
        Id::PreviewDeleteBothHeaders => {
            let path = format!("{}/preview_token", delivery_path(&stage));
            stage.ask("POST", &path, &Value::Null).ok();
            !is_open(&stage.ask("DELETE", &path, &Value::Null))
        }
        Id::ManagementEverythingAuthtokenCan => {
            is_open(&stage.by_token(&all_rights(&stage), "GET", "/v3/stacks/settings", &Value::Null))
        }
        Id::DeveloperManagementTokens => {
            let developer = stage.user("developer", Some(Role::Developer));
            is_open(&stage.by(&developer, "POST", MANAGEMENT, &management("ci", &[("$all", rw())])))
        }
        Id::EnvironmentsPerDeliveryToken => {
            let mut body = delivery("site");
            body["token"]["scope"][0]["environments"] = json!(["production", "staging"]);
            is_open(&stage.ask("POST", DELIVERY, &body))
        }
        Id::StackUsersManagementToken => {
            is_open(&stage.by_token(&all_rights(&stage), "GET", "/v3/stacks/users", &Value::Null))
        }
        Id::BranchWriteManagementToken => {
            let body = json!({ "branch": { "uid": "made", "source": "main" } });
            is_open(&stage.by_token(&all_rights(&stage), "POST", "/v3/stacks/branches", &body))
        }
        Id::ManagementScopeModules => {
            is_open(&stage.ask("POST", MANAGEMENT, &management("ci", &[("entry", json!({ "read": true }))])))
        }
        Id::ManagementTokenLimitNumber => made_until_refused(&stage, MANAGEMENT, 11),
        Id::DeliveryTokenLimitNumber => made_until_refused(&stage, DELIVERY, 21),
        Id::ManagementTokenAtLimit => {
            let limit = profile.limit(LimitId::ManagementTokensPerStack).value?;
            made_until_refused(&stage, MANAGEMENT, limit + 1)
        }
        Id::AccessChoice => is_open(&stage.ask("POST", MANAGEMENT, &management("ci", &[("$all", rw())]))),
        Id::WriteImpliesRead => {
            let token = token(&stage, &[("$all", json!({ "write": true }))]);
            is_open(&stage.by_token(&token, "GET", "/v3/environments", &Value::Null))
        }
        Id::ReadOnlyStateChange => {
            let token = token(&stage, &[("$all", json!({ "read": true }))]);
            is_open(&stage.by_token(&token, "GET", "/v3/workflows/bltx/enable", &Value::Null))
        }
        Id::BulkJobsAuthtoken => is_open(&stage.get("/v3/bulk/jobs/bltx")),
        Id::RateLimitUnit => {
            let stage = Stage::over(options(profile));
            let developer = stage.user("developer", Some(Role::Developer));
            for _ in 0..10 {
                stage.get(DELIVERY).ok();
            }
            stage.by(&developer, "GET", DELIVERY, &Value::Null).status == 429
        }
        Id::ExpiryEdge => {
            let body = with(
                management("ci", &[("$all", json!({ "read": true }))]),
                "expires_on",
                json!("2026-12-10"),
            );
            let made = stage.ask("POST", MANAGEMENT, &body).ok();
            stage.set_now("2026-12-10T12:00:00Z");
            let value = made["token"]["token"].as_str().unwrap();
            is_open(&stage.by_token(value, "GET", "/v3/environments", &Value::Null))
        }
        Id::ExpiresOnOmitted => {
            is_open(&stage.ask("POST", MANAGEMENT, &management("ci", &[("$all", json!({ "read": true }))])))
        }
        Id::ReleaseItemsMoveMethod => {
            let path = "/v3/releases/bltx/items/move";
            let other = stage.ask("POST", path, &json!({}));
            assert!(is_open(&other), "the other method is there in any case: {other:?}");
            is_open(&stage.ask("PUT", path, &json!({})))
        }
        Id::StackRoleMappingMethod => {
            let path = format!(
                "/v3/organizations/{}/teams/bltx/stack_role_mappings/blty",
                stage.demo.organization_uid
            );
            let is_there =
                |method: &str| stage.ask(method, &path, &json!({ "roles": [] })).code() != Some(404);
            assert!(is_there("POST"), "the other method is there in any case");
            is_there("PUT")
        }
        Id::AccessTokenLastDay => {
            let (organization, owner) = (&stage.demo.organization_uid, &stage.demo.owner_uid);
            let created = "2020-12-16T12:00:00Z".parse().unwrap();
            let stack = stage
                .service
                .admin(stage.now())
                .create_stack_of(organization, "Old", owner, created)
                .unwrap();
            let headers = [("api_key", stack.as_str()), ("authtoken", stage.owner.reveal())];
            let shown =
                stage.send("GET", "/v3/stacks?include_discrete_variables=true", &headers, &Value::Null).ok();
            shown["stack"]["discrete_variables"]["access_token"].is_string()
        }
        Id::TaxonomyReach => {
            let token = token(&stage, &[("$all", json!({ "read": true }))]);
            let headers =
                [("api_key", stage.api_key()), ("authorization", &*token), ("branch", "development")];
            is_open(&stage.send("GET", "/v3/taxonomies", &headers, &Value::Null))
        }
        Id::AliasGrantCoversBranch => {
            let token = token(&stage, &[("$all", json!({ "read": true }))]);
            // An alias of `main`, which the token is granted.
            let headers = [("api_key", stage.api_key()), ("authorization", &*token), ("branch", "deploy")];
            is_open(&stage.send("GET", "/v3/content_types", &headers, &Value::Null))
        }
        Id::BranchWildcard => {
            let mut body = delivery("site");
            body["token"]["scope"][1]["branches"] = json!(["*"]);
            let answer = stage.ask("POST", DELIVERY, &body);
            if is_open(&answer) {
                assert_eq!(answer.body["token"]["scope"][1]["branches"], json!(["development", "main"]));
            }
            is_open(&answer)
        }
        Id::SeveralBranchesInScope => {
            let third = json!({ "branch": { "uid": "third", "source": "main" } });
            stage.ask("POST", "/v3/stacks/branches", &third).ok();
            let mut body = delivery("site");
            body["token"]["scope"][1]["branches"] = json!(["main", "third"]);
            is_open(&stage.ask("POST", DELIVERY, &body))
        }
        Id::SingleTokenEnvelope => stage.get(&delivery_path(&stage)).ok()["token"].is_object(),
        Id::NoticeKey => stage.ask("DELETE", &delivery_path(&stage), &Value::Null).ok()["notice"].is_string(),
        Id::PreviewTokenDeletion => {
            let path = format!("{}/preview_token", delivery_path(&stage));
            stage.ask("POST", &path, &Value::Null).ok();
            // With both headers, should one profile ask for them.
            let token = all_rights(&stage);
            let headers = [
                ("api_key", stage.api_key()),
                ("authtoken", stage.owner.reveal()),
                ("authorization", &*token),
            ];
            is_open(&stage.send("DELETE", &path, &headers, &Value::Null))
        }
        Id::PreviewTokenHost => {
            let path = format!("{}/preview_token", delivery_path(&stage));
            is_open(&stage.ask("POST", &path, &Value::Null))
        }
        Id::TfaStatus => {
            drop(stage.user("careful", None));
            let admin = stage.service.admin(stage.now());
            admin.enroll_text_messages(&admin.find_user("careful@example.invalid").unwrap()).unwrap();
            let answer = stage.log_in("careful@example.invalid", "careful");
            assert_eq!(answer.code(), Some(294), "{}", answer.body);
            assert!(matches!(answer.status, 401 | 422));
            answer.status == 422
        }
        Id::WorkflowStageManagementToken => {
            let open = json!({ "uid": "open", "name": "Open", "SYS_ACL": { "users": { "uids": ["$all"] } } });
            let workflow = json!({ "workflow": { "name": "Review", "workflow_stages": [open] } });
            let made = stage.ask("POST", "/v3/workflows", &workflow);
            if made.status == 501 {
                return None;
            }
            made.ok();
            let body = json!({ "workflow": { "workflow_stage": { "uid": "open" } } });
            let path = "/v3/content_types/page/entries/bltx/workflow";
            is_open(&stage.by_token(&all_rights(&stage), "POST", path, &body))
        }
        Id::WrongTokenOnDeliveryApi => {
            let token = all_rights(&stage);
            let headers =
                [("api_key", stage.api_key()), ("access_token", &*token), ("host", "cdn.example.invalid")];
            let answer =
                stage.send("GET", "/v3/content_types?environment=production", &headers, &Value::Null);
            let unauthorized = (answer.status, answer.code()) == (401, Some(105));
            assert!(unauthorized || (answer.status, answer.code()) == (412, Some(109)), "{}", answer.body);
            unauthorized
        }
        Id::AuthtokenLifetime => {
            stage.advance(Duration::from_secs(24 * 3600));
            is_open(&stage.get(DELIVERY))
        }
        Id::SsoOrganizationHeader => {
            let admin = stage.service.admin(stage.now());
            admin.set_single_sign_on(&stage.demo.organization_uid, true, false).unwrap();
            let answer = stage.get("/v3/environments");
            assert!(answer.status == 200 || answer.code() == Some(21), "{}", answer.body);
            answer.status != 200
        }
        _ => return None,
    })
}

/// The profile with another answer to the question.
fn turned(mut profile: Profile, id: ContradictionId, yes: bool) -> Profile {
    use ContradictionId as Id;
    let limit = |profile: &mut Profile, id: LimitId, value: u32, at_limit: AtLimit| {
        let limit = &mut profile.limits[id as usize];
        (limit.value, limit.at_limit) = (Some(value), at_limit);
    };
    match id {
        Id::ManagementTokenLimitNumber => {
            let value = if yes { 30 } else { 10 };
            limit(&mut profile, LimitId::ManagementTokensPerStack, value, AtLimit::Refuse);
        }
        Id::DeliveryTokenLimitNumber => {
            let value = if yes { 30 } else { 20 };
            limit(&mut profile, LimitId::DeliveryTokensPerStack, value, AtLimit::Refuse);
        }
        Id::ManagementTokenAtLimit => {
            let at_limit = if yes { AtLimit::EvictOldest } else { AtLimit::Refuse };
            limit(&mut profile, LimitId::ManagementTokensPerStack, 3, at_limit);
        }
        Id::EnvironmentsPerDeliveryToken => {
            limit(&mut profile, LimitId::EnvironmentsPerDeliveryToken, 1, AtLimit::Refuse);
        }
        Id::ExpiryEdge => {
            profile.switches.expiry_day.value = if yes { DayEdge::End } else { DayEdge::Start };
        }
        Id::AliasGrantCoversBranch => profile.switches.branch_covers_alias.value = yes,
        Id::SingleTokenEnvelope | Id::NoticeKey => {
            profile.switches.answer_shape.value =
                if yes { AnswerShape::Live } else { AnswerShape::Documented };
        }
        _ => {}
    }
    let service = if yes { ServiceReading::Allow } else { ServiceReading::Deny };
    profile.with_reading(id, Reading { client: ClientReading::Unsettled, service, why: "test".into() })
}

#[test]
fn the_service_does_what_the_reading_says() {
    let mut wrong = Vec::new();
    for id in ContradictionId::ALL {
        for profile in [Profile::seeds(), Profile::documented_2026(), Profile::live()] {
            let name = profile.name.clone();
            let yes = profile.reading(id).service == ServiceReading::Allow;
            let limited = profile.limit(LimitId::ManagementTokensPerStack).value.is_some();
            match observed(profile, id) {
                Some(observed) if observed == yes => {}
                Some(_) => wrong.push(format!("{id:?} in {name} is not {yes}")),
                // No question is left out, but for two that cannot come up: what happens at a limit that there is not, and,
                // as long as no workflow can be made, what a stage that is open to all opens.
                None if id == ContradictionId::ManagementTokenAtLimit && !limited => {}
                None if id == ContradictionId::WorkflowStageManagementToken => {}
                None => wrong.push(format!("nobody looks at {id:?}")),
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_profile_that_is_turned_around_turns_the_service() {
    let mut wrong = Vec::new();
    for id in ContradictionId::ALL {
        for profile in [Profile::seeds(), Profile::documented_2026(), Profile::live()] {
            let name = profile.name.clone();
            let yes = profile.reading(id).service == ServiceReading::Deny;
            if observed(turned(profile, id, yes), id).is_some_and(|observed| observed != yes) {
                wrong.push(format!("{id:?} in {name} cannot be {yes}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// Whether a request is let through, be it that it succeeds, that the thing is not there, or that the route is not
/// served.
fn is_open(answer: &Answer) -> bool {
    match (answer.status, answer.code()) {
        (200..300 | 501, _) => true,
        (422, _) => {
            !answer.keys().iter().any(|key| key.starts_with("scope") || *key == "expires_on")
                && answer.code() != Some(901)
        }
        _ => false,
    }
}

fn delivery_path(stage: &Stage) -> String {
    format!("{DELIVERY}/{}", stage.delivery("site")["uid"].as_str().unwrap())
}

/// The value of a management token with these rights on `main`.
fn token(stage: &Stage, modules: &[(&str, Value)]) -> String {
    let body = with(management("of a test", modules), "is_never_expires", json!(true));
    let made = stage.ask("POST", MANAGEMENT, &body).ok();
    made["token"]["token"].as_str().unwrap().to_owned()
}

fn all_rights(stage: &Stage) -> String {
    token(stage, &[("$all", rw())])
}

/// Whether so many tokens can be made.
fn made_until_refused(stage: &Stage, collection: &str, count: u32) -> bool {
    (0..count).all(|n| {
        let name = format!("token {n}");
        let body = if collection == DELIVERY {
            delivery(&name)
        } else {
            let body = management(&name, &[("$all", json!({ "read": true }))]);
            with(body, "is_never_expires", json!(true))
        };
        let answer = stage.ask("POST", collection, &body);
        assert!(answer.status == 201 || answer.code() == Some(344), "{}", answer.body);
        answer.status == 201
    })
}
