//! A marked secret in every slot of every command: it comes out where it was asked for, and nowhere else.

mod broken;
mod lines;
mod watched;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use self::lines::LINES;
use self::watched::watched;
use crate::files::SHOP;
use crate::help::commands;
use crate::home::{Home, Ran};
use crate::serve::Server;

/// What every marked secret begins with.
pub(super) const MARK: &str = "canary0mark";

fn marked(slot: &str) -> String {
    format!("{MARK}-{slot}-0123456789")
}

/// A machine with marked files: what somebody else keeps there, and what commands read.
fn home() -> Home {
    let home = Home::new()
        .with("CSTOK_PASSWORD", marked("password"))
        .with("CSTOK_TFA_TOKEN", marked("code"))
        .with("CSTOK_ADMIN_TOKEN", marked("admin"));
    home.write("shop.toml", SHOP);
    home.write("planted.env", &format!("TAKEN={}\n", marked("sink")));
    let token = |name: &str| {
        json!({ "uid": "blt0123456789abcdef", "name": name, "token": marked("value"), "preview_token": marked("preview"),
            "scope": [{ "module": "environment", "environments": [{ "name": "production" }] }],
            "description": "x", "updated_at": null, "secret_of_tomorrow": marked("unknown") })
    };
    home.write("planted.json", &json!({ "tokens": [token("a"), token("b")] }).to_string());
    let body = json!({ "error_message": "no", "error_code": 105, "authtoken": marked("body"), "errors": {} });
    home.write("planted-answer.json", &body.to_string());
    home.write(
        "test.toml",
        "[[test]]\nname = \"x\"\nas = \"delivery\"\nallow = [\"GET /v3/content_types\"]\n",
    );
    home
}

/// The folder around everything that a machine has.
fn root(home: &Home) -> PathBuf {
    home.work().parent().unwrap().to_owned()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Insists that no file has a secret but those that were planted with it.
fn no_file_has(home: &Home, secrets: &[String], about: &str) {
    let mut all = Vec::new();
    files(&root(home), &mut all);
    for path in all {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("planted") || path.parent().unwrap().ends_with("sessions") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in secrets {
            assert!(!text.contains(secret.as_str()), "{about}: {} holds a secret", path.display());
        }
    }
}

/// Runs every line for people and for programs, with all that can be told about requests.
fn run_all(home: &Home, target: &str, secrets: &[String], about: &str) {
    run_some(home, target, secrets, about, |_| true);
}

fn run_some(home: &Home, target: &str, secrets: &[String], about: &str, which: impl Fn(&str) -> bool) {
    for (_, lines) in LINES.iter().filter(|(command, _)| which(command)) {
        for line in *lines {
            for form in ["-vv", "--json -vv"] {
                let line = format!("{line} {target} {form}");
                let stdin = format!("{}\n{}\n", marked("stdin"), marked("stdin-2"));
                let Ran { out, err, .. } = watched(home, &line, &stdin, secrets);
                for secret in secrets {
                    for (name, text) in [("standard output", &out), ("standard error", &err)] {
                        assert!(!text.contains(secret.as_str()), "{about}: `{line}`: {name}:\n{text}");
                    }
                    assert!(!err.contains("panicked"), "{about}: `{line}`: {err}");
                }
            }
        }
    }
    no_file_has(home, secrets, about);
}

#[test]
fn every_command_is_tried() {
    let home = Home::new();
    // `serve`, which runs on, has a test of its own.
    let tried = |command: &String| command == "serve" || LINES.iter().any(|(tried, _)| tried == command);
    let missing: Vec<String> = commands(&home).into_iter().filter(|command| !tried(command)).collect();
    assert!(missing.is_empty(), "no line of the canary tries {missing:?}");
}

#[test]
fn on_the_local_target() {
    let home = home()
        .with("CONTENTSTACK_AUTHTOKEN", marked("authtoken"))
        .with("CONTENTSTACK_MANAGEMENT_TOKEN", marked("management"))
        .with("CONTENTSTACK_OAUTH_TOKEN", marked("oauth"));
    run_all(&home, "", &[MARK.to_owned()], "local");
    // What the service made stands in the files that were named, for their owner alone, and was not shown.
    home.run("apply shop.toml").expect(0);
    let value = home.variable(".env.production", "MANAGEMENT").unwrap();
    for line in [
        "apply shop.toml",
        "management list",
        "management get shop-ci",
        "export",
        "lint",
        "who-can GET /v3/user",
    ] {
        for form in ["-vv", "--json -vv"] {
            watched(&home, &format!("{line} {form}"), "", std::slice::from_ref(&value)).says_not(&value);
        }
    }
    let mut all = Vec::new();
    files(&root(&home), &mut all);
    let holding: Vec<PathBuf> = all
        .into_iter()
        .filter(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(&value))
        .collect();
    assert_eq!(holding, [home.work().join(".env.production")], "a management token is nowhere else");
    #[cfg(unix)]
    assert_eq!(crate::home::mode(&holding[0]), 0o600);
}

#[test]
fn with_credentials_that_are_refused() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    for name in ["CONTENTSTACK_AUTHTOKEN", "CONTENTSTACK_MANAGEMENT_TOKEN", "CONTENTSTACK_OAUTH_TOKEN"] {
        let home = home().with(name, marked("credential"));
        let target = format!("--url {url} --stack {}", server.text("api_key"));
        run_all(&home, &target, &[MARK.to_owned()], name);
    }
}

