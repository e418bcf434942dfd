//! The workspace's own commands: `cargo xtask help`.
//!
//! This program depends on none of the crates beside it, so it runs when all else is broken.

#![forbid(unsafe_code)]

mod api;
mod args;
mod bench;
mod book;
mod ci;
mod codegen;
mod release;
mod rust;
mod shell;
mod test;
mod tools;

use std::process::ExitCode;

use args::{Parsed, Task};

fn main() -> ExitCode {
    if let Some(done) = api::as_rustdoc() {
        return outcome(done);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match args::parse(&arguments) {
        Ok(Parsed::Help) => {
            println!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Parsed::Task(task)) => task,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let root = codegen::root();
    let done = match task {
        Task::Codegen { check } => codegen::run(&root, check),
        Task::Test { install } => test::run(&root, install),
        Task::Api { check } => api::run(&root, check),
        Task::Bench { area, install } => bench::run(&root, area, install),
        Task::Counts { save: true, install } => bench::counts::save(&root, install).map(|()| true),
        Task::Counts { save: false, install } => bench::counts::check(&root, install).map(|()| true),
        Task::Book => book::build(&root).map(|()| true),
        Task::Dist { install } => release::dist(&root, install),
        Task::Release(options) => release::run(&root, options),
        Task::Ci(extent) => ci::run(&root, extent),
    };
    outcome(done)
}

fn outcome(done: anyhow::Result<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
