//! What the server says of itself, on standard error.

use tracing::Level;
use tracing::subscriber::set_global_default;
use tracing_subscriber::fmt;

use crate::args::serve::around::{LogArgs, LogForm, LogLevel};
use crate::output::say;

/// Lets the server speak, in this form and this much. Once in the life of a process; a second time changes nothing.
pub(super) fn start(args: &LogArgs) {
    let level = match args.level {
        LogLevel::Off => return,
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    let builder = fmt().with_max_level(level).with_writer(std::io::stderr);
    // Fails when it was done before.
    let _ = match args.form {
        LogForm::Text => set_global_default(builder.with_ansi(false).with_target(false).finish()),
        LogForm::Json => set_global_default(builder.json().flatten_event(true).with_target(false).finish()),
    };
}

/// Says something that people who started it want to know: into the log where that is for programs.
pub(super) fn note(form: LogForm, text: &'static str) {
    match form {
        LogForm::Text => say(text),
        LogForm::Json => tracing::info!("{text}"),
    }
}
