//! The admin API beside the service.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::Server;
use crate::home::Home;

/// Asks the admin API with a token.
pub(crate) fn ask(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = server.text("admin_url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

#[test]
fn the_clock_the_service_and_its_faults_are_moved_by_whoever_has_the_token() {
    let server =
        Server::start(&["--demo", "--admin", "127.0.0.1:0", "--clock", "fixed:2026-11-21T12:00:00Z"]);
    let token = server.text("admin_token");
    let admin = |method, path, body: Value| ask(&server, &token, method, path, &body);
    assert_eq!(admin("PUT", "/clock", json!({ "advance": "30d" })).1["now"], "2026-12-21T12:00:00Z");
    let head = format!(
        "GET /v3/environments HTTP/1.1\r\napi_key: {}\r\nauthtoken: {}\r\n",
        server.text("api_key"),
        server.text("authtoken")
    );
    admin(
        "POST",
        "/faults",
        json!({ "fault": "status", "status": 429, "times": 2, "route": "GET /v3/environments" }),
    );
    let statuses = [server.status(&head), server.status(&head), server.status(&head)];
    assert_eq!(statuses, ["429", "429", "200"]);
    assert_eq!(ask(&server, "wrong-token-wrong-token", "GET", "/clock", &Value::Null).0, 401);
    assert_eq!(admin("POST", "/reset", Value::Null).0, 200);
    assert_eq!(server.status(&head), "200", "the session of the demo outlives a reset");
}

#[test]
fn a_token_that_others_could_guess_or_reach_is_refused() {
    let home = Home::new();
    home.run("serve --admin 0.0.0.0:0 --listen 127.0.0.1:0").expect(2).says("--admin-token-file");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "short\n").unwrap();
    let with_file =
        format!("serve --listen 127.0.0.1:0 --admin 127.0.0.1:0 --admin-token-file {}", file.display());
    home.run(&with_file).expect(2).says("16 characters");
    home.run("serve --admin-token-file x").expect(2).says("--admin");
    std::fs::write(&file, "chosen-for-this-test-alone\n").unwrap();
    let server = Server::start(&["--admin", "127.0.0.1:0", "--admin-token-file", file.to_str().unwrap()]);
    assert!(server.line["admin_token"].is_null(), "who gave it knows it");
    assert_eq!(ask(&server, "chosen-for-this-test-alone", "GET", "/clock", &Value::Null).0, 200);
}
