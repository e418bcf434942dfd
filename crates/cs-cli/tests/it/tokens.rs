//! `delivery`, `preview` and `management`, one token at a time.

use crate::home::Home;

const DELIVERY: &str = "delivery create web --environment production --branch main --alias deploy";
const MANAGEMENT: &str = "management create ci --scope entry:rw,content_type:r --branch main";

#[test]
fn a_delivery_token_lives_and_dies() {
    let home = Home::new();
    let made = home
        .run(&format!("{DELIVERY} --env-file .env --variable TOKEN --preview --preview-variable PREVIEW"));
    made.expect(0).says("created").says("TOKEN");
    let value = home.variable(".env", "TOKEN").unwrap();
    let preview = home.variable(".env", "PREVIEW").unwrap();
    made.says_not(&value).says_not(&preview);
    home.run("delivery list")
        .expect(0)
        .says("web")
        .says("production")
        .says("deploy")
        .says("yes")
        .says_not(&value);

    home.run("delivery update web --branch main,development --description words").expect(0);
    let token = home.json("delivery get web");
    assert_eq!(token["token"]["description"], "words");
    home.run("delivery get web").expect(0).says("development, main").says_not(&value);
    assert_eq!(home.run("delivery get web --reveal").expect(0).out, format!("{value}\n{preview}\n"));

    std::fs::remove_file(home.work().join(".env")).unwrap();
    home.run("delivery get web --env-file .env --variable TOKEN").expect(0);
    assert_eq!(home.variable(".env", "TOKEN").unwrap(), value, "an update keeps the value");

    home.run("delivery delete web").expect(0);
    home.run("delivery list").expect(0).says("no delivery tokens");
    home.run("delivery delete web").expect(4).says("no delivery token");
}

#[test]
fn a_management_token_lives_and_dies() {
    let home = Home::new();
    home.run(MANAGEMENT).expect(4).says("error[sink.missing]").says("--reveal");
    home.run("management list").expect(0).says("no management tokens");
    let made = home.run(&format!("{MANAGEMENT} --expires-in 90d --notify --env-file .env --variable TOKEN"));
    let value = home.variable(".env", "TOKEN").unwrap();
    made.expect(0).says_not(&value);
    home.run("management list").expect(0).says("content_type:r, entry:rw").says_not(&value);
    home.run("management update ci --scope $all:r --expires never").expect(0).says("warning[");
    home.run("management update ci --notify false --all-branches").expect(0);
    home.run("management get ci").expect(0).says("$all:r").says("development, main").says("never");
    home.run("management delete ci").expect(0);
    assert_eq!(home.json("management list")["tokens"].as_array().unwrap().len(), 0);
}

#[test]
fn a_value_is_printed_when_someone_insists() {
    let home = Home::new();
    let ran = home.run(&format!("{MANAGEMENT} --reveal"));
    ran.expect(0);
    assert_eq!(ran.out.lines().count(), 1, "the value stands alone: {}", ran.out);
    let json = home.run("management create audit --scope $all:r --branch main --reveal --json");
    assert!(json.expect(0).document()["token"]["token"].as_str().unwrap().starts_with("cs"));
}

#[test]
fn a_preview_token_comes_and_goes() {
    let home = Home::new();
    home.run(DELIVERY).expect(0);
    home.run("preview create web --env-file .env --variable PREVIEW").expect(0);
    let first = home.variable(".env", "PREVIEW").unwrap();
    home.run("preview create web --env-file .env --variable PREVIEW").expect(0);
    let second = home.variable(".env", "PREVIEW").unwrap();
    assert_ne!(first, second, "a second one replaces the first");
    home.run("preview delete web").expect(0);
    home.run("delivery get web").expect(0).says("preview token no");
    home.run("preview delete web").expect(4).says("`web`").says("has no preview token");
}

