//! Answers that never arrive: a proxy between `cstok` and `cstok serve` that cuts the connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::files::{SHOP, management};
use crate::home::Home;
use crate::serve::Server;
use crate::serve::admin::ask;
use serde_json::json;

/// What the proxy loses.
#[derive(Default)]
struct Losing {
    /// The answer to the next `POST`.
    next_post: AtomicBool,
    /// Every answer from then on.
    all_after: AtomicBool,
    lost: AtomicBool,
    /// Nobody listens any more once a `POST` has been answered.
    closes: AtomicBool,
}

impl Losing {
    fn is_lost(&self, is_post: bool) -> bool {
        let now = is_post && self.next_post.swap(false, Ordering::SeqCst);
        let before = self.lost.load(Ordering::SeqCst);
        self.lost.fetch_or(now && self.all_after.load(Ordering::SeqCst), Ordering::SeqCst);
        now || before
    }

    /// Loses the answer to the next `POST` and every one after it.
    fn cut_off(&self) {
        self.all_after.store(true, Ordering::SeqCst);
        self.next_post.store(true, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.lost.store(false, Ordering::SeqCst);
    }
}

/// Hands requests on, and loses what it is told to lose. Gives back its URL.
fn proxy(server: &Server, losing: &Arc<Losing>) -> String {
    let upstream = server.text("url").trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let losing = Arc::clone(losing);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let was_post = carry(client.unwrap(), &upstream, &losing).unwrap_or_default();
            if was_post && losing.closes.load(Ordering::SeqCst) {
                break;
            }
        }
    });
    url
}

/// Answers whether it was a `POST`.
fn carry(mut client: TcpStream, upstream: &str, losing: &Losing) -> std::io::Result<bool> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    client.read_exact(&mut body)?;
    // One request for each connection, so that the end of the answer is the end of the stream.
    let at = request.len() - 2;
    request.splice(at..at, *b"connection: close\r\n");
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&request)?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let is_post = head.starts_with("post");
    if !losing.is_lost(is_post) {
        client.write_all(&answer)?;
    }
    Ok(is_post)
}

fn through_proxy() -> (Server, Home, String, Arc<Losing>) {
    let server = Server::start(&["--demo"]);
    let losing = Arc::new(Losing::default());
    let url = proxy(&server, &losing);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    (server, home, url, losing)
}

#[test]
fn a_token_whose_answer_was_lost_is_found_again() {
    let (_server, home, url, losing) = through_proxy();
    for kind in ["delivery create web --environment production", "management create ci --scope entry:r"] {
        losing.next_post.store(true, Ordering::SeqCst);
        home.run(&format!("{kind} --branch main --reveal --json --url {url}")).expect(0);
    }
    for (kind, name) in [("delivery", "web"), ("management", "ci")] {
        let list = home.run(&format!("{kind} list --json --url {url}"));
        list.expect(0).says(name);
        assert!(!list.out.contains("cs-tokens:"), "{}", list.out);
    }
}

#[test]
fn what_is_left_to_do_by_hand_is_a_warning() {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let route = "PUT /v3/stacks/management_tokens/{token_uid}";
    let fault = json!({ "fault": "status", "status": 403, "times": 1, "route": route });
    assert!(ask(&server, &server.text("admin_token"), "POST", "/faults", &fault).0 < 300);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let line =
        format!("management create ci --scope entry:r --branch main --reveal --url {}", server.text("url"));
    let ran = home.run(&line);
    ran.expect(0).says("warning: POST /v3/stacks/management_tokens left a mark").says(": take [cs-tokens:");
}

#[test]
fn nobody_knows_whether_a_token_was_made() {
    let (_server, home, url, losing) = through_proxy();
    losing.cut_off();
    let ran =
        home.run(&format!("delivery create web --environment production --branch main --json --url {url}"));
    ran.expect(8);
    assert_eq!(ran.document()["error"]["code"], "outcome_unknown");
    losing.mend();
    home.run(&format!("delivery list --url {url}")).expect(0).says("web");
}

