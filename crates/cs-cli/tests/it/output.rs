//! What is printed, and where it cannot be.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::fake::fake;
use crate::home::{Home, Ran};

/// A text that clears the screen, sets the title, turns what follows around, and begins a line of its own.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}1m\u{202e}b\nerror: c";

fn is_harmless(text: &str) -> bool {
    !text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\r'])
}

#[track_caller]
fn harmless(ran: &Ran) {
    assert!(is_harmless(&ran.out) && is_harmless(&ran.err), "{:?}\n{:?}", ran.out, ran.err);
    assert!(!ran.all().lines().any(|line| line.starts_with("error: c")), "{}", ran.all());
}

#[test]
fn text_from_outside_does_nothing_to_a_terminal() {
    let home = Home::new();
    let create = ["delivery", "create", "web", "--environment", "production", "--branch", "main"];
    home.run_args(create.iter().chain(&["--description", HOSTILE])).expect(0);
    home.write("shop.toml", &crate::files::delivery("web", "[\"production\"]"));
    for line in [
        "delivery get web",
        "delivery get web --json",
        "plan shop.toml",
        "plan shop.toml --json",
        "export --json",
    ] {
        let ran = home.run(line);
        ran.expect(0).says("202e").says("9b");
        harmless(&ran);
    }
    let export = home.run("export");
    harmless(&export);
    home.write("exported.toml", &export.out);
    home.run("plan exported.toml").expect(0).says_not("description");
    // As the question is asked, and in what the user typed.
    harmless(home.run_args(["delivery", "get", HOSTILE]).expect(4));
    harmless(home.run_args(["delivery", "get", HOSTILE, "--json"]).expect(4));
    harmless(home.run_args(["delivery", "list", "--profile", "live", "--target", HOSTILE]).expect(2));
    let create = create.map(|word| if word == "web" { HOSTILE } else { word });
    harmless(home.run_args(create).expect(4).says("error[name.control_character]"));
}

#[test]
fn messages_of_the_api_do_nothing_to_a_terminal() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a").with("CONTENTSTACK_API_KEY", "blt1");
    let body = serde_json::json!({
        "error_message": HOSTILE, "error_code": 141, "errors": { HOSTILE: [HOSTILE] }
    });
    let url = fake("422 Unprocessable Entity", "", &body.to_string());
    for line in ["management list", "delivery list --json", "whoami", "export"] {
        let ran = home.run(&format!("{line} --url {url}"));
        ran.expect(6).says("202e");
        harmless(&ran);
    }
    let tokens = serde_json::json!({ "tokens": [{ "uid": "blt1", "name": HOSTILE, "scope": [
        { "module": HOSTILE, "acl": { "read": true } }, { "module": "branch", "branches": [HOSTILE] }
    ], "expires_on": HOSTILE }] });
    let url = fake("200 OK", "", &tokens.to_string());
    for line in ["management list", "management list --json"] {
        let ran = home.run(&format!("{line} --url {url}"));
        ran.expect(0).says("202e");
        harmless(&ran);
    }
}

#[test]
fn a_wait_is_told() {
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "a").with("CONTENTSTACK_API_KEY", "blt1");
    let body = r#"{"error_message":"too many","error_code":429}"#;
    let url = fake("429 Too Many Requests", "Retry-After: 3600\r\n", body);
    let ran = home.run(&format!("whoami --url {url}"));
    ran.expect(6).says("asks to wait 3600 s");
    let url = fake("429 Too Many Requests", "Retry-After: 1\r\n", body);
    home.run(&format!("whoami --url {url}")).expect(6).says("waiting 1 s");
}

const REVEAL: &str = "management create ci --scope entry:r --branch main --reveal";

#[cfg(target_os = "linux")]
#[test]
fn a_value_that_nobody_got_is_of_no_use() {
    let home = Home::new();
    for line in [REVEAL.to_owned(), format!("{REVEAL} --json")] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output =
            home.command(line.split_whitespace()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let ran = Ran::from(output);
        ran.expect(1).says("the token was deleted again");
        // A reader that has gone before anything was written.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            home.command(line.split_whitespace()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let ran = Ran::from(output);
        ran.expect(1).says("standard output was closed").says("the token was deleted again");
        assert_eq!(home.json("management list")["tokens"].as_array().unwrap().len(), 0);
    }
    // Where the value is in a file, the token stays.
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let line = REVEAL.replace("--reveal", "--env-file .env --variable CI");
    let output = home.command(line.split_whitespace()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(home.json("management list")["tokens"].as_array().unwrap().len(), 1);
    assert!(home.variable(".env", "CI").is_some());
}

#[test]
fn a_value_that_can_be_read_again_is_not_lost_but_nobody_got_it() {
    let home = Home::new();
    let closed = |line: &str| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Ran::from(
            home.command(line.split_whitespace()).stdout(writer).stderr(Stdio::piped()).output().unwrap(),
        )
    };
    let create = "delivery create web --environment production --branch main";
    closed(&format!("{create} --reveal")).expect(1).says("read its value with `cstok delivery get");
    closed("delivery get web --reveal").expect(1);
    closed("preview create web --reveal").expect(1);
    // Without a value to hand over, a reader that has gone has seen enough.
    closed("delivery list").expect(0);
}

#[test]
fn all_that_is_wrong_with_a_command_line_is_in_its_document() {
    let home = Home::new();
    let error = home.run("delivery create --json").expect(2).document()["error"].clone();
    assert_eq!(error["message"], "the following required arguments were not provided: <NAME>");
    assert!(error["hints"][0].as_str().unwrap().starts_with("Usage: cstok delivery create"), "{error}");
    let error = home.run("aply --json").expect(2).document()["error"].clone();
    assert!(error.to_string().contains("'apply'"), "{error}");
}
