//! The main job, as a newcomer does it.

use crate::files::SHOP;
use crate::home::Home;

fn applied() -> Home {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    home
}

#[test]
fn the_first_run_makes_everything_and_the_second_nothing() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    let first = home.run("apply shop.toml");
    first.expect(0);
    first.says("target: local").says("+ create delivery token `shop-production`").says("plan: 4 to create");
    for name in ["shop-production", "shop-staging", "shop-ci", "shop-audit"] {
        first.says(name);
    }
    for (file, name) in [
        (".env.production", "DELIVERY"),
        (".env.production", "PREVIEW"),
        (".env.production", "MANAGEMENT"),
        (".env.staging", "DELIVERY"),
        (".env.staging", "MANAGEMENT"),
    ] {
        let value = home.variable(file, name).unwrap_or_else(|| panic!("{file} lacks {name}"));
        first.says_not(&value);
    }
    let before = home.read(".env.production");
    let second = home.run("apply shop.toml");
    second.expect(0).says("no changes");
    assert_eq!(home.read(".env.production"), before);
    home.run("plan shop.toml --check").expect(0).says("no changes");
}

#[cfg(unix)]
#[test]
fn env_files_are_for_their_owner_only() {
    let home = applied();
    for file in [".env.production", ".env.staging"] {
        assert_eq!(crate::home::mode(&home.work().join(file)), 0o600);
    }
    assert_eq!(crate::home::mode(&home.data().join("local.redb")), 0o600);
}

#[test]
fn the_table_fits_a_hundred_columns() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    let ran = home.run("apply shop.toml");
    let table: Vec<&str> = ran.out.lines().skip_while(|line| !line.starts_with("NAME")).collect();
    assert!(table.len() > 4, "{}", ran.out);
    assert!(table.iter().all(|line| line.chars().count() <= 100), "{}", ran.out);
}

#[test]
fn an_edited_scope_changes_exactly_that_field() {
    let home = applied();
    let value = home.variable(".env.production", "MANAGEMENT");
    home.write("shop.toml", &SHOP.replace("entry = \"r\", content_type", "entry = \"rw\", content_type"));
    let plan = home.run("plan shop.toml --check");
    plan.expect(5).says("scope.entry: r -> rw").says("plan: 1 to change; 3 unchanged");
    let document: serde_json::Value = home.json("plan shop.toml")["plan"].clone();
    let changed: Vec<&serde_json::Value> =
        document["steps"].as_array().unwrap().iter().filter(|step| step["action"] == "update").collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0]["changes"].as_array().unwrap().len(), 1);
    assert_eq!(changed[0]["changes"][0]["field"], "scope.entry");
    home.run("apply shop.toml").expect(0).says("scope.entry: r -> rw");
    home.run("apply shop.toml").expect(0).says("no changes");
    assert_eq!(home.variable(".env.production", "MANAGEMENT"), value, "an update keeps the value");
}

#[test]
fn a_removed_block_is_unmanaged_until_it_is_pruned() {
    let home = applied();
    let kept = SHOP.split("[[management]]\nname = \"shop-audit\"").next().unwrap();
    home.write("shop.toml", kept);
    home.run("plan shop.toml --check").expect(0).says("`shop-audit`").says("1 unmanaged");
    home.run("apply shop.toml").expect(0).says("no changes").says("--prune");
    home.run("management list").expect(0).says("shop-audit");
    // Nobody can be asked here.
    home.run("apply shop.toml --prune").expect(2).says("--yes");
    home.run("management list").expect(0).says("shop-audit");
    home.run("apply shop.toml --prune --yes").expect(0).says("- delete management token `shop-audit`");
    home.run("management list").expect(0).says_not("shop-audit").says("shop-ci");
    home.run("apply shop.toml --prune").expect(0).says("no changes");
}

