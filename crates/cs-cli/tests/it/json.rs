//! `--json`: one document on standard output, for every command, also when it fails.

use crate::files::SHOP;
use crate::home::Home;

#[test]
fn every_command_has_a_document() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    for line in [
        "plan shop.toml",
        "apply shop.toml",
        "plan shop.toml --check",
        "export",
        "delivery list",
        "delivery get shop-production",
        "delivery update shop-production --description new",
        "preview create shop-staging",
        "preview delete shop-staging",
        "management list",
        "management get shop-ci",
        "management update shop-ci --description new",
        "management delete shop-ci",
        "delivery delete shop-staging",
        "whoami",
        "logout",
        "can GET /v3/user --as authtoken --role owner",
        "can --list --as anonymous",
        "who-can GET /v3/content_types",
        "diff shop.toml#shop-ci shop.toml#shop-audit",
        "policy export --format md",
        "policy show any.unmapped",
        "completions fish",
        "man",
    ] {
        home.json(line);
    }
}

#[test]
fn a_list_holds_tokens_as_the_api_answers_them() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    let list = home.json("management list");
    let ci = list["tokens"].as_array().unwrap().iter().find(|token| token["name"] == "shop-ci").unwrap();
    assert!(ci["scope"].as_array().unwrap().iter().any(|entry| entry["module"] == "entry"));
    assert!(ci["expires_on"].is_string());
    let delivery = home.json("delivery get shop-production");
    assert_eq!(delivery["token"]["token"], "[redacted]");
    assert_eq!(delivery["token"]["preview_token"], "[redacted]");
}

#[test]
fn a_failure_is_a_document() {
    let home = Home::new();
    for (line, exit, code) in [
        ("management get nobody", 4, "token.unknown"),
        ("management create ci --scope entry:r --branch main", 4, "sink.missing"),
        ("delivery create shop --environment prod --branch main", 4, "environments.unknown"),
        ("apply nothing.toml", 4, "file.unreadable"),
        ("whoami --target nowhere", 2, "usage"),
        ("whoami --region mars", 2, "usage"),
        ("delivery list --stack blt0000000000000000", 6, "refused"),
    ] {
        let ran = home.run(&format!("{line} --json"));
        ran.expect(exit);
        let error = ran.document()["error"].clone();
        assert_eq!(error["exit"], exit, "{line}");
        assert_eq!(error["code"], code, "{line}");
        assert!(!error["message"].as_str().unwrap().is_empty());
        assert!(error["problems"].is_array());
        assert!(ran.err.contains("error"), "people are told, too: {}", ran.err);
    }
}

#[test]
fn a_refusal_holds_what_the_api_said() {
    let ran = Home::new().run("delivery list --stack blt0000000000000000 --json");
    let api = &ran.document()["error"]["api"];
    assert_eq!(api["status"], 412);
    assert_eq!(api["code"], 109);
}

#[test]
fn a_denial_that_nothing_mends_says_so() {
    let home = Home::new();
    let never = home
        .run("can access_token:reset --as authtoken --role owner --stack-created 2021-01-01 --json")
        .document();
    assert_eq!(never["fix"][0]["change"], "none");
    let detail = never["fix"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("nothing") && detail.contains("[authtoken."), "{detail}");
    let mended = home.run("can GET /v3/content_types --as management --scope asset:r --json").document();
    assert_eq!(mended["fix"][0]["change"], "add_scope");
}
