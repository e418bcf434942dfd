//! Plans of a file, and what comes of them on a stack.

mod written;

use std::time::Duration;

use cs_model::{LimitId, Profile};
use cs_tokens::{Action, Event, PlanOptions};
use expect_test::expect;

use crate::world::{World, lines};

const SHOP: &str = include_str!("../shop.toml");

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn the_example_is_made_and_then_there_is_nothing_to_do() {
    let world = World::new();
    let (plan, sinks) = world.try_plan(SHOP, PlanOptions::default()).unwrap();
    expect![[r#"
        create delivery shop-production
        create delivery shop-staging
        create management shop-ci
        create management shop-audit
    "#]]
    .assert_eq(&lines(&plan));
    let mut events = Vec::new();
    let applied = world
        .stack()
        .apply(&plan, &sinks, &mut |event| {
            if let Event::Done { step, number, total } = event {
                events.push(format!("{number}/{total} {}", step.name));
            }
        })
        .unwrap();
    assert_eq!(events, ["1/4 shop-production", "2/4 shop-staging", "3/4 shop-ci", "4/4 shop-audit"]);
    assert!(applied.is_complete() && applied.not_reached.is_empty());
    assert!(applied.tokens.iter().all(|row| row.uid.is_some()));
    assert_eq!(applied.tokens[2].expires, "2027-02-19");
    assert_eq!(applied.tokens[3].branches, ["development", "main"]);

    let tokens = world.stack().inventory().unwrap();
    let production = tokens.delivery.iter().find(|token| token.name == "shop-production").unwrap();
    assert_eq!(
        world.value(".env.shop.production", "CONTENTSTACK_DELIVERY_TOKEN"),
        production.token.as_ref().unwrap().reveal()
    );
    assert_eq!(
        world.value(".env.shop.production", "CONTENTSTACK_PREVIEW_TOKEN"),
        production.preview_token.as_ref().unwrap().reveal()
    );
    let again = world.plan(SHOP);
    assert!(!again.has_changes);
    assert_eq!(again.count(Action::Unchanged), 4);
}

#[test]
fn an_edited_scope_is_exactly_that_field() {
    let world = World::new();
    world.settle(SHOP);
    let edited = SHOP.replace(r#"entry = "rw", content_type = "r""#, r#"entry = "rw", content_type = "rw""#);
    let before = world.value(".env.shop.staging", "CONTENTSTACK_MANAGEMENT_TOKEN");
    expect![[r#"
        update management shop-ci
            scope.content_type: r -> rw
        unchanged delivery shop-production
        unchanged delivery shop-staging
        unchanged management shop-audit
    "#]]
    .assert_eq(&lines(&world.plan(&edited)));
    world.settle(&edited);
    assert_eq!(world.value(".env.shop.staging", "CONTENTSTACK_MANAGEMENT_TOKEN"), before, "its value stays");

    let edited = edited
        .replace("preview = true", "")
        .replace(", preview_variable = \"CONTENTSTACK_PREVIEW_TOKEN\"", "")
        .replace("branches = [\"main\", \"development\"]", "branches = \"all\"\npreview = true")
        .replace("as customers see it", "as you see it")
        .replace(
            ".env.shop.staging\", variable = \"CONTENTSTACK_DELIVERY_TOKEN\"",
            ".env.shop.staging\", variable = \"CONTENTSTACK_DELIVERY_TOKEN\", preview_variable = \"PREVIEW\"",
        );
    expect![[r#"
        update delivery shop-production
            description: "the web shop, as customers see it" -> "the web shop, as you see it"
        delete_preview delivery shop-production
            note: removes the value that ends by this from .env.shop.production:CONTENTSTACK_PREVIEW_TOKEN
        create_preview delivery shop-staging
        unchanged management shop-ci
        unchanged management shop-audit
    "#]]
    .assert_eq(&lines(&world.plan(&edited)));
    world.settle(&edited);
}

#[test]
fn a_preview_token_made_since_the_plan_is_delivered_and_stays() {
    let world = World::new();
    let without =
        SHOP.replace("preview = true", "").replace(", preview_variable = \"CONTENTSTACK_PREVIEW_TOKEN\"", "");
    world.settle(&without);
    let (plan, sinks) = world.try_plan(SHOP, PlanOptions::default()).unwrap();
    let tokens = world.stack().inventory().unwrap().delivery;
    let production = tokens.iter().find(|token| token.name == "shop-production").unwrap();
    let theirs = world.stack().preview_tokens().create(&production.uid).unwrap().value;

    let applied = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap();
    assert!(applied.is_complete(), "{applied:?}");
    assert_eq!(world.value(".env.shop.production", "CONTENTSTACK_PREVIEW_TOKEN"), theirs.reveal());
    let there = world.stack().delivery_tokens().get(&production.uid).unwrap().preview_token;
    assert_eq!(there.unwrap().reveal(), theirs.reveal(), "another one would have taken its place");
    assert!(!world.plan(SHOP).has_changes);
}

#[test]
fn what_is_not_declared_is_reported_and_pruned_only_when_asked() {
    let world = World::new();
    world.settle(SHOP);
    let (kept, _) = SHOP.split_once("# --- Management tokens").unwrap();
    let plan = world.plan(kept);
    assert!(!plan.has_changes);
    expect![[r#"
        unchanged delivery shop-production
        unchanged delivery shop-staging
        unmanaged management shop-audit
            the file does not declare it
        unmanaged management shop-ci
            the file does not declare it
    "#]]
    .assert_eq(&lines(&plan));
    let applied = world.apply_with(kept, PlanOptions::default().prune());
    assert!(applied.is_complete());
    assert_eq!(applied.done.len(), 2);
    assert!(world.stack().management_tokens().list().unwrap().is_empty());
    assert!(world.plan(kept).steps.iter().all(|step| step.action == Action::Unchanged));
}

#[test]
fn a_lost_sink_is_a_change() {
    let world = World::new();
    world.settle(SHOP);
    let delivery = world.value(".env.shop.staging", "CONTENTSTACK_DELIVERY_TOKEN");
    let management = world.value(".env.shop.staging", "CONTENTSTACK_MANAGEMENT_TOKEN");
    std::fs::remove_file(world.path().join(".env.shop.staging")).unwrap();
    expect![[r#"
        deliver delivery shop-staging
            `.env.shop.staging` has no `CONTENTSTACK_DELIVERY_TOKEN`
        replace management shop-ci
            `.env.shop.staging` has no `CONTENTSTACK_MANAGEMENT_TOKEN`, and the API never shows the value of a management token again
        unchanged delivery shop-production
        unchanged management shop-audit
    "#]]
    .assert_eq(&lines(&world.plan(SHOP)));
    world.settle(SHOP);
    assert_eq!(world.value(".env.shop.staging", "CONTENTSTACK_DELIVERY_TOKEN"), delivery, "delivered again");
    assert_ne!(world.value(".env.shop.staging", "CONTENTSTACK_MANAGEMENT_TOKEN"), management, "replaced");
    assert_eq!(world.stack().management_tokens().list().unwrap().len(), 2, "the old one is gone");
}

#[test]
fn values_that_are_not_the_tokens_own_count_as_missing() {
    let world = World::new();
    world.settle(SHOP);
    let text = world.read(".env.shop.production");
    let text = format!("# mine\nOTHER=1\n{text}")
        .replace("CONTENTSTACK_DELIVERY_TOKEN=cs", "CONTENTSTACK_DELIVERY_TOKEN=xx");
    // The value of an older token of the same name.
    let text = text.replace("management token `shop-audit` blt", "management token `shop-audit` bltdead");
    std::fs::write(world.path().join(".env.shop.production"), text).unwrap();
    expect![[r#"
        deliver delivery shop-production
            `CONTENTSTACK_DELIVERY_TOKEN` in `.env.shop.production` holds another value
            note: overwrites the value of the delivery token `shop-production` (blt…) in .env.shop.production:CONTENTSTACK_DELIVERY_TOKEN
        replace management shop-audit
            `CONTENTSTACK_AUDIT_TOKEN` in `.env.shop.production` holds the value of another token, blt…, and the API never shows the value of a management token again
            note: overwrites the value of the management token `shop-audit` (blt…) in .env.shop.production:CONTENTSTACK_AUDIT_TOKEN
        unchanged delivery shop-staging
        unchanged management shop-ci
    "#]]
    .assert_eq(&uids_hidden(&lines(&world.plan(SHOP))));
    world.settle(SHOP);
    assert!(world.read(".env.shop.production").starts_with("# mine\nOTHER=1\n"));
}

#[test]
fn all_branches_is_planned_again_when_one_appears() {
    let world = World::new();
    world.settle(SHOP);
    let request = http::Request::post(format!("{}/v3/stacks/branches", cs_server::in_process::URL))
        .header("api_key", world.api_key.as_str())
        .header("authtoken", world.authtoken.reveal())
        .header("content-type", "application/json")
        .body(bytes::Bytes::from(r#"{"branch":{"uid":"redesign","source":"main"}}"#))
        .unwrap();
    let answer = cs_transport::BlockingTransport::send(&*world.transport, request).unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    expect![[r#"
        update management shop-audit
            branches: + redesign
        unchanged delivery shop-production
        unchanged delivery shop-staging
        unchanged management shop-ci
    "#]]
    .assert_eq(&lines(&world.plan(SHOP)));
    world.settle(SHOP);
}

#[test]
fn an_expired_token_is_shown_and_a_past_date_matters_only_for_changes() {
    // It is to end within the ten years.
    let shop = SHOP.replace("2099-12-31", "2028-12-31");
    let world = World::new();
    world.settle(&shop);
    world.transport.advance(DAY * 3650);
    expect![[r#"
        update management shop-ci
            expires_on: 2027-02-19 -> 2037-02-16
            it has expired, so `expires_in` counts again from today
            expired since 2027-02-19T00:00:00Z
        unchanged delivery shop-production
        unchanged delivery shop-staging
        unchanged management shop-audit
            it is as declared, but it has expired: declare a later expiry to renew it
            expired since 2028-12-31T00:00:00Z
    "#]]
    .assert_eq(&lines(&world.plan(&shop)));
    // The clock may have gone on by a day since; what counts is that the token is of use again.
    let (renewed, _) = shop.split_once("[[management]]\nname = \"shop-audit\"").unwrap();
    world.settle(renewed);
    assert!(!lines(&world.plan(renewed)).contains("shop-ci\n    it is"), "{}", lines(&world.plan(renewed)));
    let edited = shop.replace("looks at everything", "sees everything");
    assert_eq!(
        world.problems(&edited),
        ["shop.toml:50:14: error[expiry.past]: `2028-12-31` is in the past: the token would have ended at \
          2028-12-31T00:00:00Z"]
    );
}

#[test]
fn the_eleventh_management_token_is_refused_before_anything_is_made() {
    let world = World::new();
    let mut text = String::new();
    for number in 1..=11 {
        text.push_str(&format!(
            "[[management]]\nname = \"token-{number}\"\nscope = {{ entry = \"r\" }}\nbranches = [\"main\"]\n\
             sink = {{ env_file = \".env\", variable = \"T{number}\" }}\n"
        ));
    }
    let problems = world.problems(&text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("shop.toml:52:8: error[limit.management_tokens]: `token-11` would be"),
        "{problems:?}"
    );
    assert!(world.stack().management_tokens().list().unwrap().is_empty());

    let (ten, _) = text.split_once("[[management]]\nname = \"token-11\"").unwrap();
    world.settle(ten);
    // A full stack: another one has room only when one goes first.
    let other = ten.replace("token-10", "token-other");
    let problems = world.problems(&other);
    assert!(problems[0].contains("error[limit.management_tokens]"), "{problems:?}");
    assert!(problems[1].contains("error[sink.occupied]"), "token-10 still has its value there: {problems:?}");
    let (plan, _) = world.try_plan(&other, PlanOptions::default().prune()).unwrap();
    expect![[r#"
        delete management token-10
            the file does not declare it
        create management token-other
            note: overwrites the value of the management token `token-10` (blt…) in .env:T10"#]]
    .assert_eq(
        &uids_hidden(&lines(&plan))
            .lines()
            .filter(|line| !line.starts_with("unchanged"))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    assert!(world.apply_with(&other, PlanOptions::default().prune()).is_complete());
}

#[test]
fn without_room_the_old_token_goes_before_its_replacement() {
    let profile = Profile::seeds().with_limit(LimitId::ManagementTokensPerStack, Some(2), "a test");
    let world = World::with(profile);
    world.settle(SHOP);
    std::fs::remove_file(world.path().join(".env.shop.staging")).unwrap();
    let plan = world.plan(SHOP);
    let why = plan.steps.iter().find(|step| step.action == Action::Replace).unwrap().why.clone().unwrap();
    assert!(
        why.ends_with("there is no room for both, so the old token is deleted before the new one is made"),
        "{why}"
    );
    world.settle(SHOP);
}

#[test]
fn a_profile_may_take_two_environments_as_a_warning() {
    let two =
        SHOP.replace(r#"environments = ["production"] "#, r#"environments = ["production", "staging"] "#);
    assert!(World::new().problems(&two)[0].contains("error[environments.too_many]"));
    let world = World::with(Profile::live());
    let warnings = world.problems(&two);
    assert!(warnings[0].contains("warning[environments.too_many]"), "{warnings:?}");
    world.settle(&two);
}

#[test]
fn a_plan_is_for_one_stack() {
    let world = World::new();
    let (plan, sinks) = world.try_plan(SHOP, PlanOptions::default()).unwrap();
    let before = world.transport.requests();
    let other = world.client.stack("blt0".parse().unwrap());
    let applied = other.apply(&plan, &sinks, &mut |_| {}).unwrap();
    assert_eq!(applied.failed.unwrap().error.code(), "other_stack");
    assert_eq!(applied.not_reached.len(), 3);
    assert_eq!(world.transport.requests(), before);
}

#[test]
fn nothing_is_sent_for_a_file_that_is_not_toml() {
    let world = World::new();
    let before = world.transport.requests();
    assert_eq!(world.problems("= 1\n").len(), 1);
    assert_eq!(world.transport.requests(), before);
}

/// The text with every uid and key of this run replaced.
pub(crate) fn uids_hidden(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(index) = rest.find("blt") {
        out.push_str(&rest[..index]);
        out.push_str("blt…");
        rest = rest[index + 3..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    out + rest
}