#[test]
fn apply_says_what_it_has_done_and_what_not() {
    let (_server, home, url, losing) = through_proxy();
    home.write("first.toml", SHOP.split("[[management]]").next().unwrap());
    home.run(&format!("apply first.toml --yes --url {url}")).expect(0);
    losing.cut_off();
    home.write("shop.toml", SHOP);
    let ran = home.run(&format!("apply shop.toml --yes --json --url {url}"));
    ran.expect(8).says(&format!("to see what is left: cstok plan shop.toml --url {url}"));
    losing.mend();
    let document = ran.document();
    assert_eq!(document["error"]["exit"], 8);
    assert_eq!(document["applied"]["failed"]["code"], "outcome_unknown");
    assert_eq!(document["applied"]["not_reached"].as_array().unwrap().len(), 1);
    assert_eq!(document["tokens"].as_array().unwrap().len(), 4);
    // Nobody has the value of the token that was made, so it is replaced.
    let again = home.run(&format!("apply shop.toml --yes --url {url}"));
    again.expect(0).says("~ replace management token `shop-ci`");
    home.run(&format!("apply shop.toml --yes --url {url}")).expect(0).says("no changes");
}

#[test]
fn a_replacement_that_is_finished_writes_nothing() {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let url = server.text("url");
    home.write("one.toml", &management("ci"));
    home.run(&format!("apply one.toml --yes --url {url}")).expect(0);
    let old = home.json(&format!("management list --url {url}"))["tokens"][0]["uid"].clone();
    std::fs::remove_file(home.work().join(".env")).unwrap();
    let route = "DELETE /v3/stacks/management_tokens/{token_uid}";
    let fault = json!({ "fault": "status", "status": 403, "times": 1, "route": route });
    assert!(ask(&server, &server.text("admin_token"), "POST", "/faults", &fault).0 < 300);
    home.run(&format!("apply one.toml --yes --url {url}"))
        .expect(6)
        .says("replacing management token `ci` failed: ")
        .says_not("replace of");
    let value = home.variable(".env", "CI").unwrap();
    home.run(&format!("plan one.toml --url {url}"))
        .says("an earlier replacement was interrupted")
        .says_not("overwrites")
        .says_not("value to");
    // Nobody is asked about a value that is gone already.
    home.run(&format!("management delete {} --yes --url {url}", old.as_str().unwrap())).expect(0);
    home.run(&format!("apply one.toml --url {url}")).expect(2).says("carry out 1 step").says_not("for good");
    home.run(&format!("apply one.toml --yes --url {url}")).expect(0).says_not("values are in");
    assert_eq!(home.variable(".env", "CI").unwrap(), value);
    // What was left over is deleted alone.
    let name = "ci (replacement 0000abcd)";
    let create = ["management", "create", name, "--scope", "entry:r", "--branch", "main", "--reveal"];
    home.run_args(create.into_iter().chain(["--url", &url])).expect(0);
    for line in ["plan one.toml", "apply one.toml"] {
        home.run(&format!("{line} --url {url}"))
            .expect(0)
            .says("to delete what is left over: cstok management delete blt")
            .says_not("--prune");
    }
}

#[test]
fn after_a_failure_the_table_has_what_exists() {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let url = server.text("url");
    home.write("shop.toml", SHOP);
    let fault = json!({ "fault": "status", "status": 422, "method": "POST", "times": 1, "route": "POST /v3/stacks/management_tokens" });
    assert!(ask(&server, &server.text("admin_token"), "POST", "/faults", &fault).0 < 300);
    let ran = home.run(&format!("apply shop.toml --yes --url {url}"));
    ran.expect(6).says("creating management token `shop-ci` failed");
    let (_, table) = ran.out.split_once("NAME, UID").unwrap();
    assert!(table.contains("shop-production") && table.contains("shop-staging"), "{table}");
    assert!(!table.contains("shop-ci") && !table.contains("shop-audit"), "{table}");
}

#[test]
fn what_was_done_before_nobody_answered_stays() {
    let (server, home, url, losing) = through_proxy();
    losing.closes.store(true, Ordering::SeqCst);
    home.write("shop.toml", SHOP);
    let ran = home.run(&format!("apply shop.toml --yes --json --url {url}"));
    ran.expect(7).says_not("nothing was changed");
    let document = ran.document();
    assert_eq!(document["applied"]["failed"]["code"], "no_answer");
    // One is there, and the rest had no effect.
    let there = home.json(&format!("delivery list --url {}", server.text("url")));
    assert_eq!(there["tokens"].as_array().unwrap().len(), 1);
    let again = home.run(&format!("apply shop.toml --yes --url {}", server.text("url")));
    again.expect(0);
}
