//! What is around the service: TLS, clock, switches, logs, numbers.

use std::path::Path;

use serde_json::{Value, json};

use super::Server;
use crate::home::Home;

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn https_is_served_and_trusted_by_its_authority_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let server = Server::start(&["--demo", "--tls", "--ca-out", ca.to_str().unwrap()]);
    let url = server.text("url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    assert_eq!(server.text("ca"), ca.to_str().unwrap());
    let home = Home::new();
    let list = |ca: Option<&Path>| {
        let mut command = home.command(["delivery", "list", "--json", "--url", &url]);
        command.env("CONTENTSTACK_API_KEY", server.text("api_key"));
        command.env("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"));
        if let Some(ca) = ca {
            command.env("CSTOK_CA_FILE", ca);
        }
        command.output().unwrap().status.code()
    };
    assert_eq!(list(Some(&ca)), Some(0));
    assert_eq!(list(None), Some(7), "nobody else vouches for it");
    assert_eq!(list(Some(Path::new("/nowhere/ca.pem"))), Some(2));
    // By name, too.
    let by_name = url.replace("127.0.0.1", "localhost");
    let mut command = home.command(["delivery", "list", "--json", "--url", &by_name]);
    command.env("CONTENTSTACK_API_KEY", server.text("api_key"));
    command.env("CONTENTSTACK_AUTHTOKEN", server.text("authtoken")).env("CSTOK_CA_FILE", &ca);
    assert_eq!(command.output().unwrap().status.code(), Some(0));
}

#[test]
fn a_certificate_of_ones_own_needs_its_key() {
    let home = Home::new();
    home.run("serve --tls-cert x.pem").expect(2);
    home.run("serve --tls --tls-cert x.pem").expect(2).says("--tls-key");
    home.run("serve --tls --tls-cert /nowhere/x.pem --tls-key /nowhere/x.pem --listen 127.0.0.1:0")
        .expect(2)
        .says("/nowhere/x.pem");
    home.run("serve --ca-out ca.pem").expect(2).says("--tls");
}

#[test]
fn time_and_rules_are_what_was_asked_for() {
    let options =
        ["--demo", "--clock", "fixed:2030-01-01T00:00:00Z", "--limit", "delivery_tokens_per_stack=0"];
    let server = Server::start(&options);
    assert_eq!(server.text("clock"), "fixed:2030-01-01T00:00:00Z");
    assert!(server.line["off"].to_string().contains("limits per second and minute (the clock stands)"));
    assert_eq!(server.line["limits"]["failed_logins"], 10);
    let answer = server.exchange(&format!(
        "GET /v3/environments HTTP/1.1\r\napi_key: {}\r\nauthtoken: {}\r\n",
        server.text("api_key"),
        server.text("authtoken")
    ));
    assert!(answer.contains("2030-01-01T00:00:00"), "{answer}");
    let enforced = server.line["enforced"].to_string();
    assert!(enforced.contains("at most 0 delivery tokens"), "{enforced}");
    let printed = Server::start(&["--switch", "answer_shape=documented", "--switch", "unique_names=false"]);
    assert_eq!(printed.line["switches"]["answer_shape"], "documented");
    assert!(printed.line["off"].to_string().contains("unique_names"), "{}", printed.line);
}

