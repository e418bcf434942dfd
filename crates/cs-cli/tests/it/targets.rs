//! Where commands work: the configuration, the environment, and what they say about it.

use crate::files::SHOP;
use crate::home::Home;
use crate::serve::Server;

#[test]
fn every_command_names_its_target() {
    let home = Home::new();
    for line in ["whoami", "delivery list", "management list", "export", "logout"] {
        let ran = home.run(line);
        assert!(ran.err.contains("target: local"), "{line}: {}", ran.err);
    }
}

#[test]
fn two_credentials_are_one_too_many() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a").with("CONTENTSTACK_MANAGEMENT_TOKEN", "b");
    home.run("delivery list --region eu --stack blt1")
        .expect(2)
        .says("CONTENTSTACK_AUTHTOKEN and CONTENTSTACK_MANAGEMENT_TOKEN");
    // The local target uses neither, and says so.
    home.run("delivery list").expect(0).says("CONTENTSTACK_AUTHTOKEN");
}

#[test]
fn no_credential_says_how_to_get_one() {
    let ran = Home::new().run("delivery list --region eu --stack blt1");
    ran.expect(2).says("cstok login EMAIL --region eu").says("CONTENTSTACK_AUTHTOKEN");
}

#[test]
fn no_stack_says_how_to_name_one() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a");
    home.run("delivery list --url http://127.0.0.1:9").expect(2).says("--stack").says("CONTENTSTACK_API_KEY");
}

#[test]
fn nobody_answers() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a").with("CONTENTSTACK_API_KEY", "blt1");
    let ran = home.run("delivery list --url http://127.0.0.1:9 --json");
    ran.expect(7);
    assert_eq!(ran.document()["error"]["code"], "no_answer");
}

#[test]
fn a_management_token_is_refused_before_anything_is_sent() {
    let home = Home::new().with("CONTENTSTACK_MANAGEMENT_TOKEN", "a").with("CONTENTSTACK_API_KEY", "blt1");
    // Nobody listens there: a request would have ended with 7.
    home.run("delivery list --url http://127.0.0.1:9").expect(3);
}

#[test]
fn urls_and_regions_are_checked() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a").with("CONTENTSTACK_API_KEY", "blt1");
    home.run("delivery list --url http://example.com").expect(2).says("https");
    home.run("delivery list --url nonsense").expect(2);
    home.run("delivery list --region mars").expect(2).says("`eu`");
    home.run("delivery list --region eu --url http://127.0.0.1:9").expect(2).says("cannot be used with");
}

#[test]
fn a_configured_target_works() {
    let server = Server::start(&["--demo"]);
    let home = Home::new().with("OUR_TOKEN", server.text("authtoken"));
    std::fs::write(
        home.config(),
        format!(
            "[targets.here]\nurl = \"{}\"\napi_key = \"{}\"\nauthtoken_env = \"OUR_TOKEN\"\n",
            server.text("url"),
            server.text("api_key")
        ),
    )
    .unwrap();
    home.run("whoami --target here").expect(0).says("OUR_TOKEN").says("owner@demo.invalid");
    home.write("shop.toml", SHOP);
    // Nobody can be asked, and this is not the local target.
    let asked = home.run("apply shop.toml --target here");
    asked.expect(2).says("--yes").says("+ create delivery token");
    home.run("delivery list --target here").expect(0).says("no delivery tokens");
    home.run("apply shop.toml --target here --yes").expect(0);
    home.run("apply shop.toml --target here").expect(0).says("no changes");
    home.run("delivery delete shop-staging --target here").expect(2).says("--yes");
    home.run("delivery delete shop-staging --target here --yes").expect(0);
}

#[test]
fn what_only_reads_makes_no_folder() {
    let home = Home::new();
    home.run("delivery list").expect(0);
    home.run("whoami").expect(0);
    home.run("plan - --without-sinks");
    home.run("whoami --region eu").expect(2);
    assert!(!home.data().exists());
}

#[test]
fn a_wrong_configuration_is_explained() {
    let home = Home::new();
    home.run("whoami --target here").expect(2).says("there is no target `here`").says("config.toml");
    std::fs::write(home.config(), "[targets.here]\nurl = \"http://127.0.0.1:9\"\nauthtoken = \"canary\"\n")
        .unwrap();
    home.run("whoami --target here").expect(2).says("config.toml:3:1").says("authtoken").says_not("canary");
    let two = "[targets.good]\nurl = \"http://127.0.0.1:9\"\n[targets.here]\nregoin = \"eu\"\napi_key = 7\n";
    std::fs::write(home.config(), two).unwrap();
    home.run("whoami --target here")
        .expect(2)
        .says("config.toml:4:1: error[config]: `[targets.here]` has no key `regoin`")
        .says("did you mean `region`")
        .says("config.toml:5:11: ")
        .says("has 2 errors");
    // It keeps nobody from using another.
    home.run("delivery list --target good --stack blt1").says_not("config.toml");
    home.run("whoami").expect(0);
    std::fs::write(home.config(), "[targets.here]\napi_key = \"blt1\"\n").unwrap();
    home.run("whoami --target here").expect(2).says("neither a `url` nor a `region`");
    // The target inside this program is not configured, whether it is named or not.
    std::fs::write(home.config(), "[targets.local]\nurl = \"http://127.0.0.1:9\"\n").unwrap();
    for line in ["whoami", "whoami --target local", "whoami --target here"] {
        home.run(line).expect(2).says("config.toml:1:10").says("takes no configuration");
    }
}

