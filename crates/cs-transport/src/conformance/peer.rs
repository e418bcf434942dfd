//! A small HTTP/1.1 server on loopback that does what the path of a request asks.

mod act;
mod read;

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Echo;

/// What a connection is to the peer: a socket, or TLS over one.
pub trait Stream: Read + Write + Send {
    /// Says that this side is done, where the protocol has a word for that.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn end(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Turns a socket into a connection; the place for TLS.
type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

/// How long the peer waits for a request before it gives a connection up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A small HTTP/1.1 server on loopback, for the scripts. It ends when it is dropped.
///
/// Besides what [`respond()`](super::respond()) answers, it knows these paths; `N` is bytes or milliseconds:
///
/// - `/chunked/N`, `/until-close/N`: a body of N bytes in another framing.
/// - `/cut-off/N`: like `/until-close/N`, but TLS is not told of the end: a body that somebody may have cut.
/// - `/head/N`, `/headers/N`: a header of N bytes; N headers.
/// - `/interim`, `/http10`: an early hint before the answer; an answer of HTTP/1.0.
/// - `/slow-head/N`, `/slow-body/N`: a pause before the answer; within its body.
/// - `/truncated`, `/truncated-chunked`, `/truncated-head`, `/hang-up`, `/reset`: breaks off.
/// - `/garbage`, `/bad-chunk`, `/bad-length`: something that is not HTTP.
/// - `/close-later`: says nothing of closing, and closes.
pub struct Peer {
    base: String,
    state: Arc<State>,
    accept: Option<JoinHandle<()>>,
}

struct State {
    address: SocketAddr,
    over: AtomicBool,
    connections: AtomicUsize,
    requests: Mutex<Vec<Echo>>,
}

impl Peer {
    /// Starts a peer without TLS on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start() -> io::Result<Self> {
        Self::start_with("http", "127.0.0.1", |socket| Ok(Box::new(socket)))
    }

    /// Starts a peer whose connections go through `wrap`, on a free port of 127.0.0.1. Its URLs are made of
    /// `scheme` and `host`.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start_with<W>(scheme: &str, host: &str, wrap: W) -> io::Result<Self>
    where
        W: Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            address,
            over: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            requests: Mutex::new(Vec::new()),
        });
        let accept = {
            let state = Arc::clone(&state);
            let wrap: Arc<Wrap> = Arc::new(wrap);
            thread::spawn(move || accept(&listener, &state, &wrap))
        };
        Ok(Self { base: format!("{scheme}://{host}:{}", address.port()), state, accept: Some(accept) })
    }

    /// The URL of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.state.address
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Echo> {
        self.state.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections it has accepted so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts. When this fails, it has ended by itself.
        let _ = TcpStream::connect(self.state.address);
        if let Some(accept) = self.accept.take() {
            let _ = accept.join();
        }
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer").field("base", &self.base).finish_non_exhaustive()
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>, wrap: &Arc<Wrap>) {
    for socket in listener.incoming() {
        if state.over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(socket) = socket else { return };
        state.connections.fetch_add(1, Ordering::SeqCst);
        let (state, wrap) = (Arc::clone(state), Arc::clone(wrap));
        // Not joined: it ends with the client's side of the connection, or with its patience.
        thread::spawn(move || {
            // A connection that breaks is what many scripts want; the client's side says whether it should
            // have.
            let _ = serve(socket, &state, &wrap);
        });
    }
}

/// Answers the requests of one connection until one of the sides has enough.
fn serve(socket: TcpStream, state: &State, wrap: &Arc<Wrap>) -> io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_nodelay(true)?;
    let mut stream = wrap(socket)?;
    loop {
        let Some(head) = read::head(&mut *stream)? else {
            return Ok(());
        };
        if head.path() == "/reset" {
            // The body is left unread on purpose: closing then sends a reset instead of an orderly end.
            return Ok(());
        }
        let request = head.with_body(&mut *stream)?;
        state.requests.lock().unwrap_or_else(PoisonError::into_inner).push(Echo::of(&request));
        if act::answer(&mut *stream, &request)? == act::After::Close {
            return Ok(());
        }
    }
}
