//! `cstok man`

mod closing;

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;
use serde::Serialize;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Serialize)]
struct Document {
    pages: Vec<Page>,
}

#[derive(Serialize)]
struct Page {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

/// Prints the page of the program, or writes the pages of all its commands into a folder.
pub(crate) fn run(folder: Option<&Path>, output: &Output) -> Result<Exit, Failure> {
    let mut program = Cli::command();
    program.build();
    match folder {
        Some(folder) => write(&program, folder, output),
        None => {
            let text = page(&program)?;
            if output.is_json() {
                let text = String::from_utf8_lossy(&text).into_owned();
                let page = Page { name: "cstok.1".to_owned(), text: Some(text), file: None };
                output.document(&Document { pages: vec![page] })?;
            } else {
                output.write(|out| out.write_all(&text))?;
            }
            Ok(Exit::Ok)
        }
    }
}

fn write(program: &clap::Command, folder: &Path, output: &Output) -> Result<Exit, Failure> {
    let failed = |cause: &std::io::Error| {
        Failure::unexpected(format!("cannot write to `{}`", folder.display()), cause)
    };
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let mut pages = Vec::new();
    for command in everything(program) {
        let name = format!("{}.1", command.get_display_name().unwrap_or(command.get_name()));
        let file = folder.join(&name);
        fs::write(&file, page(command)?).map_err(|error| failed(&error))?;
        pages.push(Page { name, text: None, file: Some(file) });
    }
    if output.is_json() {
        output.document(&Document { pages })?;
    } else {
        output.print(format_args!("{} pages written to {}", pages.len(), folder.display()))?;
    }
    Ok(Exit::Ok)
}

/// A command and all below it, but for `help`, which explains what these pages are.
fn everything(command: &clap::Command) -> Vec<&clap::Command> {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    std::iter::once(command).chain(below.flat_map(everything)).collect()
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let last_words = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    Man::new(command.clone().after_help(None))
        .render(&mut text)
        .and_then(|()| closing::sections(&last_words).to_writer(&mut text))
        .map_err(|error| Failure::unexpected("cannot write the page", &error))?;
    Ok(text)
}