#[test]
fn drafts_are_checked_before_anything_is_sent() {
    let home = Home::new();
    let ran = home.run(
        "management create ci --scope branch:r,entri:r --branch nope --expires 2020-01-01 --reveal --json",
    );
    ran.expect(4);
    let rules = ran.rules();
    for rule in ["scope.reserved_module", "scope.module_unknown", "branches.unknown", "expiry.past"] {
        assert!(rules.iter().any(|found| found == rule), "{rule} is missing in {rules:?}");
    }
    home.run(&format!("{MANAGEMENT} --env-file nowhere/.env --variable 1X"))
        .expect(4)
        .says("error[sink.unwritable]: --env-file: ")
        .says("error[sink.variable]: --variable: ");
    home.run(&format!("{MANAGEMENT} --reveal --variable X")).expect(2).says("--reveal").says("--variable");
    home.run("delivery create web --environment production --branch main --reveal --preview-variable X")
        .expect(2)
        .says("--preview-variable");
    home.run(&format!("{MANAGEMENT} --reveal --expires soon")).expect(4).says("expiry.unreadable");
    home.run(&format!("{MANAGEMENT} --reveal --expires-in 90")).expect(4).says("expiry.unreadable");
    home.run("management list").expect(0).says("no management tokens");
}

#[test]
fn an_update_names_what_it_changes() {
    let home = Home::new();
    home.run(&format!("{MANAGEMENT} --reveal")).expect(0);
    home.run("management update ci").expect(2).says("nothing to change");
    let ran = home.run("management create ci --scope entry:r --branch main --reveal");
    ran.expect(4).says("name.taken");
}

#[test]
fn a_wrong_period_has_its_own_fix() {
    let ran = Home::new().run(&format!("{MANAGEMENT} --expires-in 5y --reveal"));
    ran.expect(4).says("`5y` is not a number of days or weeks").says("fix: write a number of days or weeks");
}

#[test]
fn uids_name_tokens_too() {
    let home = Home::new();
    home.run(DELIVERY).expect(0);
    let uid = home.json("delivery get web")["token"]["uid"].as_str().unwrap().to_owned();
    home.run(&format!("delivery get {uid}")).expect(0).says("web");
    home.run(&format!("delivery update {uid} --name shop")).expect(0).says("shop");
    home.run(&format!("delivery delete {uid}")).expect(0);
}

#[test]
fn everything_wrong_with_a_new_token_is_told_at_once() {
    let home = Home::new();
    let ran = home.run("management create ci --expires-in 0d --json");
    ran.expect(4);
    let problems = ran.document()["error"]["problems"].clone();
    let rules: Vec<&str> =
        problems.as_array().unwrap().iter().map(|problem| problem["rule"].as_str().unwrap()).collect();
    for rule in ["sink.missing", "expiry.unreadable", "scope.modules_missing", "branch_scope.missing"] {
        assert!(rules.contains(&rule), "{rule} is not in {rules:?}");
    }
    assert!(!home.data().join("local.redb").exists());
}

#[test]
fn answers_fit_what_was_asked() {
    let home = Home::new();
    home.run(&format!("{MANAGEMENT} --reveal")).expect(0);
    home.run("management get ci --reveal").expect(2).says("shows the value of a management token once");
    home.run("management get ci").expect(0).says("description   -");
    home.run("management update ci --expires-in 0d").expect(4).says("no time at all");
    home.run_args(["management", "create", "x", "--scope", ""])
        .expect(2)
        .says("names no module")
        .says_not("`:r`");
    home.run(DELIVERY).expect(0);
    home.run("preview create web").expect(0).says("created the preview token");
    home.run("preview create web").expect(0).says("replaced the preview token");
    assert_eq!(home.json("preview create web")["outcome"], "replaced");
    home.write("shop.toml", "[[management]]\nname = 1\n");
    home.run("apply shop.toml").expect(4).says_not("``");
    home.run("lint shop.toml").expect(4).says("error: ").says_not("nothing was changed");
    home.write("tests.toml", "[[test]]\nid = 1\n");
    home.run("policy test tests.toml").expect(4).says_not("nothing was changed");
}