#[test]
fn no_value_of_the_configuration_is_shown() {
    let home = Home::new();
    for text in [
        "[targets.here]\nregion = \"canary\"\n",
        "[targets.here]\nregion = \"eu\"\nprofile = \"canary\"\n",
        "[targets.here]\nregion = \"eu\"\nauthtoken_env = \"canary\"\n",
        "[targets.here]\nregion = \"eu\"\nauthtoken_env = \"canary-1\"\n",
        "[targets.here]\nregion = \"eu\"\nmanagement_token_env = \"cscaca0123456789abcdef\"\n",
        "[targets.here]\nregion = \"eu\"\napi_key = \"canary canary\"\n",
        "targets = \"canary\"\n",
        "[targets]\nhere = \"canary\"\n",
    ] {
        std::fs::write(home.config(), text).unwrap();
        for line in ["delivery list --target here --stack blt1", "whoami --target here --json"] {
            let ran = home.run(line);
            assert_eq!(ran.code, 2, "{text}{}", ran.all());
            ran.says_not("canary").says_not("cscaca");
        }
    }
    std::fs::write(home.config(), "[targets.here]\nregion = \"eu\"\nauthtoken_env = \"TOKEN\"\n").unwrap();
    home.run("whoami --target here").expect(2).says("the variable that `authtoken_env` names");
}

#[test]
fn folders_that_cannot_be_used_are_a_matter_of_the_environment() {
    let home = Home::new();
    std::fs::create_dir(home.config()).unwrap();
    home.run("whoami").expect(2).says("config.toml").says("cannot be read");
    let home = Home::new();
    std::fs::write(home.data(), "").unwrap();
    home.run("whoami").expect(2).says("CSTOK_DATA_DIR");
}

#[test]
fn questions_make_no_store() {
    let home = Home::new();
    home.write("nothing.toml", "");
    // Nothing could be made there.
    std::fs::create_dir(home.data()).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(home.data(), std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    for line in [
        "who-can GET /v3/content_types",
        "lint",
        "delivery list",
        "delivery get none",
        "management list",
        "management get none",
        "export",
        "whoami",
        "doctor",
        "plan nothing.toml",
        "diff none other",
        "can --list --as-token none",
    ] {
        home.run(line).says("target: local (in memory)").says("note: there is no local store yet");
        // The stack is gone with the command, so nothing is to be kept of it.
        home.run(line).says_not(", stack blt").says_not("api_key =");
        assert_eq!(std::fs::read_dir(home.data()).unwrap().count(), 0, "{line}");
    }
    home.run("management list --all-stacks").expect(0).says("stack Demo stack");
    home.run("logout").expect(0).says("no session is kept");
    assert_eq!(std::fs::read_dir(home.data()).unwrap().count(), 0);
    #[cfg(unix)]
    std::fs::set_permissions(home.data(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // Once there is a store, it is the one that is read.
    home.run("apply nothing.toml").expect(0);
    assert!(home.data().join("local.redb").exists());
    home.run("who-can GET /v3/content_types").expect(0).says_not("in memory");
}

#[test]
fn a_refused_credential_is_renewed_where_it_was_refused() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "bltnosuchsession");
    for line in ["whoami", "export --all-stacks"] {
        let ran = home.run(&format!("{line} --url {url} --json"));
        let hints = ran.expect(6).document()["error"]["hints"].to_string();
        let wanted = format!("or unset it and log in: cstok login EMAIL --url {url}");
        assert!(hints.contains(&wanted) && hints.contains("CONTENTSTACK_AUTHTOKEN"), "{hints}");
    }
    let stack = server.text("api_key");
    home.write("shop.toml", "");
    home.run(&format!("apply shop.toml --url {url} --stack {stack}"))
        .expect(6)
        .says(&format!("cstok login EMAIL --url {url} --stack {stack}"));
}

#[test]
fn a_document_tells_which_credential_it_is_from() {
    let home = Home::new();
    assert_eq!(home.json("whoami")["target"]["credential"], "authtoken of the demo owner");
    assert_eq!(home.json("delivery list")["target"]["credential_kind"], "authtoken");
}

#[test]
fn documents_begin_alike() {
    let home = Home::new();
    home.write("a.json", r#"{"type": "management", "uid": "blt1", "name": "a", "scope": []}"#);
    for line in ["policy export --format sql", "diff a.json a.json", "whoami", "aply", "lint"] {
        let out = home.run(&format!("{line} --json")).out;
        assert!(out.starts_with("{\n  \"schema\": 1,\n"), "{line}: {out}");
    }
    let slip = home.run("aply --json").out;
    let at = |key: &str| slip.find(&format!("\"{key}\"")).unwrap();
    assert!(at("exit") < at("code") && at("code") < at("message") && at("message") < at("hints"), "{slip}");
}

#[test]
fn only_what_knows_an_option_names_it() {
    let home = Home::new();
    home.write(
        "a.json",
        r#"{"name": "x", "uid": "blt1", "scope": [{"module": "branch", "branches": ["main"]}]}"#,
    );
    home.run("lint a.json").expect(4).says_not("--as").says("`\"type\": \"delivery\"`");
    home.run("diff a.json a.json").expect(4).says_not("--as");
    home.run("can GET /v3/assets --token a.json").expect(4).says("say it with --as");
    home.run("can GET /v3/assets --token a.json --as management").says_not("does not show");
}
