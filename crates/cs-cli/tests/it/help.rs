//! Help, versions, completions, manual pages, wrong usage.

use crate::home::Home;

#[test]
fn help_goes_to_standard_output_and_names_everything() {
    let home = Home::new();
    let help = home.run("--help");
    help.expect(0);
    assert!(help.err.is_empty());
    for word in [
        "apply",
        "plan",
        "export",
        "delivery",
        "preview",
        "management",
        "login",
        "logout",
        "whoami",
        "doctor",
        "can",
        "who-can",
        "lint",
        "diff",
        "policy",
        "serve",
    ] {
        assert!(help.out.contains(word), "{word}");
    }
    for text in ["Exit codes:", "8  outcome unknown", "CONTENTSTACK_AUTHTOKEN", "Examples:"] {
        help.says(text);
    }
}

/// Every command that does something, by its words: `management create`.
pub(crate) fn commands(home: &Home) -> Vec<String> {
    let document = home.json("man --dir pages");
    let pages = document["pages"].as_array().unwrap().iter().filter_map(|page| {
        let words = page["name"].as_str().unwrap().strip_prefix("cstok-")?.strip_suffix(".1")?;
        Some(words.replace('-', " ").replace("who can", "who-can"))
    });
    let all: Vec<String> = pages.collect();
    // A page that others go on from is of a group, and no command by itself.
    let is_group = |words: &String| all.iter().any(|other| other.starts_with(&format!("{words} ")));
    let commands: Vec<String> = all.iter().filter(|words| !is_group(words)).cloned().collect();
    assert!(commands.len() > 20, "{commands:?}");
    commands
}

#[test]
fn the_help_of_every_command_fits_and_explains_every_option() {
    let home = Home::new();
    for command in commands(&home) {
        let help = home.run(&format!("{command} --help"));
        help.expect(0);
        let lines: Vec<&str> = help.out.lines().take_while(|line| *line != "Examples:").collect();
        assert!(help.out.lines().all(|line| line.chars().count() <= 100), "{}", help.out);
        for (index, line) in lines.iter().enumerate() {
            if let Some(option) = line.strip_prefix("      ").filter(|option| option.starts_with("--")) {
                let next = lines.get(index + 1).map_or("", |next| next.trim());
                assert!(!next.is_empty() && !next.starts_with("--"), "{command}: {option} has no text");
            }
        }
    }
}

#[test]
fn nothing_to_do_shows_help_and_exits_with_2() {
    Home::new().run("").expect(2).says("Usage:");
}

#[test]
fn slips_are_recognised() {
    let home = Home::new();
    home.run("aply shop.toml").expect(2).says("apply");
    home.run("apply shop.toml --prun").expect(2).says("--prune");
}

#[test]
fn usage_errors_are_documents_under_json() {
    let ran = Home::new().run("apply --json");
    ran.expect(2);
    assert_eq!(ran.document()["error"]["exit"], 2);
    assert_eq!(ran.document()["error"]["code"], "usage");
}

#[test]
fn the_version_is_the_crates() {
    Home::new().run("--version").expect(0).says(concat!("cstok ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_for_shells() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        home.run(&format!("completions {shell}")).expect(0).says("management");
    }
    let document = home.json("completions bash");
    assert_eq!(document["shell"], "bash");
}

#[test]
fn manual_pages_for_every_command() {
    let home = Home::new();
    home.run("man").expect(0).says(".TH cstok 1").says("CONTENTSTACK_API_KEY");
    home.run("man --dir pages").expect(0).says("pages written");
    let page = |name: &str| std::fs::read_to_string(home.work().join("pages").join(name)).unwrap();
    assert!(page("cstok.1").contains("cstok\\-apply(1)"));
    assert!(page("cstok-management-create.1").contains("scope"));
    // Each part of a help text under a name of its own.
    for part in [".SH EXAMPLES", ".SH ENVIRONMENT", ".SH CONFIGURATION", ".SH EXIT CODES"] {
        assert!(page("cstok.1").lines().any(|line| line.replace('"', "") == part), "{part}");
    }
    for page in std::fs::read_dir(home.work().join("pages")).unwrap() {
        let text = std::fs::read_to_string(page.unwrap().path()).unwrap();
        assert!(!text.contains(".SH EXTRA"), "{text}");
    }
    assert!(page("cstok-serve.1").contains(".SH NOTES"));
    assert!(!home.work().join("pages/cstok-help.1").exists());
    let document = home.json("man --dir pages");
    assert!(document["pages"].as_array().unwrap().iter().any(|page| page["name"] == "cstok-policy-show.1"));
    home.write("file", "");
    home.run("man --dir file").expect(1).says("cannot write to `file`");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let home = Home::new();
    let mut child = home
        .command(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn options_of_a_target_are_shown_and_taken_where_there_is_one() {
    let home = Home::new();
    for command in
        ["man", "completions bash", "policy show entry", "policy export --format md", "serve --demo"]
    {
        let words: Vec<&str> =
            command.split(' ').take(if command.starts_with("policy") { 2 } else { 1 }).collect();
        let words = words.join(" ");
        let help = home.run(&format!("{words} --help"));
        help.expect(0).says("--json").says_not("--region").says_not("--all-stacks");
        let profiled = ["policy", "serve"].iter().any(|name| words.starts_with(name));
        assert_eq!(help.out.contains("--profile"), profiled, "{words}");
        for option in
            ["--target nope", "--region eu", "--url http://127.0.0.1:9", "--stack blt1", "--all-stacks"]
        {
            let name = option.split(' ').next().unwrap();
            home.run(&format!("{command} {option}")).expect(2).says(&format!("{name} means nothing here"));
        }
    }
    home.run("policy --help").expect(0).says("--profile").says_not("--region");
    home.run("can --list --as management --target nope").expect(2).says("--as-token");
    home.run("--target nope can --list --as management").expect(2).says("--as-token");
    home.run("policy show entry --profile live").expect(0);
    home.run("man --profile live").expect(2).says("--profile means nothing");
    home.run("doctor --status 422 --region eu").expect(2).says("--region means nothing");
}

#[test]
fn the_help_names_every_variable() {
    let help = Home::new().run("--help");
    for name in
        ["CSTOK_PASSWORD", "CSTOK_TFA_TOKEN", "CSTOK_STORE", "HTTPS_PROXY", "NO_PROXY", "CSTOK_CA_FILE"]
    {
        help.says(name);
    }
}
