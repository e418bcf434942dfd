//! Over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crate::stage::{DELIVERY, Stage, delivery};

/// Runs the service on a socket while `work` talks to it, then shuts it down.
fn serving(stage: &Stage, work: impl FnOnce(SocketAddr) + Send) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = Arc::clone(&stage.service);
    let server = runtime.spawn(cs_server::http::serve(listener, service, async move {
        let _ = stopped.await;
    }));
    std::thread::scope(|scope| scope.spawn(move || work(address)).join()).unwrap();
    stop.send(()).unwrap();
    runtime.block_on(server).unwrap().unwrap();
}

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn requests_are_answered_and_the_end_is_clean() {
    let stage = Stage::new();
    let head = format!(
        "api_key: {}\r\nauthtoken: {}\r\nconnection: close\r\n",
        stage.api_key(),
        stage.owner.reveal()
    );
    let body = delivery("site").to_string();
    serving(&stage, move |address| {
        let health = exchange(address, "GET /_health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(health.starts_with("HTTP/1.1 200"), "{health}");
        let create = format!(
            "POST {DELIVERY} HTTP/1.1\r\nhost: x\r\n{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let created = exchange(address, &create);
        assert!(created.starts_with("HTTP/1.1 201"), "{created}");
        let list = exchange(address, &format!("GET {DELIVERY} HTTP/1.1\r\nhost: x\r\n{head}\r\n"));
        assert!(list.starts_with("HTTP/1.1 200") && list.contains("\"site\""), "{list}");
    });
}

#[test]
fn a_body_has_a_limit() {
    let stage = Stage::new();
    serving(&stage, |address| {
        let body = "x".repeat((1 << 20) + 1);
        let request = format!(
            "POST {DELIVERY} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // The service may answer and close before all is written.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    });
}

#[test]
fn running_requests_are_finished() {
    let stage = Stage::new();
    let body = delivery("late").to_string();
    let head = format!("api_key: {}\r\nauthtoken: {}\r\n", stage.api_key(), stage.owner.reveal());
    let mut half_sent = None;
    {
        let half_sent = &mut half_sent;
        serving(&stage, move |address| {
            let mut stream = TcpStream::connect(address).unwrap();
            let request = format!(
                "POST {DELIVERY} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(request.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(200));
            // The rest comes while the service is already shutting down.
            *half_sent = Some(std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(200));
                stream.write_all(body.as_bytes()).unwrap();
                let mut answer = String::new();
                let _ = stream.read_to_string(&mut answer);
                answer
            }));
        });
    }
    let answer = half_sent.unwrap().join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[test]
fn a_client_that_stops_halfway_does_not_hold_the_service() {
    let stage = Stage::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.write_all(b"POST /v3/user-session HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{").unwrap();
    let mut limits = cs_server::http::Limits::default();
    limits.grace = Duration::from_millis(300);
    let soon = async { tokio::time::sleep(Duration::from_millis(200)).await };
    let serving = cs_server::http::serve_within(limits, listener, Arc::clone(&stage.service), soon);
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(20), serving).await })
        .unwrap()
        .unwrap();
}
