//! What is written of a stack and of a plan: the file of an export, and JSON.

use cs_tokens::{Action, Declaration, PlanOptions, Sinks, export};
use expect_test::expect;

use super::{SHOP, uids_hidden};
use crate::world::{World, lines};

#[test]
fn an_exported_stack_plans_to_nothing_but_sinks() {
    let world = World::new();
    world.settle(SHOP);
    let text = export(&world.stack().inventory().unwrap());
    expect![[r##"
        # The tokens of a stack, as they are. Sinks are suggestions.
        #
        # The API never shows the value of a management token again. Where you have it, put it into the sink under a line
        #   # cstok: management token `name` uid of stack api_key
        # else the next plan proposes to replace the token.

        [stack]
        api_key = "blt…"

        [[delivery]] # blt…
        name = "shop-production"
        description = "the web shop, as customers see it"
        environments = ["production"]
        branches = ["main"]
        aliases = ["deploy"]
        preview = true
        sink = { env_file = ".env.shop-production", variable = "CONTENTSTACK_DELIVERY_TOKEN", preview_variable = "CONTENTSTACK_PREVIEW_TOKEN" }

        [[delivery]] # blt…
        name = "shop-staging"
        description = "the web shop, before it goes live"
        environments = ["staging"]
        branches = ["development", "main"]
        sink = { env_file = ".env.shop-staging", variable = "CONTENTSTACK_DELIVERY_TOKEN" }

        [[management]] # blt…
        name = "shop-audit"
        description = "looks at everything and changes nothing"
        scope = { "$all" = "r" }
        branches = ["development", "main"]
        expires_on = "2099-12-31"
        sink = { env_file = ".env.shop-audit", variable = "CONTENTSTACK_MANAGEMENT_TOKEN" }

        [[management]] # blt…
        name = "shop-ci"
        description = "imports content when the shop is built"
        scope = { content_type = "r", entry = "rw" }
        branches = ["development"]
        aliases = ["release"]
        expires_on = "2027-02-19"
        notify = true
        sink = { env_file = ".env.shop-ci", variable = "CONTENTSTACK_MANAGEMENT_TOKEN" }
    "##]]
    .assert_eq(&uids_hidden(&text));
    let declaration = Declaration::parse("export.toml", &text).unwrap();
    let sinks = Sinks::read(world.path(), &declaration);
    let plan = world.stack().plan(&declaration, &sinks, PlanOptions::default()).unwrap();
    assert!(plan.changes().all(|step| step.changes.is_empty()), "{}", lines(&plan));
    assert_eq!((plan.count(Action::Deliver), plan.count(Action::Replace)), (2, 2));
}

#[test]
fn a_plan_is_json_with_a_version() {
    let world = World::new();
    world.settle(SHOP);
    let edited = SHOP
        .replace(r#"content_type = "r" }"#, r#"asset = "w" }"#)
        .replace(r#"branches = ["development"]"#, r#"branches = ["main"]"#);
    let plan = world.plan(&edited);
    let mut json = serde_json::to_value(&plan).unwrap();
    json["steps"].as_array_mut().unwrap().truncate(1);
    // The limits per second make the story take a while on its own clock; how long is not its point.
    json["made_at"] = "2026-11-21T12:00:00Z".into();
    // As values: the order of keys depends on a feature of serde_json that other crates may turn on.
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let expected = value(
        r#"
        {
          "has_changes": true,
          "made_at": "2026-11-21T12:00:00Z",
          "profile": "seeds",
          "schema": 1,
          "stack": "blt…",
          "steps": [
            {
              "action": "update",
              "changes": [
                {
                  "field": "scope.asset",
                  "to": "w"
                },
                {
                  "field": "scope.content_type",
                  "from": "r"
                },
                {
                  "added": [
                    "main"
                  ],
                  "field": "branches",
                  "removed": [
                    "development"
                  ]
                }
              ],
              "kind": "management",
              "name": "shop-ci",
              "uid": "blt…"
            }
          ],
          "warnings": []
        }"#,
    );
    assert_eq!(value(&uids_hidden(&json.to_string())), expected);
}
