//! A command that is watched while it runs: its own command line, and those of the processes that it starts.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::thread;

use crate::home::{Home, Ran};

/// Runs a command with a text on standard input. No command line of it or its children may hold a secret.
pub(super) fn watched(home: &Home, line: &str, stdin: &str, secrets: &[String]) -> Ran {
    let mut child = home.spawn(line);
    // Whoever reads nothing may be gone before all is written.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = thread::spawn(move || text(&mut out));
    let err = thread::spawn(move || text(&mut err));
    let mut lines = BTreeSet::new();
    let code = loop {
        command_lines(child.id(), &mut lines);
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap_or(-1);
        }
        thread::sleep(std::time::Duration::from_millis(2));
    };
    for found in lines {
        for secret in secrets {
            assert!(!found.contains(secret.as_str()), "`{line}`: a secret is in the command line `{found}`");
        }
    }
    Ran { code, out: out.join().unwrap(), err: err.join().unwrap() }
}

fn text(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Adds the command lines of a process and of all below it, where the system shows them.
fn command_lines(id: u32, lines: &mut BTreeSet<String>) {
    if let Ok(line) = fs::read(format!("/proc/{id}/cmdline")) {
        lines.insert(String::from_utf8_lossy(&line).replace('\0', " "));
    }
    let Ok(tasks) = fs::read_dir(format!("/proc/{id}/task")) else { return };
    for task in tasks.flatten() {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            command_lines(child, lines);
        }
    }
}
