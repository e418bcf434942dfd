//! Answers that never arrive: a proxy between `cstok` and `cstok serve` that cuts the connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::files::SHOP;
use crate::home::Home;
use crate::serve::Server;

/// Hands requests on and loses the answer to the first `POST`, once armed. Gives back its URL.
fn proxy(server: &Server, armed: &Arc<AtomicBool>) -> String {
    let upstream = server.text("url").trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let armed = Arc::clone(armed);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let _ = carry(client.unwrap(), &upstream, &armed);
        }
    });
    url
}

fn carry(mut client: TcpStream, upstream: &str, armed: &AtomicBool) -> std::io::Result<()> {
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
    let lost = head.starts_with("post") && armed.swap(false, Ordering::SeqCst);
    if lost { Ok(()) } else { client.write_all(&answer) }
}

fn through_proxy() -> (Server, Home, String, Arc<AtomicBool>) {
    let server = Server::start(&["--demo"]);
    let armed = Arc::new(AtomicBool::new(true));
    let url = proxy(&server, &armed);
    let home = Home::new()
        .with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"))
        .with("CONTENTSTACK_API_KEY", server.text("api_key"));
    (server, home, url, armed)
}

#[test]
fn nobody_knows_whether_a_token_was_made() {
    let (_server, home, url, _) = through_proxy();
    let ran =
        home.run(&format!("delivery create web --environment production --branch main --json --url {url}"));
    ran.expect(8);
    assert_eq!(ran.document()["error"]["code"], "outcome_unknown");
    home.run(&format!("delivery list --url {url}")).expect(0).says("web");
}

#[test]
fn apply_says_what_it_has_done_and_what_not() {
    let (_server, home, url, armed) = through_proxy();
    armed.store(false, Ordering::SeqCst);
    home.write("first.toml", SHOP.split("[[management]]").next().unwrap());
    home.run(&format!("apply first.toml --yes --url {url}")).expect(0);
    armed.store(true, Ordering::SeqCst);
    home.write("shop.toml", SHOP);
    let ran = home.run(&format!("apply shop.toml --yes --json --url {url}"));
    ran.expect(8).says("cstok plan");
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
