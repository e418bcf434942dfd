//! A server of HTTP/1.1 on loopback that does as little as can be: a fixed answer to `GET`, another to the rest.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Where it listens, and what it has seen.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    /// Its URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

/// Serves for the life of the process, a thread for each connection.
///
/// # Errors
///
/// When no port can be had.
pub fn start(get: &[u8], other: &[u8]) -> io::Result<Server> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = Arc::new([answer(get), answer(other)]);
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::Relaxed);
            let answers = Arc::clone(&answers);
            // A connection ends when its client has enough.
            thread::spawn(move || serve(&socket, &answers));
        }
    });
    Ok(Server { address, accepted })
}

fn answer(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-limit: 1000000\r\nx-ratelimit-remaining: 999999\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn serve(mut socket: &TcpStream, [get, other]: &[Vec<u8>; 2]) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let (mut is_get, mut length) = (None, 0);
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.len() <= 2 {
                break;
            }
            is_get.get_or_insert_with(|| line.starts_with("GET "));
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
        socket.write_all(if is_get == Some(true) { get } else { other })?;
    }
}
