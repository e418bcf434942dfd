//! `cstok lint` and `cstok plan` over files with more and more tokens, from the start of the program to its end.
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
use cs_model::facts::Documented;
use cs_model::{LimitId, ModuleId, Profile};

/// How many tokens the shortest file to lint has.
const FEW: usize = 10;

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
    let most = Profile::seeds().limit(LimitId::ManagementTokensPerStack).value.unwrap_or(u32::MAX);
    for times in TIMES {
        if times > most as usize {
            println!(
                "no row of `cstok plan` for {times} tokens: a stack holds at most {most}, and plans say so"
            );
            continue;
        }
        let file = write(folder.path(), times)?;
        let micros = fastest(times, || start(&program, folder.path(), &["plan", &file], &[0]))?;
        row(&mut table, "`cstok plan`, for each token of a file", times, "tokens", times, micros);
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
