//! Nobody holds the service: slow clients, many connections, floods.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cs_model::{Profile, Secret};
use cs_server::http::{Limits, Server};
use cs_server::{NewUser, Service};

use crate::served::{owner, send, serving};
use crate::stage::{DELIVERY, Stage, options};

fn server(stage: &Stage, change: impl FnOnce(&mut Limits)) -> Server {
    let mut limits = Limits::default();
    change(&mut limits);
    Server::new(Arc::clone(&stage.service)).limits(limits)
}

#[test]
fn a_head_has_a_limit_in_bytes_and_in_headers() {
    let stage = Stage::new();
    serving(server(&stage, |limits| limits.head = 16 << 10), |address| {
        let long = "x".repeat(20 << 10);
        assert_eq!(send(address, "GET", "/health", &[("x", &long)], "").unwrap().status, 431);
        assert_eq!(send(address, "GET", &format!("/{long}"), &[], "").unwrap().status, 431);
        let names: Vec<String> = (0..120).map(|n| format!("x-{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(send(address, "GET", "/health", &many, "").unwrap().status, 431);
        assert_eq!(send(address, "GET", "/health", &many[..50], "").unwrap().status, 200);
    });
}

/// All places are taken by connections that say nothing: the oldest of them gives way.
#[test]
fn silent_connections_give_way_to_new_ones() {
    let stage = Stage::new();
    let headers = owner(&stage);
    serving(server(&stage, |limits| limits.connections = 4), |address| {
        let mut silent: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
        for stream in &mut silent {
            stream.write_all(b"POST /v3/stacks HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{").unwrap();
        }
        std::thread::sleep(Duration::from_millis(100));
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(send(address, "GET", DELIVERY, &headers, "").unwrap().status, 200);
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        // It was the one that was idle for longest.
        let mut first = &silent[0];
        first.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        assert!(matches!(first.read(&mut [0; 1]), Ok(0) | Err(_)));
    });
}

/// Somebody asks for much, many times over one connection, and never reads.
#[test]
fn a_client_that_never_reads_is_dropped() {
    let stage = Stage::new();
    for n in 0..20 {
        stage.delivery(&format!("token {n}"));
    }
    let limits = |limits: &mut Limits| limits.send_time = Duration::from_millis(300);
    let request = format!(
        "GET {DELIVERY} HTTP/1.1\r\nhost: x\r\napi_key: {}\r\nauthtoken: {}\r\n\r\n",
        stage.api_key(),
        stage.owner.reveal()
    );
    serving(server(&stage, limits), |address| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
        let (start, many) = (Instant::now(), request.repeat(100));
        // Until both sides' buffers are full; then the other side gives up, and writing fails.
        while stream.write_all(many.as_bytes()).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20), "it is still served");
        }
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    });
}

/// A stack of another organization, its API key and an authtoken of its owner.
fn neighbour(service: &Service, stage: &Stage) -> (String, Secret) {
    let admin = service.admin(stage.now());
    let user = admin.create_user(&NewUser::new("b@example.invalid", Secret::new("b"))).unwrap();
    let organization = admin.create_organization("B", &user).unwrap();
    let api_key = admin.create_stack(&organization, "B", &user).unwrap();
    (api_key.to_string(), admin.create_session(&user).unwrap())
}

/// Asks over one connection after another until told to stop; how many were answered.
fn flood(address: SocketAddr, request: &str, stop: &AtomicBool) -> u64 {
    let mut answered = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut stream = TcpStream::connect(address).unwrap();
        for _ in 0..50 {
            if stream.write_all(request.as_bytes()).is_err() || stream.read(&mut [0; 4096]).is_err() {
                break;
            }
            answered += 1;
        }
    }
    answered
}

/// One organization asks as fast as it can, over many connections; another asks now and then.
#[test]
fn a_flood_on_one_stack_does_not_starve_another() {
    let stage = Stage::over(options(Profile::seeds()));
    let (api_key, authtoken) = neighbour(&stage.service, &stage);
    let flooded = format!(
        "GET {DELIVERY} HTTP/1.1\r\nhost: x\r\napi_key: {}\r\nauthtoken: {}\r\n\r\n",
        stage.api_key(),
        stage.owner.reveal()
    );
    let server = Server::new(Arc::clone(&stage.service));
    serving(server, |address| {
        let (stop, refused) = (AtomicBool::new(false), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| refused.fetch_add(flood(address, &flooded, &stop), Ordering::Relaxed));
            }
            let headers = [("api_key", api_key.as_str()), ("authtoken", authtoken.reveal())];
            let mut slowest = Duration::ZERO;
            for _ in 0..16 {
                std::thread::sleep(Duration::from_millis(120));
                let start = Instant::now();
                let answer = send(address, "GET", DELIVERY, &headers, "").unwrap();
                slowest = slowest.max(start.elapsed());
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
            stop.store(true, Ordering::Relaxed);
            assert!(slowest < Duration::from_secs(10), "{slowest:?}");
        });
        assert!(refused.load(Ordering::Relaxed) > 200, "there was no flood");
    });
}
