//! What comes in too slowly, too long, or too much of it: the client is told, whatever it is still doing, and holds nobody.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cs_server::http::{Limits, Server};

use crate::served::{owner, send, serving};
use crate::stage::{DELIVERY, Stage, delivery};

fn server(stage: &Stage, change: impl FnOnce(&mut Limits)) -> Server {
    let mut limits = Limits::default();
    change(&mut limits);
    Server::new(Arc::clone(&stage.service)).limits(limits)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

fn head(rest: &str) -> String {
    format!("POST {DELIVERY} HTTP/1.1\r\nhost: x\r\n{rest}\r\n\r\n")
}

/// What comes until the other side closes; fails when it forgets the connection instead.
fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_body_that_never_ends_is_timed_out() {
    let stage = Stage::new();
    serving(server(&stage, |limits| limits.body_time = Duration::from_millis(400)), |address| {
        for (rest, part) in [("content-length: 9", "{"), ("transfer-encoding: chunked", "1\r\n{\r\n")] {
            let (mut stream, start) = (connect(address), Instant::now());
            stream.write_all((head(rest) + part).as_bytes()).unwrap();
            let answer = answer(&mut stream);
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(
                answer.contains("connection: close") && answer.contains(r#""error_code":408"#),
                "{answer}"
            );
            assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        }
    });
}

/// One that drips is given up like one that stops, and holds nobody meanwhile.
#[test]
fn a_body_that_drips_is_timed_out() {
    let stage = Stage::new();
    let headers = owner(&stage);
    let limits = |limits: &mut Limits| {
        limits.body_time = Duration::from_millis(800);
        limits.linger_time = Duration::from_millis(200);
    };
    serving(server(&stage, limits), |address| {
        let mut slow = connect(address);
        slow.write_all(head("content-length: 100000").as_bytes()).unwrap();
        let (start, mut served) = (Instant::now(), 0);
        while slow.write_all(b" ").is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20), "it is still served");
            let asked = Instant::now();
            assert_eq!(send(address, "GET", DELIVERY, &headers, "").unwrap().status, 200);
            assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
            served += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(served > 3, "{served}");
    });
}

