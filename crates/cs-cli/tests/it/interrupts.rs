//! Signals while `apply` works: the running step is finished, and the rest is left.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::files::SHOP;
use crate::home::{Home, Ran};
use crate::serve::Server;
use crate::serve::admin::ask;

fn slow_world() -> (Server, Home) {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let fault = json!({ "fault": "slow", "duration": "1s", "method": "POST", "times": 50 });
    assert!(ask(&server, &server.text("admin_token"), "POST", "/faults", &fault).0 < 300);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    home.write("shop.toml", SHOP);
    (server, home)
}

/// Applies, and sends signals while the second step runs.
fn interrupted(home: &Home, url: &str, signals: &[&str]) -> Ran {
    let mut child = home
        .command(["apply", "shop.toml", "--yes", "--url", url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("[1/4]") {
        assert!(err.read_line(&mut said).unwrap() > 0, "{said}");
    }
    for signal in signals {
        std::thread::sleep(Duration::from_millis(200));
        let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
    err.read_to_string(&mut said).unwrap();
    let mut ran = Ran::from(child.wait_with_output().unwrap());
    ran.err = said;
    ran
}

#[test]
fn the_running_step_is_finished() {
    for signal in ["INT", "TERM"] {
        let (server, home) = slow_world();
        let url = server.text("url");
        interrupted(&home, &url, &[signal])
            .expect(130)
            .says("stopping when the running step is done")
            .says("[2/4]")
            .says_not("[3/4]")
            .says_not("failed")
            .says("stopped after 2 of 4 steps")
            .says(&format!("cstok plan shop.toml --url {url}"));
        home.run(&format!("plan shop.toml --url {url}")).says("plan: 2 to create; 2 unchanged");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (server, home) = slow_world();
    interrupted(&home, &server.text("url"), &["INT", "INT"]).expect(130).says_not("stopped after");
}
