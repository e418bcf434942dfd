//! Secrets typed at a terminal, which is left as it was found, also when whoever types gives up.

use std::io;

use crate::interrupts::{self, Asking};

/// Asks a question whose answer is not shown. Ctrl-C ends the program, as everywhere.
pub(super) fn ask(question: &str) -> io::Result<String> {
    let _asking = Asking::begin()?;
    let answer = rpassword::prompt_password(question);
    if cfg!(unix) && answer.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
        // The terminal shows again what is typed, but the cursor is still behind the question.
        crate::output::say("");
        interrupts::end();
    }
    answer
}
