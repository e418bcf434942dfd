//! Ctrl-C, and the signal by which others end a program, where they must not end it at once: while a secret is typed, and
//! while a step of `apply` runs.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether somebody asked for an end while steps were carried out.
static STOP: AtomicBool = AtomicBool::new(false);
/// How many plans are being carried out.
static WORKING: AtomicUsize = AtomicUsize::new(0);
#[cfg(unix)]
static ASKING: AtomicBool = AtomicBool::new(false);

/// Steps that are carried out one after the other: the first signal ends them after the running one, the second at once.
pub(crate) struct Working;

impl Working {
    pub(crate) fn begin() -> Self {
        // Where signals cannot be heard they end the program, as ever.
        #[cfg(unix)]
        let _ = unix::hear();
        WORKING.fetch_add(1, Ordering::SeqCst);
        Self
    }

    /// Whether the next step is not to begin.
    pub(crate) fn is_over() -> bool {
        STOP.load(Ordering::SeqCst)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORKING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A question that waits for a secret. The terminal is in a state in which nobody wants to find it afterwards. Ctrl-C is a
/// character then, from which `rpassword` makes a signal before it puts the terminal right. So the signal must not end the
/// process yet.
pub(crate) struct Asking;

impl Asking {
    pub(crate) fn begin() -> io::Result<Self> {
        #[cfg(unix)]
        {
            unix::hear()?;
            ASKING.store(true, Ordering::SeqCst);
        }
        Ok(Self)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        #[cfg(unix)]
        ASKING.store(false, Ordering::SeqCst);
    }
}

/// Ends the program as ctrl-C does.
pub(crate) fn end() -> ! {
    std::process::exit(i32::from(crate::exit::Exit::Interrupted.number()))
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::Ordering;
    use std::sync::{Mutex, PoisonError};
    use std::thread;

    use tokio::signal::unix::{SignalKind, signal};

    use super::{ASKING, STOP, WORKING};

    /// What shells say of a program that SIGTERM ended.
    const TERMINATED: i32 = 143;

    /// Takes the signals over for the rest of the process: where nothing is in the way, they end the program as before.
    pub(super) fn hear() -> io::Result<()> {
        static HEARD: Mutex<bool> = Mutex::new(false);
        let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
        if *heard {
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut interrupt, mut terminate) = {
            let _inside = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
            runtime.block_on(async {
                loop {
                    let is_interrupt = tokio::select! {
                        Some(()) = interrupt.recv() => true,
                        Some(()) = terminate.recv() => false,
                        else => break,
                    };
                    came(is_interrupt);
                }
            });
        })?;
        *heard = true;
        Ok(())
    }

    fn came(is_interrupt: bool) {
        if is_interrupt && ASKING.load(Ordering::SeqCst) {
            return;
        }
        if WORKING.load(Ordering::SeqCst) > 0 && !STOP.swap(true, Ordering::SeqCst) {
            crate::output::say("stopping when the running step is done; once more stops at once");
            return;
        }
        if is_interrupt {
            super::end();
        }
        std::process::exit(TERMINATED);
    }
}