#[test]
fn a_file_that_declares_nothing_prunes_nothing() {
    let home = applied();
    // As after `generate | cstok apply - --prune --yes`, where `generate` failed.
    home.run_with_input("apply - --prune --yes", "")
        .expect(4)
        .says("declares nothing")
        .says("management delete UID");
    home.write("empty.toml", "# none\n[stack]\nname = \"shop\"\n");
    home.run("plan empty.toml --prune").expect(4).says("`empty.toml` declares nothing");
    home.write("wrong.toml", "[[delivry]]\n");
    home.run("apply wrong.toml --prune --yes").expect(4).says("wrong.toml:1").says_not("declares nothing");
    assert_eq!(home.json("management list")["tokens"].as_array().unwrap().len(), 2);
    // Without --prune there is nothing to lose.
    home.run("apply empty.toml").expect(0).says("no changes");
}

#[test]
fn what_came_through_a_pipe_is_not_edited() {
    let home = Home::new();
    home.run_with_input("apply -", SHOP).expect(0).says("try next").says_not(" -, ").says_not("apply -");
}

#[test]
fn a_deleted_sink_is_a_change() {
    let home = applied();
    let old = home.variable(".env.staging", "MANAGEMENT").unwrap();
    let delivery = home.variable(".env.staging", "DELIVERY").unwrap();
    std::fs::remove_file(home.work().join(".env.staging")).unwrap();
    let plan = home.run("plan shop.toml --check");
    plan.expect(5)
        .says("~ deliver again delivery token `shop-staging`")
        .says("~ replace management token `shop-audit`");
    plan.says("never shows the value");
    home.run("apply shop.toml").expect(0);
    assert_eq!(
        home.variable(".env.staging", "DELIVERY").unwrap(),
        delivery,
        "a delivery value is delivered again"
    );
    let new = home.variable(".env.staging", "MANAGEMENT").unwrap();
    assert_ne!(new, old, "a management value is new");
    home.run("apply shop.toml").expect(0).says("no changes");
    let list = home.json("management list");
    assert_eq!(list["tokens"].as_array().unwrap().len(), 2, "the old token is gone");
}

#[test]
fn other_lines_of_an_env_file_stay() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.write(".env.production", "# mine\nOTHER=1\n");
    home.run("apply shop.toml").expect(0);
    let text = home.read(".env.production");
    assert!(text.starts_with("# mine\nOTHER=1\n"), "{text}");
    assert!(home.variable(".env.production", "PREVIEW").is_some());
}

#[test]
fn an_export_is_a_file_that_needs_new_sinks_only() {
    let home = applied();
    let export = home.run("export");
    export.expect(0).says("shop-production").says("shop-audit");
    for name in ["DELIVERY", "PREVIEW", "MANAGEMENT"] {
        export.says_not(&home.variable(".env.production", name).unwrap());
    }
    home.write("exported.toml", &export.out);
    let plan = home.json("plan exported.toml");
    for step in plan["plan"]["steps"].as_array().unwrap() {
        assert!(["deliver", "replace", "unchanged"].contains(&step["action"].as_str().unwrap()), "{step}");
        assert!(step.get("changes").is_none(), "{step}");
    }
}

#[test]
fn a_plan_in_json_has_the_rows_of_what_was_done() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    let done = home.json("apply shop.toml");
    assert_eq!(done["target"]["name"], "local");
    assert_eq!(done["plan"]["has_changes"], true);
    assert_eq!(done["tokens"].as_array().unwrap().len(), 4);
    assert!(done["tokens"][0]["uid"].is_string());
}

#[test]
fn an_expired_token_is_shown_as_such() {
    let home = Home::new();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let text = crate::files::management("ci").replace("sink", &format!("expires_on = \"{soon}\"\nsink"));
    home.write("shop.toml", &text);
    home.run("apply shop.toml").expect(0).says_not("expired");
    std::thread::sleep(std::time::Duration::from_millis(2200));
    // The date is in the past now, and nothing would be created or changed: no error.
    home.run("apply shop.toml").expect(0).says("no changes").says("expired");
    home.run("management list").expect(0).says("(expired)");
    home.write("shop.toml", &text.replace("entry = \"r\"", "entry = \"rw\""));
    home.run("apply shop.toml").expect(4).says("error[expiry.past]");
}
