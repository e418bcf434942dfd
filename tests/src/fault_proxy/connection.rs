//! One connection through the proxy.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::{Fault, State};

/// How often each direction looks whether the other has ended the connection.
const TICK: Duration = Duration::from_millis(10);

/// What both directions of a connection share.
#[derive(Default)]
struct Shared {
    /// The fault, and how many bytes of the answer came since.
    fault: Mutex<Option<(Fault, usize)>>,
    is_done: AtomicBool,
    is_reset: AtomicBool,
}

/// Carries bytes both ways until one side ends, or the fault does.
pub(super) fn carry(client: TcpStream, state: &State) -> io::Result<()> {
    let server = TcpStream::connect(state.server)?;
    for socket in [&client, &server] {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(TICK))?;
    }
    let shared = Shared::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = downwards(&server, &client, state, &shared);
            shared.is_done.store(true, Ordering::SeqCst);
        });
        let _ = upwards(&client, &server, state, &shared);
        shared.is_done.store(true, Ordering::SeqCst);
    });
    if shared.is_reset.load(Ordering::SeqCst) {
        // Closing then discards what is under way and sends a reset instead of an orderly end.
        SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
    }
    drop(client);
    Ok(())
}

impl Shared {
    fn fault(&self) -> Option<(Fault, usize)> {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is slow and bytes of an answer came.
    fn answered(&self) -> bool {
        matches!(self.fault(), Some((Fault::Slow(..), came)) if came > 0)
    }

    fn set_fault(&self, fault: Option<(Fault, usize)>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn reset(&self) {
        self.is_reset.store(true, Ordering::SeqCst);
    }
}

/// From the client to the server.
fn upwards(mut client: &TcpStream, mut server: &TcpStream, state: &State, shared: &Shared) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    while let Some(length) = next(&mut client, &mut buffer, state, shared)? {
        // A connection that was only slow lives on, and a body in a second piece belongs to the same request.
        if shared.fault().is_none() || shared.answered() {
            shared.set_fault(state.take().map(|fault| (fault, 0)));
        }
        match shared.fault() {
            Some((Fault::ResetRequest, _)) => {
                shared.reset();
                return Ok(());
            }
            Some((Fault::HalfOpen, _)) => {}
            _ => server.write_all(&buffer[..length])?,
        }
    }
    server.shutdown(Shutdown::Write)
}

/// From the server to the client.
fn downwards(
    mut server: &TcpStream,
    mut client: &TcpStream,
    state: &State,
    shared: &Shared,
) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    while let Some(length) = next(&mut server, &mut buffer, state, shared)? {
        let mut bytes = &buffer[..length];
        let Some((fault, came)) = shared.fault() else {
            client.write_all(bytes)?;
            continue;
        };
        let until = match fault {
            Fault::ResetAnswer(until) | Fault::Stall(until) | Fault::Truncate(until) => until,
            Fault::Slow(piece, pause) => {
                for piece in bytes.chunks(piece.max(1)) {
                    thread::sleep(pause);
                    client.write_all(piece)?;
                }
                shared.set_fault(Some((fault, came + length)));
                continue;
            }
            // What the server says to a request that it never got, such as that its patience is over.
            Fault::ResetRequest | Fault::HalfOpen => continue,
        };
        bytes = &bytes[..length.min(until.saturating_sub(came))];
        client.write_all(bytes)?;
        shared.set_fault(Some((fault, came + bytes.len())));
        if bytes.len() == length {
            continue;
        }
        match fault {
            Fault::ResetAnswer(_) => {
                shared.reset();
                return Ok(());
            }
            Fault::Truncate(_) => return client.shutdown(Shutdown::Both),
            _ => {}
        }
    }
    if matches!(shared.fault(), Some((Fault::Stall(_) | Fault::HalfOpen, _))) {
        // The server has ended, and the client is not told.
        while !state.is_over() && !shared.is_done.load(Ordering::SeqCst) {
            thread::sleep(TICK);
        }
    }
    client.shutdown(Shutdown::Write)
}

/// The next bytes; `None` at the end of the connection, and when the other direction has ended it.
fn next(
    from: &mut &TcpStream,
    buffer: &mut [u8],
    state: &State,
    shared: &Shared,
) -> io::Result<Option<usize>> {
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(None),
            Ok(length) => return Ok(Some(length)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                if state.is_over() || shared.is_done.load(Ordering::SeqCst) {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error),
        }
    }
}
