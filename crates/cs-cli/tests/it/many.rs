//! `apply` and `plan` on many stacks: places of their own, one question, and a result for each.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use crate::files::SHOP;
use crate::home::{Home, Ran};
use crate::stacks::{Two, outcomes};

/// A token for each stack, in a file and in a variable of its own.
const EACH: &str = r#"
[[management]]
name = "ci"
scope = { entry = "r" }
branches = "all"
sink = { env_file = ".env.{stack}", variable = "CI" }

[[management]]
name = "audit"
scope = { content_type = "r" }
branches = "all"
sink = { env_file = ".env", variable = "{stack}_AUDIT" }
"#;

/// A machine with a target `here` whose stacks are `shop` and `web-blog`.
fn home(two: &Two) -> Home {
    let home = two.home();
    let text = format!(
        "[targets.here]\nurl = \"{}\"\nauthtoken_env = \"CONTENTSTACK_AUTHTOKEN\"\n\
         [targets.here.stacks.shop]\napi_key = \"{}\"\n[targets.here.stacks.web-blog]\napi_key = \"{}\"\n",
        two.url(),
        two.first,
        two.second
    );
    fs::write(home.config(), text).unwrap();
    home.write("each.toml", EACH);
    home
}

#[test]
fn each_stack_has_its_tokens_and_its_places() {
    let two = Two::new();
    let home = home(&two);
    let plan = home.run("plan each.toml --check --target here --all-stacks");
    plan.expect(5).says(".env.shop (CI)").says(".env (WEB_BLOG_AUDIT)").says("plan: 2 to create");
    // All plans, then one question for all of them.
    home.run("apply each.toml --target here --all-stacks")
        .expect(2)
        .says("plan: 2 to create")
        .says("carry out 4 steps in 2 stacks on here")
        .says("--yes");
    home.run("apply each.toml --target here --all-stacks --yes")
        .expect(0)
        .says(&format!("stack web-blog ({})", two.second))
        .says("shop: [2/2] create management token `audit`: done");
    let values = [
        home.variable(".env.shop", "CI"),
        home.variable(".env", "SHOP_AUDIT"),
        home.variable(".env.web-blog", "CI"),
        home.variable(".env", "WEB_BLOG_AUDIT"),
    ];
    let values: BTreeSet<String> = values.into_iter().map(Option::unwrap).collect();
    assert_eq!(values.len(), 4);
    let again = home.json("apply each.toml --target here --all-stacks --yes");
    assert_eq!(again["failed"], 0);
    for stack in again["stacks"].as_array().unwrap() {
        assert_eq!((&stack["result"]["plan"]["has_changes"], &stack["exit"]), (&false.into(), &0.into()));
    }
    // One of them by itself has the same places, by its name and by its key.
    for stack in ["shop", &two.first] {
        home.run(&format!("plan each.toml --check --target here --stack {stack}")).expect(0);
    }
    home.run("plan each.toml --check --target here --all-stacks").expect(0).says("no changes");
    home.run("delivery get none --target here --all-stacks").expect(4).says("2 of 2 stacks failed");
    home.run("management get ci --target here --all-stacks").expect(0).says(&two.first).says(&two.second);
    let exported = home.run("export --target here --all-stacks");
    exported.expect(0).says("name = \"audit\"").says("# stack shop (");
    assert!(exported.out.lines().all(|line| !line.starts_with("stack ")), "{}", exported.out);
    home.run("whoami --target here --all-stacks").expect(0).says("stack shop");
    // Tokens that go are named in the question.
    let text = EACH.split_at(EACH.rfind("\n[[").unwrap()).0;
    home.write("less.toml", text);
    home.run("apply less.toml --prune --target here --all-stacks")
        .expect(2)
        .says("carry out 2 steps in 2 stacks")
        .says("2 token values end for good")
        .says("of stack web-blog");
}

