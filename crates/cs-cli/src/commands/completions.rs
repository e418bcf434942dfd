//! `cstok completions`

use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Serialize)]
struct Document {
    shell: String,
    script: String,
}

/// Prints the script.
pub(crate) fn run(shell: Shell, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cstok", &mut script);
    if output.is_json() {
        let script = String::from_utf8_lossy(&script).into_owned();
        output.document(&Document { shell: shell.to_string(), script })?;
    } else {
        output.write(|out| out.write_all(&script))?;
    }
    Ok(Exit::Ok)
}
