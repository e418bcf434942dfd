//! Something between a client and its server that can lose an answer.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A relay from a port of loopback to a socket. Its threads end with their connections.
pub(super) struct Relay {
    port: u16,
    swallow: Arc<AtomicBool>,
    mute: Arc<AtomicBool>,
}

impl Relay {
    pub(super) fn start(target: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let swallow = Arc::new(AtomicBool::new(false));
        let mute = Arc::new(AtomicBool::new(false));
        let (target, flags) = (target.to_owned(), [Arc::clone(&swallow), Arc::clone(&mute)]);
        thread::spawn(move || {
            for client in listener.incoming() {
                carry(client.unwrap(), &target, flags.clone());
            }
        });
        Self { port, swallow, mute }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Lets the next commit through, and its connection end in place of the answer.
    pub(super) fn swallow_one_answer(&self) {
        self.swallow.store(true, Ordering::SeqCst);
    }

    /// Lets nothing through from the server to the client, and leaves all connections open.
    pub(super) fn be_mute(&self) {
        self.mute.store(true, Ordering::SeqCst);
    }
}

fn carry(client: TcpStream, target: &PathBuf, [swallow, mute]: [Arc<AtomicBool>; 2]) {
    let Ok(server) = UnixStream::connect(target) else { return };
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut buffer) {
            if to_server.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            let answer = &buffer[..length];
            if mute.load(Ordering::SeqCst) {
                continue;
            }
            // The server says so when the commit is made.
            let committed = answer.windows(6).any(|window| window == b"COMMIT");
            if committed && swallow.swap(false, Ordering::SeqCst) || to_client.write_all(answer).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
}
