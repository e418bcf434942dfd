//! `cstok export`

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target::Target;
use crate::target::connection::{Connection, TargetShown};

#[derive(Serialize)]
struct Document<'a> {
    target: TargetShown<'a>,
    /// The file's text, in TOML.
    file: &'a str,
}

/// Prints the file form of what the stack has.
pub(crate) fn run(target: Target, output: &Output) -> Result<Exit, Failure> {
    let connection = Connection::open_to_read(target, output)?;
    let inventory = connection.stack()?.inventory()?;
    let mut file = cs_tokens::export(&inventory);
    if connection.is_in_memory() {
        // It has no tokens, and a file that names it would be about no stack.
        file.truncate(file.find("[stack]").unwrap_or(file.len()));
    }
    output.document(&Document { target: connection.shown(), file: &file })?;
    output.print(file.trim_end())?;
    Ok(Exit::Ok)
}
