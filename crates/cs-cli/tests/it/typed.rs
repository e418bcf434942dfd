//! Secrets typed at a terminal, which `script` of util-linux provides: hidden, and the terminal as it was afterwards.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::Home;
use crate::serve::Server;
use crate::serve::admin::ask;

const EMAIL: &str = "owner@demo.invalid";
const PASSWORD: &str = "demo-password-for-loopback-only";

/// Longer than any command takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `cstok` at a terminal, types each answer once its question is there, and gives back what the terminal showed, with
/// the exit code and the terminal's settings at the end. `None` on a machine without `script`.
fn typed(home: &Home, line: &str, answers: &[(&str, &str)]) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_cstok");
    let shell = format!("{program} {line}; echo code=$?; stty -a");
    let mut command = Command::new("script");
    let mut around = home.command([""; 0]);
    command
        .args(["-qec", &shell, "/dev/null"])
        .current_dir(home.work())
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .envs(around.env("TERM", "xterm").get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("NOT TESTED: there is no `script` to make a terminal");
        return None;
    };
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, shown) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = screen.read(&mut bytes) {
            if sender.send(bytes[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let (mut text, mut from, start) = (String::new(), 0, Instant::now());
    let mut answers = answers.iter();
    let mut next = answers.next();
    while start.elapsed() < PATIENCE {
        match shown.recv_timeout(Duration::from_millis(200)) {
            Ok(bytes) => text.push_str(&String::from_utf8_lossy(&bytes)),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
        if let Some((question, answer)) = next
            && let Some(place) = text[from..].find(question)
        {
            from += place + question.len();
            // The question is shown before the terminal stops to show what is typed.
            std::thread::sleep(Duration::from_millis(500));
            keyboard.write_all(answer.as_bytes()).unwrap();
            keyboard.flush().unwrap();
            next = answers.next();
        }
    }
    drop(keyboard);
    child.wait().unwrap();
    Some(text)
}

/// Whether a terminal shows what is typed, line by line, and makes signals of ctrl-C.
fn is_as_before(screen: &str) -> bool {
    let words: Vec<&str> = screen.split_whitespace().collect();
    ["echo", "icanon", "isig"].iter().all(|setting| words.contains(setting))
}

#[test]
fn a_password_is_hidden_while_it_is_typed() {
    let home = Home::new();
    let line = format!("login {EMAIL}");
    let Some(screen) = typed(&home, &line, &[("password: ", &format!("{PASSWORD}\r"))]) else { return };
    assert!(screen.contains("logged in to local") && screen.contains("code=0"), "{screen}");
    assert!(!screen.contains(PASSWORD), "{screen}");
    assert!(is_as_before(&screen), "{screen}");
}

#[test]
fn ctrl_c_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let line = format!("login {EMAIL}");
    let Some(screen) = typed(&home, &line, &[("password: ", "demo-pass\x03")]) else { return };
    assert!(screen.contains("code=130"), "{screen}");
    assert!(!screen.contains("demo-pass"), "{screen}");
    assert!(is_as_before(&screen), "{screen}");
    assert!(!home.data().join("sessions").exists());
}

#[test]
fn the_code_of_a_second_factor_is_hidden_too() {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let url = server.text("url");
    let admin = |method, path: &str, body| ask(&server, &server.text("admin_token"), method, path, &body).1;
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"));
    let uid = home.json(&format!("whoami --url {url}"))["user"]["uid"].as_str().unwrap().to_owned();
    let factor = format!("/users/{uid}/second-factor");
    admin("PUT", &factor, json!({ "kind": "authenticator" }));
    let code = admin("GET", &format!("{factor}/code"), Value::Null)["code"].as_str().unwrap().to_owned();
    let home = Home::new();
    let line = format!("login {EMAIL} --url {url}");
    let answers = [("password: ", format!("{PASSWORD}\r")), ("two-factor code: ", format!("{code}\r"))];
    let answers = answers.each_ref().map(|(question, answer)| (*question, answer.as_str()));
    let Some(screen) = typed(&home, &line, &answers) else { return };
    assert!(screen.contains("logged in to") && screen.contains("code=0"), "{screen}");
    assert!(!screen.contains(PASSWORD) && !screen.contains(&code), "{screen}");
    assert!(is_as_before(&screen), "{screen}");
}

#[test]
fn many_stacks_without_a_credential_ask_once() {
    let server = Server::start(&["--demo"]);
    let (url, api_key, authtoken) = (server.text("url"), server.text("api_key"), server.text("authtoken"));
    let home = Home::new();
    let line = format!("whoami --url {url} --stack {api_key} --stack bltnone");
    let typing = format!("{authtoken}\r");
    let Some(screen) = typed(&home, &line, &[("(nothing to stop): ", &typing)]) else { return };
    assert_eq!(screen.matches("authtoken for").count(), 1, "{screen}");
    assert!(screen.contains("owner@demo.invalid") && !screen.contains("no credential"), "{screen}");
    assert!(!screen.contains(&authtoken), "{screen}");
    assert!(is_as_before(&screen), "{screen}");
}

#[test]
fn many_stacks_ask_nothing_where_each_has_a_credential() {
    let server = Server::start(&["--demo"]);
    let (url, api_key, authtoken) = (server.text("url"), server.text("api_key"), server.text("authtoken"));
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", authtoken);
    let line = format!("whoami --url {url} --stack {api_key} --stack bltnone");
    let Some(screen) = typed(&home, &line, &[]) else { return };
    assert!(screen.contains("owner@demo.invalid") && !screen.contains("authtoken for"), "{screen}");
}
