//! What `-v` tells: every request, on standard error.

use tracing::Level;
use tracing::subscriber::set_global_default;
use tracing_subscriber::fmt;

/// Lets the client speak, once in the life of a process. What it says holds no query, no header and no body, so no secret.
pub(crate) fn start(verbose: u8) {
    let shown = fmt().with_writer(std::io::stderr).with_ansi(false);
    // Not by `try_init`, which listens to `log`, too, wherever some crate in the tree wants that: HTTP clients tell it headers.
    // Fails when it was done before.
    let _ = match verbose {
        0 => return,
        1 => {
            set_global_default(shown.with_max_level(Level::DEBUG).without_time().with_target(false).finish())
        }
        _ => set_global_default(shown.with_max_level(Level::TRACE).finish()),
    };
}