/// Most clients read no answer before they have sent all of their request.
#[test]
fn a_client_that_sends_too_much_sees_why() {
    let stage = Stage::new();
    serving(server(&stage, |limits| limits.head = 16 << 10), |address| {
        let piece = "x".repeat(1 << 16);
        let chunk = format!("10000\r\n{piece}\r\n");
        for _ in 0..5 {
            for (rest, piece) in [("content-length: 8388608", &piece), ("transfer-encoding: chunked", &chunk)]
            {
                let mut stream = connect(address);
                stream.write_all(head(rest).as_bytes()).unwrap();
                for _ in 0..128 {
                    stream.write_all(piece.as_bytes()).unwrap();
                }
                // Only now, and later than the service answered.
                std::thread::sleep(Duration::from_millis(20));
                let answer = answer(&mut stream);
                assert!(answer.starts_with("HTTP/1.1 413 "), "{rest}: {answer}");
                assert!(answer.contains("connection: close"), "{answer}");
            }
            let mut stream = connect(address);
            stream
                .write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", piece.repeat(8)).as_bytes())
                .unwrap();
            let answer = answer(&mut stream);
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
    });
}

/// Somebody who never stops sending is cut off, by time and by bytes.
#[test]
fn a_client_that_never_stops_is_cut_off() {
    let stage = Stage::new();
    for (linger_time, pause) in [(Duration::from_millis(300), 50), (Duration::from_secs(60), 0)] {
        serving(server(&stage, |limits| limits.linger_time = linger_time), |address| {
            let mut stream = connect(address);
            stream.write_all(head("content-length: 99999999999").as_bytes()).unwrap();
            let (start, piece) = (Instant::now(), [b'x'; 1 << 16]);
            while stream.write_all(&piece).is_ok() {
                assert!(start.elapsed() < Duration::from_secs(20), "it is still read");
                std::thread::sleep(Duration::from_millis(pause));
            }
        });
    }
}

/// A request after one that was read whole is served; one after a body that was not read is not taken for a request.
#[test]
fn a_connection_goes_on_after_what_was_read_only() {
    let stage = Stage::new();
    serving(server(&stage, |limits| limits.linger_time = Duration::from_millis(300)), |address| {
        let health = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
        let last = "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let statuses = |requests: String| {
            let mut stream = connect(address);
            stream.write_all(requests.as_bytes()).unwrap();
            let answer = answer(&mut stream);
            answer
                .match_indices("HTTP/1.1 ")
                .map(|(at, _)| answer[at + 9..at + 12].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(statuses(head("content-length: 2") + "{}" + health + last), ["412", "200", "200"]);
        assert_eq!(statuses(head("content-length: 1048577") + health + last), ["413"]);
    });
}

#[test]
fn headers_are_counted() {
    let stage = Stage::new();
    for most in [100, 12] {
        serving(server(&stage, |limits| limits.headers = most), |address| {
            // Beside those that every request of this test has.
            let names: Vec<String> = (0..most - 2).map(|number| format!("x-{number}")).collect();
            let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
            let status =
                |headers: &[(&str, &str)]| send(address, "GET", "/health", headers, "").unwrap().status;
            assert_eq!(status(&headers[1..]), 200, "{most}");
            assert_eq!(status(&headers), 431, "{most}");
        });
    }
}

/// Announcing a large body takes no place; sending one does, until it is there or given up.
#[test]
fn large_bodies_wait_for_each_other_and_for_no_promise() {
    let stage = Stage::new();
    let headers = owner(&stage);
    let limits = |limits: &mut Limits| {
        limits.large_bodies = 1;
        limits.body_time = Duration::from_secs(6);
    };
    serving(server(&stage, limits), |address| {
        let create = |name: &str, padding: usize| {
            let body = format!("{}{}", delivery(name), " ".repeat(padding));
            send(address, "POST", DELIVERY, &headers, &body).unwrap().status
        };
        let mut promise = connect(address);
        promise.write_all((head("content-length: 500000") + "{").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let start = Instant::now();
        assert_eq!(create("beside a promise", 100_000), 201);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());

        let mut slow = connect(address);
        slow.write_all((head("content-length: 500000") + &" ".repeat(100_000)).as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        let start = Instant::now();
        assert_eq!(create("small", 0), 201);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        // The slow one is given up, and then there is room.
        let waited = create("large", 100_000);
        assert!([201, 408].contains(&waited), "{waited}");
        assert!(start.elapsed() > Duration::from_millis(500), "it did not wait: {:?}", start.elapsed());
        assert_eq!(create("again", 100_000), 201);
    });
}

/// As many as there are places for large bodies begin one and go on too slowly: they are told, and an honest one gets a place.
#[test]
fn slow_senders_of_large_bodies_lose_their_places() {
    let stage = Stage::new();
    let headers = owner(&stage);
    let limits = |limits: &mut Limits| {
        limits.large_bodies = 4;
        limits.body_rate = 64 << 10;
        limits.body_grace = Duration::from_millis(500);
    };
    serving(server(&stage, limits), |address| {
        let slow = || {
            let mut stream = connect(address);
            stream.write_all((head("content-length: 500000") + &" ".repeat(100_000)).as_bytes()).unwrap();
            let start = Instant::now();
            // Half as fast as it should be: what comes counts, so this is no matter of one piece that is late.
            for _ in 0..40 {
                std::thread::sleep(Duration::from_millis(50));
                if stream.write_all(&[b' '; 1600]).is_err() {
                    break;
                }
            }
            let answer = answer(&mut stream);
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        };
        std::thread::scope(|scope| {
            let slow = [(); 4].map(|()| scope.spawn(slow));
            std::thread::sleep(Duration::from_millis(300));
            let start = Instant::now();
            let body = format!("{}{}", delivery("honest"), " ".repeat(100_000));
            assert_eq!(send(address, "POST", DELIVERY, &headers, &body).unwrap().status, 201);
            assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
            for sender in slow {
                sender.join().unwrap();
            }
        });
        // One that is slow enough to be told from a fast one, and fast enough.
        let body = format!("{}{}", delivery("steady"), " ".repeat(200_000));
        let mut request = format!("POST {DELIVERY} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        let mut stream = connect(address);
        let (start, rest) = request.as_bytes().split_at(100_000);
        stream.write_all(start).unwrap();
        for piece in rest.chunks(10_000) {
            std::thread::sleep(Duration::from_millis(50));
            stream.write_all(piece).unwrap();
        }
        let answer = answer(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    });
}
