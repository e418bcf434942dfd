//! Env files between several commands, and with what was in them before.

use std::process::Stdio;

use crate::files::{SHOP, delivery, management};
use crate::home::Home;

#[test]
fn two_runs_at_once_leave_values_that_work() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    for _ in 0..2 {
        std::fs::remove_file(home.work().join(".env.staging")).unwrap();
        let children: Vec<_> = (0..2)
            .map(|_| {
                let mut command = home.command(["apply", "shop.toml"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let mut replaced = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            replaced += String::from_utf8_lossy(&output.stdout).matches("replace management token").count();
        }
        assert_eq!(replaced, 1, "the second one finds what the first one made");
        let list = home.json("management list");
        let live =
            list["tokens"].as_array().unwrap().iter().find(|token| token["name"] == "shop-audit").unwrap();
        let comment =
            format!("# cstok: management token `shop-audit` {} of stack", live["uid"].as_str().unwrap());
        assert!(home.read(".env.staging").contains(&comment), "{}", home.read(".env.staging"));
        home.run("apply shop.toml").expect(0).says("no changes");
    }
}

#[test]
fn commands_at_once_lose_no_line() {
    let home = Home::new();
    home.run("delivery create web --environment production --branch main").expect(0);
    let server = crate::serve::Server::start(&["--demo", "--no-rate-limit"]);
    let remote = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let url = server.text("url");
    remote.run(&format!("delivery create web --environment production --branch main --url {url}")).expect(0);
    let children: Vec<_> = (0..6)
        .map(|number| {
            let line = format!("delivery get web --env-file .env --variable T{number} --url {url}");
            let mut command = remote.command(line.split_whitespace());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    for number in 0..6 {
        assert!(remote.variable(".env", &format!("T{number}")).is_some(), "{}", remote.read(".env"));
    }
}

#[test]
fn values_of_others_stay() {
    let home = Home::new();
    home.write("shop.toml", &management("ci"));
    home.write(".env", "CI=mine\n");
    let ran = home.run("apply shop.toml --json");
    ran.expect(4).says("overwrite");
    assert_eq!(ran.rules(), ["sink.occupied"]);
    assert_eq!(ran.document()["error"]["problems"][0]["line"], 5);
    let create = "management create ci --scope entry:r --branch nope --env-file .env --variable CI --json";
    let ran = home.run(create);
    ran.expect(4);
    assert_eq!(ran.rules(), ["sink.occupied", "branches.unknown"]);
    let create = "delivery create web --environment production --branch main --env-file .env --variable CI";
    home.run(create).expect(4).says("error[sink.occupied]").says("--variable");
    assert_eq!(home.read(".env"), "CI=mine\n");
    home.run("delivery create web --environment production --branch main").expect(0);
    home.run("delivery get web --env-file .env --variable CI")
        .expect(4)
        .says("# cstok: delivery token `web` blt");
    home.run("preview create web --env-file .env --variable CI").expect(4).says("error[sink.occupied]");
    assert_eq!(home.json("management list")["tokens"].as_array().unwrap().len(), 0);
    assert_eq!(home.json("delivery list")["tokens"].as_array().unwrap().len(), 1);
    // An empty variable is free.
    home.write(".env", "CI=\n");
    home.run("apply shop.toml").expect(0);
}

#[test]
fn values_of_another_stack_stay() {
    let here = Home::new();
    here.write("shop.toml", SHOP);
    here.run("apply shop.toml").expect(0);
    let text = here.read(".env.production");
    let there = Home::new();
    there.write("shop.toml", SHOP);
    there.write(".env.production", &text);
    there.run("apply shop.toml").expect(4).says("of another stack, blt").says("nothing was changed");
    assert_eq!(there.read(".env.production"), text);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_shown_and_mended() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.write("shop.toml", &management("ci"));
    home.run("apply shop.toml").expect(0);
    let path = home.work().join(".env");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    home.run("plan shop.toml --check")
        .expect(5)
        .says("~ protect")
        .says("from 0644 to 0600")
        .says("1 to protect");
    home.run("apply shop.toml").expect(0).says("from 0644 to 0600");
    assert_eq!(crate::home::mode(&path), 0o600);
    home.run("plan shop.toml --check").expect(0);
}

#[test]
fn what_ends_is_asked_about_and_leaves_nothing() {
    let server = crate::serve::Server::start(&["--demo", "--no-rate-limit"]);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let url = server.text("url");
    home.write("shop.toml", SHOP);
    home.run(&format!("apply shop.toml --yes --url {url}")).expect(0);
    std::fs::remove_file(home.work().join(".env.staging")).unwrap();
    let fewer = SHOP.replace("preview = true\n", "").replace(", preview_variable = \"PREVIEW\"", "");
    home.write("shop.toml", &fewer);
    home.run(&format!("apply shop.toml --url {url}"))
        .expect(2)
        .says("2 token values end for good")
        .says("the preview token of `shop-production` (blt")
        .says("the value of the management token `shop-audit` (blt")
        .says("removes the value that ends by this from .env.production:PREVIEW");
    home.run(&format!("apply shop.toml --yes --url {url}")).expect(0);
    assert_eq!(home.variable(".env.production", "PREVIEW"), None);
    assert!(home.variable(".env.production", "DELIVERY").is_some());
}

#[test]
fn what_a_file_says_wrong_is_told_without_a_credential() {
    let home = Home::new();
    let text = delivery("shop", "[\"production\", \"staging\"]")
        + &management("ci").replace("\".env\"", "\"no/.env\"");
    home.write("shop.toml", &text);
    home.write(".env", "[[delivery]]\n");
    let ran = home.run("apply shop.toml --json --region eu --stack blt1");
    ran.expect(4).says("there is no credential");
    assert_eq!(ran.rules(), ["environments.too_many", "sink.not_env_file", "sink.unwritable"]);
}

#[test]
fn a_declaration_is_no_sink() {
    let home = Home::new();
    let text = management("ci").replace("\".env\"", "\"./shop.toml\"");
    home.write("shop.toml", &text);
    let ran = home.run("apply shop.toml --json");
    ran.expect(4).says("it is the file that declares the tokens");
    assert_eq!(ran.rules(), ["sink.not_env_file"]);
    assert_eq!(home.read("shop.toml"), text);
}

#[test]
fn a_machine_without_the_sinks_can_still_check() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    for file in [".env.production", ".env.staging"] {
        std::fs::remove_file(home.work().join(file)).unwrap();
    }
    home.run("plan shop.toml --check").expect(5);
    home.run("plan shop.toml --check --without-sinks").expect(0).says("no changes");
    home.run("plan shop.toml --check --without-sinks --all-stacks").expect(0).says("no changes");
    home.run("management update shop-audit --scope entry:r").expect(0);
    home.run("plan shop.toml --check --without-sinks").expect(5).says("1 to change");
}