#[test]
fn with_credentials_in_files() {
    let server = Server::start(&["--demo"]);
    let home = home();
    let beside = |name: &str| home.config().with_file_name(name);
    let grant = json!({ "access_token": marked("access"), "refresh_token": marked("refresh"),
        "expires_at": "2020-01-01T00:00:00Z" });
    for (name, text) in [("planted.token", marked("file")), ("planted.grant", grant.to_string())] {
        fs::write(beside(name), text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(beside(name), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let (url, api_key) = (server.text("url"), server.text("api_key"));
    let app = "oauth_client_id = \"app\"\noauth_redirect_uri = \"https://app.example\"";
    let text = format!(
        "[targets.a]\nurl = \"{url}\"\napi_key = \"{api_key}\"\nauthtoken_file = \"planted.token\"\n\
         [targets.b]\nurl = \"{url}\"\napi_key = \"{api_key}\"\noauth_file = \"planted.grant\"\n{app}\n"
    );
    fs::write(home.config(), text).unwrap();
    run_all(&home, "--target a", &[MARK.to_owned()], "values");
    // Before a refused refresh is believed, the file is looked into for a while.
    let some = ["whoami", "delivery list", "delivery create", "lint", "doctor", "plan", "login", "logout"];
    run_some(&home, "--target b", &[MARK.to_owned()], "a grant", |command| some.contains(&command));
}

#[test]
fn with_a_session_that_works() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = home();
    let target = format!("--url {url} --stack {}", server.text("api_key"));
    let authtoken = server.text("authtoken");
    let home = home.with("CONTENTSTACK_AUTHTOKEN", &authtoken);
    run_all(&home, &target, &[MARK.to_owned(), authtoken], "session");
}

#[cfg(unix)]
#[test]
fn of_a_service_that_is_asked_with_them() {
    use std::io::{Read, Write};
    use std::process::Stdio;

    let home = home();
    let mut child = home
        .command("serve --json --listen 127.0.0.1:0 --admin 127.0.0.1:0 --demo --access-log access.log --log-level debug".split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let ask = |url: &str, request: &str| {
        let mut stream = std::net::TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let secret = marked("request");
    let body = json!({ "user": { "email": "owner@demo.invalid", "password": secret } }).to_string();
    for request in [
        format!(
            "GET /v3/stacks/delivery_tokens?token={secret} HTTP/1.1\r\nauthtoken: {secret}\r\napi_key: {secret}\r\n"
        ),
        format!("GET /v3/environments HTTP/1.1\r\nauthorization: Bearer {secret}\r\n"),
        format!(
            "POST /v3/user-session HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ),
    ] {
        let body = if request.starts_with("POST") { body.as_str() } else { "" };
        ask(told["url"].as_str().unwrap(), &format!("{request}host: x\r\nconnection: close\r\n\r\n{body}"));
    }
    let wrong = format!(
        "GET /clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {secret}\r\n\r\n"
    );
    ask(told["admin_url"].as_str().unwrap(), &wrong);
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").arg(&id).status().unwrap().success());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    out.read_to_string(&mut line).unwrap();
    child.wait().unwrap();
    let log = home.read("access.log");
    assert!(log.lines().count() >= 3, "{log}");
    for (name, text) in [("standard output", line), ("standard error", err), ("the log", log)] {
        assert!(!text.contains(MARK), "{name}: {text}");
    }
    no_file_has(&home, &[MARK.to_owned()], "serve");
}
