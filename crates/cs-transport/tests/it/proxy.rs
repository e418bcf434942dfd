//! Through a proxy: both ask in the same way, and it sees nothing but host and port.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use bytes::Bytes;
use cs_transport::conformance::Peer;
use cs_transport::{
    BlockingTransport, ErrorKind, Proxy, ReqwestTransport, Sent, Settings, Transport, TransportError,
    UreqTransport,
};

use crate::conformance::block_on;
use crate::tls::Tls;

/// A proxy that reports the head of each request, and either carries the connection to `target` or refuses.
fn proxy(target: Option<SocketAddr>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, seen) = mpsc::channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (mut client, heads) = (socket.unwrap(), heads.clone());
            thread::spawn(move || {
                let mut reader = BufReader::new(client.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap() == 0 {
                        return;
                    }
                }
                let _ = heads.send(head);
                let Some(target) = target else {
                    let _ = client.write_all(
                        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
                    );
                    return;
                };
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                carry(client, TcpStream::connect(target).unwrap());
            });
        }
    });
    (address, seen)
}

/// Carries bytes both ways until one side closes.
fn carry(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    let (mut server, mut client) = (server, client);
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(std::net::Shutdown::Write);
}

/// Sends a request with a secret over both clients.
fn send_both(settings: &Settings, url: &str) -> [Result<http::Response<Bytes>, TransportError>; 2] {
    let request =
        || http::Request::post(url).header("authtoken", "canary").body(Bytes::from("canary")).unwrap();
    let ureq = UreqTransport::new(settings).unwrap().send(request());
    let reqwest = block_on(async { ReqwestTransport::new(settings).unwrap().send(request()).await });
    [ureq, reqwest]
}

#[test]
fn calls_go_through_a_tunnel() {
    let tls = Tls::new("api.example.test");
    let peer = tls.peer();
    let (address, seen) = proxy(Some(peer.address()));
    let mut settings = tls.trusted();
    settings.proxy = Proxy::Via(format!("http://me:p%40ss@{address}"));
    for answer in send_both(&settings, "https://api.example.test/echo") {
        assert_eq!(answer.unwrap().status(), 200);
        let head = seen.recv().unwrap().to_lowercase();
        assert!(head.starts_with("connect api.example.test:443 http/1.1\r\n"), "{head}");
        // me:p@ss
        assert!(head.contains("proxy-authorization: basic bwu6cebzcw==\r\n"), "{head}");
        assert!(!head.contains("canary"), "{head}");
    }
    for request in peer.requests() {
        assert!(request.values("proxy-authorization").is_empty());
    }
}

#[test]
fn a_refusing_proxy_is_no_connection() {
    let (address, _seen) = proxy(None);
    let mut settings = Tls::new("api.example.test").trusted();
    settings.proxy = Proxy::Via(format!("http://me:canary@{address}"));
    for answer in send_both(&settings, "https://api.example.test/echo") {
        let error = answer.unwrap_err();
        assert_eq!((&error.kind, error.sent), (&ErrorKind::Connect, Sent::No), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[test]
fn loopback_never_goes_through_it() {
    let peer = Peer::start().unwrap();
    let (address, seen) = proxy(None);
    let mut settings = cs_transport::conformance::settings();
    settings.proxy = Proxy::Via(format!("http://{address}"));
    for answer in send_both(&settings, &peer.url("/echo")) {
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert!(seen.try_recv().is_err());
    assert!(peer.requests().iter().all(|request| request.values("proxy-authorization").is_empty()));
}