/// What the first line says of the rules is what requests meet.
#[test]
fn what_is_said_to_be_enforced_is() {
    const DELIVERY: &str = "/v3/stacks/delivery_tokens";
    for profile in ["seeds", "documented-2026", "live"] {
        let server = Server::start(&["--demo", "--no-rate-limit", "--profile", profile]);
        let said = |part: &str| {
            let of = |list: &str| server.line[list].to_string().contains(part);
            let (enforced, known) = (of("enforced"), of("known"));
            assert!(enforced != known, "{profile} `{part}`: {}", server.line);
            enforced
        };
        let post = |path: &str, body: &Value| {
            let body = body.to_string();
            let head = format!(
                "POST {path} HTTP/1.1\r\napi_key: {}\r\nauthtoken: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
                server.text("api_key"),
                server.text("authtoken"),
                body.len(),
            );
            server.exchange_body(&head, &body)
        };
        let is_refused = |path: &str, body: &Value| {
            let answer = post(path, body);
            assert!(answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.1 422"), "{answer}");
            answer.starts_with("HTTP/1.1 422")
        };
        let token = |name: &str, environments: &[&str]| {
            json!({ "token": { "name": name, "scope": [
                { "module": "environment", "environments": environments, "acl": { "read": true } },
                { "module": "branch", "branches": ["main"], "acl": { "read": true } },
            ] } })
        };
        assert!(!is_refused(DELIVERY, &token("a", &["production"])));
        let two = is_refused(DELIVERY, &token("b", &["production", "staging"]));
        assert_eq!(two, said("environment per delivery token"), "{profile}");
        let counted = server.line["limits"]["token_name_length"].as_u64().unwrap();
        assert_eq!(
            is_refused(DELIVERY, &token(&"c".repeat(counted as usize + 1), &["staging"])),
            said(&format!("at most {counted} characters in the name of a token"))
        );
        assert_eq!(
            is_refused(DELIVERY, &token(&"d".repeat(400), &["staging"])),
            said("no name of a token beyond 399 characters")
        );
        let branch = |uid: &str| json!({ "branch": { "uid": uid, "source": "main" } });
        let refused = (0..4).filter(|n| is_refused("/v3/stacks/branches", &branch(&format!("b{n}")))).count();
        assert_eq!(refused > 0, said("at most 5 branches per stack"));
        // Of what a flag takes away nothing is said to be enforced.
        for part in ["per second", "per minute"] {
            assert!(!server.line["enforced"].to_string().contains(part), "{}", server.line);
        }
        let readings = server.line["readings"].as_object().unwrap();
        assert_eq!(readings.len(), cs_model::generated::ContradictionId::COUNT);
        let several = &readings["environments_per_delivery_token"];
        assert_eq!(several == "deny", two, "{profile}");
    }
    let counted = Server::start(&["--demo", "--profile", "seeds"]);
    let enforced = counted.line["enforced"].to_string();
    for part in [
        "10 reads per second and organization",
        "10 writes per second",
        "bulk requests: 1 per second",
        "new stacks: 1 per minute",
    ] {
        assert!(enforced.contains(part), "{enforced}");
    }
    let statuses: Vec<String> = (0..40)
        .map(|_| {
            counted.status(&format!(
                "GET /v3/environments HTTP/1.1\r\napi_key: {}\r\nauthtoken: {}\r\n",
                counted.text("api_key"),
                counted.text("authtoken")
            ))
        })
        .collect();
    assert!(statuses.iter().any(|status| status == "429"), "{statuses:?}");
}

#[test]
fn what_is_not_known_is_an_error() {
    let home = Home::new();
    home.run("serve --switch shape=documented").expect(2).says("`answer_shape`");
    home.run("serve --switch answer_shape=round").expect(2).says("`documented`");
    home.run("serve --limit tokens=3").expect(2).says("`delivery_tokens_per_stack`");
    // A slip is told also where the port is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let serve = format!("serve --listen {listen} --store");
    home.run(&format!("{serve} mysql://user:hidden@host/db")).expect(2).says("`mysql`").says_not("hidden");
    home.run(&format!("{serve} memroy")).expect(2).says("`memory`");
    home.run(&format!("{serve} memory")).expect(7).says("is in use");
    home.run("serve --clock noon").expect(2).says("fixed:2026-11-21T12:00:00Z");
    home.run("serve --clock fixed:noon").expect(2).says("`noon`");
    home.run("serve --no-limits").expect(2);
}

#[cfg(unix)]
#[test]
fn each_request_is_a_line_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("access.jsonl");
    let mut server = Server::start(&["--demo", "--access-log", log.to_str().unwrap()]);
    let (api_key, authtoken) = (server.text("api_key"), server.text("authtoken"));
    let head = format!("api_key: {api_key}\r\nauthtoken: {authtoken}\r\n");
    server.status(&format!("GET /v3/stacks/delivery_tokens?query={authtoken} HTTP/1.1\r\n{head}"));
    server.status(&format!("GET /v3/stacks/delivery_tokens/{authtoken} HTTP/1.1\r\n{head}"));
    server.status(&format!("GET /{authtoken}/x HTTP/1.1\r\n"));
    let renamed = folder.path().join("access.1.jsonl");
    std::fs::rename(&log, &renamed).unwrap();
    server.hang_up();
    for _ in 0..200 {
        if log.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    server.status(&format!("GET /v3/user HTTP/1.1\r\nauthtoken: {authtoken}\r\n"));
    assert_eq!(server.signal("TERM"), Some(0));
    assert_eq!((crate::home::mode(&log), crate::home::mode(&renamed)), (0o600, 0o600));
    let (before, after) = (lines(&renamed), lines(&log));
    assert_eq!((before.len(), after.len()), (3, 1));
    for path in [&log, &renamed] {
        assert!(!std::fs::read_to_string(path).unwrap().contains(&authtoken));
    }
    let first = &before[0];
    assert_eq!(first["path"], "/v3/stacks/delivery_tokens");
    assert_eq!(first["api_key"], api_key);
    assert_eq!((&first["principal"], &first["verdict"]), (&"authtoken".into(), &"allow".into()));
    assert_eq!(before[1]["route"], "/v3/stacks/delivery_tokens/{token_uid}");
    assert!(before[1]["path"].as_str().unwrap().contains("[sha256:"), "{}", before[1]);
    assert!(before[2]["route"].is_null());
}

#[test]
fn numbers_are_shown_when_asked_for() {
    let server = Server::start(&["--demo", "--metrics"]);
    assert_eq!(server.status("GET /ready HTTP/1.1\r\n"), "200");
    assert_eq!(server.status("GET /health HTTP/1.1\r\n"), "200");
    assert_eq!(server.status("GET /v3/user HTTP/1.1\r\n"), "401");
    let text = server.exchange("GET /metrics HTTP/1.1\r\n");
    let line = r#"cstok_requests_total{method="GET",route="/v3/user",status="401"} 1"#;
    assert!(text.contains(line), "{text}");
    assert!(text.contains("cstok_store_transactions_total"), "{text}");
    let quiet = Server::start(&["--demo"]);
    assert_ne!(quiet.status("GET /metrics HTTP/1.1\r\n"), "200");
}

/// A log for programs is JSON to its last line.
#[cfg(unix)]
#[test]
fn the_log_for_programs_is_json() {
    let home = Home::new();
    let mut child = home
        .command(["serve", "--json", "--listen", "127.0.0.1:0", "--log", "json", "--log-level", "info"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line)
        .unwrap();
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("stopping"), "{text}");
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("`{line}` is no JSON"));
        assert!(line["level"].is_string());
    }
}
