//! A service on a socket, for the tests of what is around it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cs_server::http::Server;
use serde_json::Value;

use crate::stage::Stage;

/// Serves while `work` talks to it, then shuts down.
pub(crate) fn serving<T>(server: Server, work: impl FnOnce(SocketAddr) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = runtime.spawn(server.serve(listener, async move {
        let _ = stopped.await;
    }));
    let outcome = work(address);
    stop.send(()).unwrap();
    runtime.block_on(running).unwrap().unwrap();
    outcome
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The length that the head announces.
    pub(crate) fn announced(&self) -> usize {
        let line = self.head.lines().find_map(|line| line.strip_prefix("content-length: "));
        line.unwrap().parse().unwrap()
    }
}

/// Sends one request over a connection of its own; `None` when it is closed without an answer.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Raw> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all((head + body).as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    Some(Raw { status, head: head.to_owned(), body: body.to_owned() })
}

/// The owner of the demo stack in that stack.
pub(crate) fn owner(stage: &Stage) -> [(&str, &str); 3] {
    [("api_key", stage.api_key()), ("authtoken", stage.owner.reveal()), ("content-type", "application/json")]
}
