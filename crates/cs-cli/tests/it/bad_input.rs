//! Bad input: all problems at once, with file, line, rule and fix; exit 4; nothing created.

use crate::files::{delivery, management};
use crate::home::{Home, Ran};

/// Applies a file that is refused, and looks that nothing came of it.
#[track_caller]
fn refused(text: &str) -> Ran {
    let home = Home::new();
    refused_at(&home, text)
}

#[track_caller]
fn refused_at(home: &Home, text: &str) -> Ran {
    home.write("shop.toml", text);
    home.write("nothing.toml", "");
    home.run("apply nothing.toml").expect(0);
    let before = home.json("export")["file"].clone();
    let human = home.run("apply shop.toml");
    human.expect(4).says("shop.toml:").says("error[").says("fix: ").says("nothing was changed");
    let ran = home.run("apply shop.toml --json");
    ran.expect(4);
    for problem in ran.document()["error"]["problems"].as_array().unwrap() {
        assert!(problem["line"].as_u64().unwrap() >= 1, "{problem}");
        assert_eq!(problem["file"], "shop.toml");
        assert!(!problem["fix"].as_str().unwrap().is_empty(), "{problem}");
    }
    assert_eq!(home.json("export")["file"], before, "nothing is created");
    assert!(!home.work().join(".env").exists(), "no sink is written");
    home.run("plan shop.toml").expect(4);
    ran
}

#[test]
fn a_malformed_file() {
    let ran = refused("[[delivery]\nname = \"a\"\n");
    assert!(ran.rules().iter().all(|rule| rule == "file.syntax"), "{:?}", ran.rules());
    assert_eq!(ran.document()["error"]["problems"][0]["line"], 1);
}

#[test]
fn an_unknown_key_with_a_guess() {
    let ran = refused(&delivery("shop", "[\"production\"]").replace("environments", "enviroments"));
    assert!(ran.rules().contains(&"file.unknown_key".to_owned()));
    ran.says("did you mean `environments`?");
}

#[test]
fn a_contradiction() {
    let text = management("ci").replace("sink", "expires_on = \"2999-01-01\"\nexpires_in = \"90d\"\nsink");
    assert_eq!(refused(&text).rules(), ["file.contradiction"]);
}

#[test]
fn a_duplicate_name() {
    let twice = management("ci") + &management("ci").replace("\"CI\"", "\"CI_2\"");
    assert_eq!(refused(&twice).rules(), ["file.duplicate_name"]);
}

#[test]
fn unknown_environments_and_branches() {
    let ran = refused(&delivery("shop", "[\"prod\"]"));
    assert_eq!(ran.rules(), ["environments.unknown"]);
    ran.says("production");
    let ran = refused(&management("ci").replace("\"main\"", "\"man\""));
    assert_eq!(ran.rules(), ["branches.unknown"]);
    ran.says("did you mean `main`?");
}

#[test]
fn a_past_date_matters_only_for_what_changes() {
    let text = management("ci").replace("sink", "expires_on = \"2020-01-01\"\nsink");
    assert_eq!(refused(&text).rules(), ["expiry.past"]);
}

#[test]
fn an_eleventh_management_token() {
    let ten: String = (0..10).map(|number| management(&format!("ci-{number}"))).collect();
    let home = Home::new();
    home.write("ten.toml", &ten);
    home.run("apply ten.toml").expect(0);
    let eleven = ten + &management("ci-10");
    home.write("shop.toml", &eleven);
    let ran = home.run("apply shop.toml --json");
    ran.expect(4);
    assert_eq!(ran.rules(), ["limit.management_tokens"]);
    ran.says("profile `seeds` allows 10");
    // Newer pages allow thirty.
    home.run("apply shop.toml --profile documented-2026").expect(0);
}

