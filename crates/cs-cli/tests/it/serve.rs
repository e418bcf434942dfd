//! `cstok serve`

pub(crate) mod admin;
mod around;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::home::Home;

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    line: Value,
    _home: Home,
}

impl Server {
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_at(Home::new(), options)
    }

    fn start_at(home: Home, options: &[&str]) -> Self {
        let mut child = home
            .command(["serve", "--json", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap();
        Self { child, line, _home: home }
    }

    /// A field of the first line.
    pub(crate) fn text(&self, field: &str) -> String {
        self.line[field].as_str().unwrap_or_else(|| panic!("{field} in {}", self.line)).to_owned()
    }

    /// The status that it answers to a bare request.
    fn status(&self, head: &str) -> String {
        self.exchange(head).split_whitespace().nth(1).unwrap().to_owned()
    }

    /// What it answers to a bare request.
    fn exchange(&self, head: &str) -> String {
        self.exchange_body(head, "")
    }

    /// What it answers to a request with a body.
    fn exchange_body(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.text("url").trim_start_matches("http://")).unwrap();
        write!(stream, "{head}Host: localhost\r\nConnection: close\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Has it open its log anew.
    #[cfg(unix)]
    fn hang_up(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }

    #[cfg(unix)]
    fn signal(&mut self, name: &str) -> Option<i32> {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_first_line_has_all_that_scripts_need() {
    let server = Server::start(&["--demo"]);
    assert_eq!(server.line["schema"], 1);
    for field in ["url", "organization_uid", "api_key", "email", "password", "authtoken", "store", "profile"]
    {
        assert!(!server.text(field).is_empty(), "{field}");
    }
    assert_eq!(server.text("store"), "memory");
    assert_eq!(server.text("profile"), "seeds");
    let (api_key, authtoken) = (server.text("api_key"), server.text("authtoken"));
    let head = |authtoken: &str| {
        format!("GET /v3/stacks/delivery_tokens HTTP/1.1\r\napi_key: {api_key}\r\nauthtoken: {authtoken}\r\n")
    };
    assert_eq!(server.status(&head(&authtoken)), "200");
    assert_eq!(server.status(&head("wrong")), "401");
}

#[cfg(unix)]
#[test]
fn answers_have_the_date_of_its_clock() {
    let date = |answer: String| {
        let line = answer.lines().find_map(|line| line.strip_prefix("date: ").map(str::to_owned));
        line.unwrap_or_else(|| panic!("no date in {answer}"))
    };
    let server = Server::start(&["--demo", "--clock", "fixed:2030-06-01T12:00:00Z"]);
    for head in ["GET /v3/user HTTP/1.1\r\n", "GET /nowhere HTTP/1.1\r\n", "GET /health HTTP/1.1\r\n"] {
        assert_eq!(date(server.exchange(head)), "Sat, 01 Jun 2030 12:00:00 GMT", "{head}");
    }
    // The system's, as ever.
    let server = Server::start(&["--demo"]);
    let now = jiff::Timestamp::now();
    let told = jiff::fmt::rfc2822::parse(&date(server.exchange("GET /v3/user HTTP/1.1\r\n"))).unwrap();
    assert!(now.duration_since(told.timestamp()).abs() < jiff::SignedDuration::from_secs(30));
}

#[test]
fn signals_end_it_with_0() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--demo"]);
        assert_eq!(server.signal(signal), Some(0), "{signal}");
    }
}

#[test]
fn without_demo_nobody_can_log_in() {
    let server = Server::start(&[]);
    assert!(server.line["authtoken"].is_null());
    assert_eq!(server.status("GET /v3/user HTTP/1.1\r\nauthtoken: x\r\n"), "401");
}

#[cfg(unix)]
#[test]
fn a_file_keeps_what_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.redb");
    let options = ["--demo", "--store", file.to_str().unwrap()];
    let mut first = Server::start(&options);
    let (api_key, authtoken) = (first.text("api_key"), first.text("authtoken"));
    assert_eq!(first.signal("TERM"), Some(0));
    assert_eq!(crate::home::mode(&file), 0o600);
    let second = Server::start(&options);
    assert_eq!(second.text("api_key"), api_key);
    assert_ne!(second.text("authtoken"), authtoken);
    let old = format!("GET /v3/user HTTP/1.1\r\nauthtoken: {authtoken}\r\n");
    assert_eq!(second.status(&old), "401", "the session ended with the server that made it");
}

#[test]
fn the_banner_tells_people_what_to_do() {
    let home = Home::new();
    let mut child = home
        .command(["serve", "--demo", "--no-rate-limit", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut text = String::new();
    for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
        let line = line.unwrap();
        text += &line;
        text.push('\n');
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for part in [
        "http://127.0.0.1:",
        "store",
        "profile",
        "enforced",
        "--no-rate-limit",
        "owner@demo.invalid",
        "curl ",
        "insecure: true",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
}

#[test]
fn demo_credentials_stay_on_this_machine() {
    let home = Home::new();
    home.run("serve --demo --listen 0.0.0.0:0").expect(2).says("loopback");
}

#[cfg(unix)]
#[test]
fn a_store_that_holds_the_demo_stays_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.redb");
    let mut server = Server::start(&["--demo", "--store", file.to_str().unwrap()]);
    assert_eq!(server.signal("TERM"), Some(0));
    let command = format!("serve --listen 0.0.0.0:0 --store {}", file.display());
    Home::new().run(&command).expect(2).says("everybody knows");
}

#[test]
fn an_address_belongs_to_one_process() {
    let server = Server::start(&["--demo"]);
    let address = server.text("url").trim_start_matches("http://").to_owned();
    let ran = Home::new().run(&format!("serve --listen {address} --json"));
    ran.expect(7).says("in use");
    assert_eq!(ran.document()["error"]["code"], "address.in_use");
}

#[test]
fn a_busy_address_has_the_hint_for_its_option() {
    let server = Server::start(&[]);
    let address = server.text("url").trim_start_matches("http://").to_owned();
    Home::new()
        .run(&format!("serve --listen 127.0.0.1:0 --admin {address}"))
        .expect(7)
        .says("--admin 127.0.0.1:0 takes a free one");
}

#[test]
fn no_two_options_name_one_file() {
    let home = Home::new();
    home.write("ca.redb", "");
    // The same file by its whole path.
    let whole = format!("--store ca.redb --tls --ca-out {}", home.work().join("ca.redb").display());
    for (line, options) in [
        ("--store dup.redb --access-log dup.redb", ["--store", "--access-log"]),
        ("--store ./dup.redb --access-log dup.redb.journal", ["--store", "--access-log"]),
        (whole.as_str(), ["--store", "--ca-out"]),
        ("--access-log a --tls --ca-out ./a", ["--access-log", "--ca-out"]),
    ] {
        let ran = home.run(&format!("serve --listen 127.0.0.1:0 {line}"));
        ran.expect(2).says(options[0]).says(options[1]).says("one file");
    }
    assert!(!home.work().join("dup.redb").exists());
    home.write("notes", "mine\n");
    home.run("serve --listen 127.0.0.1:0 --tls --ca-out notes").expect(2).says("--ca-out").says("`notes`");
    assert_eq!(home.read("notes"), "mine\n");
}

#[test]
fn names_are_addresses() {
    let home = Home::new();
    let mut child = home
        .command(["serve", "--demo", "--json", "--listen", "localhost:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        line.contains("\"url\":\"http://127.0.0.1:") || line.contains("\"url\":\"http://[::1]:"),
        "{line}"
    );
    home.run("serve --listen localhost").expect(2).says("localhost:8085");
}

#[test]
fn targets_mean_nothing_to_it() {
    Home::new().run("serve --region eu").expect(2);
}
