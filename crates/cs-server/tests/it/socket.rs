//! Over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cs_model::Secret;
use cs_server::http::{Limits, ServeError};
use cs_server::{AdminError, NewUser, demo};

use crate::stage::{DELIVERY, Stage, delivery};

/// Runs the service on a socket while `work` talks to it, then shuts it down.
fn serving(stage: &Stage, work: impl FnOnce(SocketAddr) + Send) {
    serving_within(Limits::default(), stage, work);
}

fn serving_within(limits: Limits, stage: &Stage, work: impl FnOnce(SocketAddr) + Send) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = Arc::clone(&stage.service);
    let server = runtime.spawn(cs_server::http::serve_within(limits, listener, service, async move {
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
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
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
    let mut limits = Limits::default();
    limits.grace = Duration::from_millis(300);
    let soon = async { tokio::time::sleep(Duration::from_millis(200)).await };
    let serving = cs_server::http::serve_within(limits, listener, Arc::clone(&stage.service), soon);
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(20), serving).await })
        .unwrap()
        .unwrap();
}

#[test]
fn a_body_that_breaks_off_is_not_too_large() {
    let stage = Stage::new();
    serving(&stage, |address| {
        let post = |headers: &str, rest: &str| {
            exchange(
                address,
                &format!(
                    "POST {DELIVERY} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n\r\n{rest}"
                ),
            )
        };
        let broken = post("transfer-encoding: chunked", "5\r\nhello\r\nno number\r\n");
        assert!(broken.starts_with("HTTP/1.1 400"), "{broken}");
        let chunk = "x".repeat(1 << 16);
        let chunks = format!("10000\r\n{chunk}\r\n").repeat(17);
        let large = post("transfer-encoding: chunked", &chunks);
        assert!(large.starts_with("HTTP/1.1 413"), "{large}");
        let announced = post("content-length: 1048577", "");
        assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
    });
}

/// Reads until the other side closes; how long that took.
fn until_closed(mut stream: TcpStream) -> Duration {
    let start = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    start.elapsed()
}

#[test]
fn a_head_has_a_time_limit() {
    let stage = Stage::new();
    let mut limits = Limits::default();
    limits.head_time = Duration::from_millis(300);
    serving_within(limits, &stage, |address| {
        let mut partial = TcpStream::connect(address).unwrap();
        partial.write_all(b"GET /_health HTTP/1.1\r\nhost: ").unwrap();
        let silent = TcpStream::connect(address).unwrap();
        assert!(until_closed(partial) < Duration::from_secs(10));
        assert!(until_closed(silent) < Duration::from_secs(10));
        // One that drips does not live longer.
        let mut dripping = TcpStream::connect(address).unwrap();
        let start = Instant::now();
        while dripping.write_all(b"G").is_ok() && start.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}

#[test]
fn connections_without_a_request_do_not_delay_the_end() {
    let stage = Stage::new();
    let mut open = Vec::new();
    let start = Instant::now();
    {
        let open = &mut open;
        serving(&stage, move |address| {
            open.push(TcpStream::connect(address).unwrap());
            for head in [
                "GET /_he",
                "GET /_health HTTP/1.1\r\nhost: x\r\n\r\n",
                "GET /_health HTTP/1.1\r\nhost: x\r\n\r\nGET /_he",
            ] {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                open.push(stream);
            }
            std::thread::sleep(Duration::from_millis(200));
        });
    }
    // Far less than they would be given for their heads.
    assert!(start.elapsed() < Limits::default().head_time / 2, "{:?}", start.elapsed());
}

/// A fixed password that everybody knows is usable on loopback only.
#[test]
fn the_demo_is_served_on_loopback_only() {
    let stage = Stage::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = || runtime.block_on(tokio::net::TcpListener::bind("0.0.0.0:0")).unwrap();
    let open = listener();
    let address = open.local_addr().unwrap();
    let refused = cs_server::http::may_serve(&stage.service, address).unwrap_err();
    assert!(refused.to_string().contains(&address.to_string()), "{refused}");
    let served = cs_server::http::serve(open, Arc::clone(&stage.service), std::future::pending());
    assert!(matches!(runtime.block_on(served), Err(ServeError::DemoReachable { .. })));
    for loopback in ["127.0.0.1:1", "127.3.2.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        cs_server::http::may_serve(&stage.service, loopback.parse().unwrap()).unwrap();
    }

    // A store without the demo is served, and gets none while it is.
    let store = cs_server::store::RedbStore::memory().unwrap();
    let service = Arc::new(cs_server::Service::new(store, crate::stage::options(cs_model::Profile::seeds())));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = cs_server::http::serve(listener(), Arc::clone(&service), async move {
        let _ = stopped.await;
    });
    let server = runtime.spawn(serving);
    std::thread::sleep(Duration::from_millis(200));
    let now = stage.now();
    assert!(matches!(demo::ensure(&service, now), Err(AdminError::DemoReachable)));
    let admin = service.admin(now);
    let uid = admin.create_user(&NewUser::new(demo::EMAIL, Secret::new(demo::PASSWORD))).unwrap();
    let session = admin.create_session(&uid).unwrap();
    let log_in = || {
        let body = serde_json::json!({ "user": { "email": demo::EMAIL, "password": demo::PASSWORD } });
        let request = http::Request::post("/v3/user-session").header("content-type", "application/json");
        service.handle(now, &request.body(bytes::Bytes::from(body.to_string())).unwrap()).status().as_u16()
    };
    let read = || {
        let request = http::Request::get("/v3/user").header("authtoken", session.reveal());
        service.handle(now, &request.body(bytes::Bytes::new()).unwrap()).status().as_u16()
    };
    assert_eq!((log_in(), read()), (422, 401));
    stop.send(()).unwrap();
    runtime.block_on(server).unwrap().unwrap();
    assert_eq!((log_in(), read()), (200, 200));
}

/// Each login takes 19 MiB. A few at a time, the others in line, and beyond the line 503.
#[test]
fn logins_wait_in_line() {
    let options = cs_server::Options::default().no_rate_limit();
    let stage = Stage::over(options);
    let admin = stage.service.admin(stage.now());
    admin.create_user(&NewUser::new("x@example.invalid", Secret::new("canary"))).unwrap();
    let mut limits = Limits::default();
    limits.logins_waiting = 0;
    serving_within(limits, &stage, |address| {
        let statuses: Vec<String> = std::thread::scope(|scope| {
            let log_in = |n: usize| {
                let who = if n.is_multiple_of(2) { "x" } else { "nobody" };
                let body = format!(r#"{{"user":{{"email":"{who}@example.invalid","password":"canary"}}}}"#);
                let request = format!(
                    "POST /v3/user-session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
                exchange(address, &request)[9..12].to_owned()
            };
            let handles: Vec<_> = (0..24).map(|n| scope.spawn(move || log_in(n))).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        assert!(statuses.iter().all(|status| ["200", "422", "503"].contains(&&**status)), "{statuses:?}");
        assert!(statuses.iter().any(|status| status == "503"), "{statuses:?}");
        assert!(statuses.iter().any(|status| status != "503"), "{statuses:?}");
        let large =
            "POST /v3/user-session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 20000\r\n\r\n";
        assert!(exchange(address, large).starts_with("HTTP/1.1 413"));
    });
}
