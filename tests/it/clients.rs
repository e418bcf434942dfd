//! The vendor's own clients against `cstok serve --demo`. `cargo xtask test` installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use cs_tests::{Served, root};

/// Fails with the command that helps when something that the test needs is not installed.
fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run `cargo xtask test --install`", path.display());
    path
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn the_javascript_client_manages_tokens() {
    let folder = root().join("tests/clients/js");
    installed(folder.join("node_modules/@contentstack/management"));
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let text = run(served.command(Path::new("node")).arg(folder.join("tokens.mjs")).current_dir(&folder));
    assert!(text.contains("passed, 0 failed"), "{text}");
}

#[test]
fn the_javascript_client_manages_what_surrounds_tokens() {
    let folder = root().join("tests/clients/js");
    installed(folder.join("node_modules/@contentstack/management"));
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let text =
        run(served.command(Path::new("node")).arg(folder.join("surroundings.mjs")).current_dir(&folder));
    assert!(text.contains("passed, 0 failed"), "{text}");
}

#[test]
fn the_javascript_client_manages_content() {
    let folder = root().join("tests/clients/js");
    installed(folder.join("node_modules/@contentstack/management"));
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let text = run(served.command(Path::new("node")).arg(folder.join("content.mjs")).current_dir(&folder));
    assert!(text.contains("passed, 0 failed"), "{text}");
}

#[test]
fn the_javascript_clients_for_delivery_read_what_is_published() {
    let folder = root().join("tests/clients/js");
    installed(folder.join("node_modules/@contentstack/delivery-sdk"));
    installed(folder.join("node_modules/contentstack"));
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let text = run(served.command(Path::new("node")).arg(folder.join("delivery.mjs")).current_dir(&folder));
    assert!(text.contains("passed, 0 failed"), "{text}");
}

#[test]
fn the_python_client_manages_tokens() {
    let folder = root().join("tests/clients/python");
    let python = installed(folder.join(".venv/bin/python"));
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let text = run(served.command(&python).arg(folder.join("tokens.py")).current_dir(&folder));
    assert!(text.contains("passed, 0 failed"), "{text}");
}