#[test]
fn a_place_of_two_stacks_is_refused_before_anything_is_sent() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "nobody-takes-it");
    home.write("shop.toml", SHOP);
    // Nobody listens there.
    let stacks = "--url http://127.0.0.1:1 --stack bltaa --stack bltbb";
    for command in ["apply shop.toml --yes", "plan shop.toml"] {
        let ran = home.run(&format!("{command} {stacks}"));
        ran.expect(4)
            .says("shop.toml:8:51: error[sink.conflict]: `DELIVERY` of `.env.production` would take values of the stacks")
            .says("stacks `bltaa` and `bltbb`")
            .says("put `{stack}` into `env_file`, such as `.env.production.{stack}`, or into `variable`");
        assert_eq!(home.run(&format!("{command} {stacks} --json")).rules(), ["sink.conflict"; 5]);
    }
    let get = "delivery get web --env-file .env";
    home.run(&format!("{get} --variable T {stacks}"))
        .expect(4)
        .says("error[sink.conflict]: --variable: `T` of `.env` would take values")
        .says("put `{stack}`");
    home.write("each.toml", EACH);
    for line in ["plan each.toml", "apply each.toml --yes", &format!("{get} --variable T_{{stack}}")] {
        home.run(&format!("{line} {stacks}")).expect(7).says("2 of 2 stacks failed");
    }
    // What is wrong for every stack is told once.
    home.write("wrong.toml", "[[management]]\nname = 1\n");
    let Ran { err, .. } = home.run(&format!("apply wrong.toml --yes {stacks}"));
    assert_eq!(err.matches("`name` must be a text").count(), 1, "{err}");
}

#[test]
fn one_failing_stack_keeps_nothing_from_the_others() {
    let two = Two::new();
    let home = two.home();
    home.write("each.toml", EACH);
    // A folder where a file is to be, so that the value of the second has no place.
    let taken = home.work().join(format!(".env.{}", two.second));
    fs::create_dir(&taken).unwrap();
    let none = "blt0000000000000000";
    let line = format!(
        "apply each.toml --yes --url {} --stack {} --stack {none} --stack {}",
        two.url(),
        two.first,
        two.second
    );
    let ran = home.run(&format!("{line} --json"));
    let document = ran.expect(6).document();
    let refused = (none.to_owned(), 6, Some("refused".to_owned()));
    let invalid = (two.second.clone(), 4, Some("sink.unwritable".to_owned()));
    assert_eq!(outcomes(&document), [(two.first.clone(), 0, None), refused, invalid]);
    assert_eq!(document["stacks"][0]["result"]["applied"]["done"].as_array().unwrap().len(), 2);
    assert!(home.variable(&format!(".env.{}", two.first), "CI").is_some());
    home.run(&line).expect(6).says("no changes").says("2 of 3 stacks failed");
}

#[test]
fn a_step_that_fails_says_what_was_done() {
    let two = Two::new();
    let home = two.home();
    home.write("each.toml", EACH);
    // It meets one of the two stacks.
    let fault = json!({ "fault": "status", "status": 422, "method": "POST", "times": 1, "after": 1 });
    two.admin("POST", "/faults", &fault);
    let document = home.run(&format!("apply each.toml --yes --url {} --all-stacks --json", two.url()));
    let document = document.expect(6).document();
    assert_eq!(document["failed"], 1);
    let done: BTreeSet<(u64, usize, bool)> = document["stacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stack| {
            let applied = &stack["result"]["applied"];
            let exit = stack["exit"].as_u64().unwrap();
            let told = stack["error"]["message"].as_str().is_some_and(|text| text.contains("failed: "));
            (exit, applied["done"].as_array().unwrap().len(), told)
        })
        .collect();
    assert!(done.contains(&(0, 2, false)), "{done:?}");
    assert!(done.iter().any(|(exit, done, told)| *exit == 6 && *done < 2 && *told), "{done:?}");
    // What is left is done the next time.
    home.run(&format!("apply each.toml --yes --url {} --all-stacks", two.url())).expect(0);
}

#[test]
fn the_placeholder_is_for_one_stack_as_well() {
    let home = Home::new();
    home.write("each.toml", EACH);
    home.run("apply each.toml").expect(0);
    let api_key = home.json("whoami")["target"]["api_key"].as_str().unwrap().to_owned();
    assert!(home.variable(&format!(".env.{api_key}"), "CI").is_some());
    assert!(home.variable(".env", &format!("{}_AUDIT", api_key.to_uppercase())).is_some());
    home.run(&format!("delivery create web --environment production --branch main --stack {api_key} --env-file web.{{stack}} --variable W_{{stack}}"))
        .expect(0);
    assert!(home.variable(&format!("web.{api_key}"), &format!("W_{}", api_key.to_uppercase())).is_some());
    home.run("delivery get web --env-file web.{stack} --variable W")
        .expect(4)
        .says("none is named")
        .says("--stack");
    // Of all stacks of the local target, too.
    home.run("apply each.toml --all-stacks").expect(0).says("stack Demo stack").says("no changes");
}