#[test]
fn two_environments_are_an_error_or_a_warning_by_profile() {
    let text = delivery("shop", "[\"production\", \"staging\"]");
    assert_eq!(refused(&text).rules(), ["environments.too_many"]);
    let home = Home::new();
    home.write("shop.toml", &text);
    let ran = home.run("apply shop.toml --profile documented-2026");
    ran.expect(0).says("warning[environments.too_many]");
}

#[test]
fn a_missing_sink() {
    let text: String =
        management("ci").lines().filter(|line| !line.starts_with("sink")).collect::<Vec<_>>().join("\n");
    assert_eq!(refused(&text).rules(), ["sink.missing"]);
}

#[test]
fn an_unwritable_sink_is_found_before_anything_is_asked() {
    let text = management("ci").replace("\".env\"", "\"nowhere/.env\"");
    assert_eq!(refused(&text).rules(), ["sink.unwritable"]);
    // Nobody listens there, and the file's fault is reported all the same.
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", "blt0").with("CONTENTSTACK_API_KEY", "blt1");
    home.write("shop.toml", &text);
    let ran = home.run("apply shop.toml --yes --json --url http://127.0.0.1:9");
    ran.expect(4);
    assert_eq!(ran.rules(), ["sink.unwritable"]);
}

#[test]
fn two_values_for_one_variable() {
    let text = management("ci") + &management("audit").replace("\"AUDIT\"", "\"CI\"");
    assert_eq!(refused(&text).rules(), ["sink.conflict"]);
}

#[test]
fn everything_at_once() {
    let text = delivery("shop", "[\"prod\"]").replace("branches", "branchs")
        + &management("ci").replace("sink", "expires_on = \"2020-01-01\"\nsink")
        + &management("ci").replace("\"CI\"", "\"1CI\"").replace("\"main\"", "\"mian\"");
    let rules = refused(&text).rules();
    for rule in [
        "environments.unknown",
        "file.unknown_key",
        "expiry.past",
        "file.duplicate_name",
        "sink.variable",
        "branches.unknown",
    ] {
        assert!(rules.iter().any(|found| found == rule), "{rule} is missing in {rules:?}");
    }
}

#[test]
fn a_file_that_is_not_there() {
    Home::new().run("apply nothing.toml").expect(4).says("nothing.toml");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let home = Home::new();
    let pipe = home.work().join("pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for line in ["apply pipe.toml", "plan pipe.toml", "lint pipe.toml"] {
        home.run(line).expect(4).says("`pipe.toml` is not a plain file").says("`-` reads standard input");
    }
    home.run("plan .").expect(4).says("`.` is a folder");
    home.write("big.toml", &"# more than anybody needs\n".repeat(50_000));
    let ran = home.run("plan big.toml --json");
    assert_eq!(ran.expect(4).document()["error"]["code"], "file.too_big");
}

#[test]
fn standard_input_is_a_file() {
    let home = Home::new();
    home.run_with_input("apply -", &management("ci")).expect(0).says("+ create management token `ci`");
    let ran = home.run_with_input("plan - --json", &management("ci").replace("sink", "snik"));
    ran.expect(4);
    assert_eq!(ran.document()["error"]["problems"][0]["file"], "stdin");
}

/// What is wrong with each of many blocks is found in time that grows with their number, not with its square.
#[test]
fn a_long_file_takes_no_longer_by_the_line() {
    let home = Home::new();
    let block = |number: usize| management(&format!("ci-{number}")).replace("\".env\"", "\".e\"");
    let time = |blocks: usize| {
        let text: String = (0..blocks).map(block).collect();
        let text = text.replace("scope = { entry = \"r\" }", "scope = {}");
        assert!(text.len() < 1024 * 1024);
        home.write("long.toml", &text);
        let began = std::time::Instant::now();
        home.run("plan long.toml --json").expect(4).says("scope.modules_missing");
        began.elapsed()
    };
    // One beside the other, because both take many times as long beside other work: 20 times the blocks take less than 20
    // times as long, and by the square 400 times.
    let (few, many) = (time(300), time(6000));
    assert!(many < few * 100, "{few:?} and {many:?}");
}
