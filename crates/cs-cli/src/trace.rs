//! What `-v` tells: every request, on standard error.

use tracing::Level;
use tracing_subscriber::fmt;

/// Lets the client speak, once in the life of a process. What it says holds no query, no header and no body, so no secret.
pub(crate) fn start(verbose: u8) {
    // Fails when it was done before.
    let _ = match verbose {
        0 => return,
        1 => fmt()
            .with_max_level(Level::DEBUG)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .without_time()
            .with_target(false)
            .try_init(),
        _ => fmt().with_max_level(Level::TRACE).with_writer(std::io::stderr).with_ansi(false).try_init(),
    };
}
