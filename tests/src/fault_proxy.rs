//! Between a client and a server on loopback: carries bytes, and breaks connections when it is told to.
//!
//! It knows no HTTP and no TLS, so it breaks both alike.

mod connection;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::connection::carry;

/// What happens to a connection from the next bytes of the client on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "tests name them all")]
pub enum Fault {
    /// The request is read and goes nowhere, and the connection is reset.
    ResetRequest,
    /// The server gets the request; after so many bytes of its answer, the connection is reset.
    ResetAnswer(usize),
    /// The request is read and goes nowhere, and nothing ever comes back: a peer that is gone without a word.
    HalfOpen,
    /// The server gets the request; after so many bytes of its answer, nothing comes any more.
    Stall(usize),
    /// The server gets the request; after so many bytes of its answer, the connection ends in good order.
    Truncate(usize),
    /// The server gets the request; its answer comes in pieces of so many bytes, with a pause before each.
    Slow(usize, Duration),
}

/// A proxy on a free port of loopback, in front of one server. It ends when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    state: Arc<State>,
    address: SocketAddr,
    accept: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    server: SocketAddr,
    armed: Mutex<Option<Fault>>,
    happened: AtomicUsize,
    over: AtomicBool,
}

impl FaultProxy {
    /// Starts one in front of a server.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            server,
            armed: Mutex::new(None),
            happened: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let accept = {
            let state = Arc::clone(&state);
            thread::spawn(move || accept(&listener, &state))
        };
        Ok(Self { state, address, accept: Some(accept) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets a fault happen, once, when a client next sends something, over whatever connection.
    ///
    /// A connection that is made for it sends its handshake first, if it is one of TLS. To hit the request, let the client have
    /// made a connection before.
    pub fn arm(&self, fault: Fault) {
        *self.state.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// How many faults have happened.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.state.happened.load(Ordering::SeqCst)
    }
}

impl State {
    /// The armed fault, which is used up then.
    fn take(&self) -> Option<Fault> {
        let fault = self.armed.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.happened.fetch_add(usize::from(fault.is_some()), Ordering::SeqCst);
        fault
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts. When this fails, it has ended by itself.
        let _ = TcpStream::connect(self.address);
        if let Some(accept) = self.accept.take() {
            let _ = accept.join();
        }
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for client in listener.incoming() {
        if state.is_over() {
            return;
        }
        let Ok(client) = client else { return };
        let state = Arc::clone(state);
        // Not joined: it ends with the connection, or soon after the proxy.
        thread::spawn(move || {
            // A connection that breaks is what this is for.
            let _ = carry(client, &state);
        });
    }
}
