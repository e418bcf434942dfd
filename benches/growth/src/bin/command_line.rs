//! `cstok lint` and `cstok plan` over files with more and more tokens, and `cstok can` with more and more grants, from the start of the program to its end.
//!
//! `cargo build --release -p cs-cli && cargo run --release -p cs-bench-growth --bin growth-command-line`
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use cs_bench_growth::{TIMES, fastest, row};
use cs_bench_rows::{Table, exit};
use cs_model::ModuleId;
use cs_model::facts::Documented;

/// How many tokens the shortest file to lint has.
const FEW: usize = 10;

/// A profile without a limit of delivery tokens.
const UNLIMITED: &str = "documented-2026";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<bool> {
    let program = cstok()?;
    let folder = tempfile::tempdir()?;
    let mut table = Table::new("command line");
    for times in TIMES {
        let count = FEW * times;
        let file = write(folder.path(), count)?;
        // Tokens beyond the limit of a stack are findings, and findings are what it ends with.
        let micros = fastest(count, || start(&program, folder.path(), &["lint", &file], &[0, 3]))?;
        row(&mut table, "`cstok lint`, for each token of a file", count, "tokens", times, micros);
    }
    // A plan counts before anything is sent, and a stack holds a few tokens of each kind. Under this profile of the three no document
    // limits delivery tokens, so what is planned is those.
    for times in TIMES {
        let file = write_delivery(folder.path(), times)?;
        let arguments = ["plan", &file, "--profile", UNLIMITED];
        let micros = fastest(times, || start(&program, folder.path(), &arguments, &[0]))?;
        row(&mut table, "`cstok plan`, for each token of a file", times, "tokens", times, micros);
    }
    for times in TIMES {
        let branches: Vec<_> = (0..times).map(|number| format!("branch-{number}")).collect();
        let branches = branches.join(",");
        let request = ["can", "GET", "/v3/content_types", "--as", "management", "--scope", "content_type:r"];
        let arguments = [&request[..], &["--branches", &branches]].concat();
        // The branch that is asked for, `main`, is not among them: that is told by 3.
        let micros = fastest(1, || start(&program, folder.path(), &arguments, &[0, 3]))?;
        row(&mut table, "`cstok can`", times, "grants of a branch", times, micros);
    }
    Ok(table.finish()?)
}

/// A file of management tokens, no two of which have the same scope as long as there are modules for that.
fn write(folder: &Path, count: usize) -> Result<String> {
    let modules: Vec<_> = ModuleId::ALL
        .into_iter()
        .map(ModuleId::row)
        .filter(|row| row.management_scope == Documented::Yes)
        // These are granted by fields of their own.
        .filter(|row| ![ModuleId::Branch, ModuleId::BranchAlias].contains(&row.id))
        .collect();
    let mut text = String::new();
    for number in 0..count {
        let module = modules[number % modules.len()].name;
        let access = ["r", "rw"][number / modules.len() % 2];
        write!(
            text,
            "[[management]]\nname = \"token {number}\"\nscope = {{ {module} = \"{access}\" }}\nbranches = [\"main\"]\n\
             expires_in = \"90d\"\nnotify = true\nsink = {{ env_file = \".env\", variable = \"T{number}\" }}\n\n"
        )?;
    }
    let name = format!("tokens-{count}.toml");
    fs::write(folder.join(&name), text)?;
    Ok(name)
}

/// A file of delivery tokens.
fn write_delivery(folder: &Path, count: usize) -> Result<String> {
    let mut text = String::new();
    for number in 0..count {
        write!(
            text,
            "[[delivery]]\nname = \"token {number}\"\nenvironments = [\"production\"]\nbranches = [\"main\"]\n\
             sink = {{ env_file = \".env\", variable = \"T{number}\" }}\n\n"
        )?;
    }
    let name = format!("delivery-{count}.toml");
    fs::write(folder.join(&name), text)?;
    Ok(name)
}

/// Runs the program in a folder, with a local store there.
fn start(program: &Path, folder: &Path, arguments: &[&str], expected: &[i32]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("CSTOK_DATA_DIR", folder.join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    ensure!(
        output.status.code().is_some_and(|code| expected.contains(&code)),
        "`{}` ended with {}: {}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// The program, which was built beside this one.
fn cstok() -> Result<PathBuf> {
    let path = std::env::current_exe().context("no path of this program")?.with_file_name("cstok");
    ensure!(path.exists(), "build `cstok` first: {}", path.display());
    Ok(path)
}
