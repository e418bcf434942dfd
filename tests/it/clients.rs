//! The vendor's own clients against `cstok serve --demo`, over http and https. `cargo xtask test` installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use cs_tests::{Served, root};

/// Fails with the command that helps when something that the test needs is not installed.
pub(crate) fn installed(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run `cargo xtask test --install`", path.display());
    path
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("passed, 0 failed"), "{text}");
}

/// Runs a script of a folder against a service of its own over each protocol.
fn over_each_protocol(folder: &str, program: &Path, script: &str) {
    let folder = root().join("tests/clients").join(folder);
    let admin = ["--no-rate-limit", "--admin", "127.0.0.1:0"];
    let served = Served::start(&admin).unwrap();
    run(served.command(program).arg(folder.join(script)).current_dir(&folder));
    let place = tempfile::tempdir().unwrap();
    let authority = place.path().join("authority.pem");
    let tls = ["--tls", "--ca-out", authority.to_str().unwrap()];
    let served = Served::start(&[&admin[..], &tls[..]].concat()).unwrap();
    assert_eq!(served.address().0, "https");
    run(served
        .command(program)
        .env("NODE_EXTRA_CA_CERTS", &authority)
        .env("REQUESTS_CA_BUNDLE", &authority)
        .arg(folder.join(script))
        .current_dir(&folder));
}

fn javascript(script: &str) {
    for package in ["@contentstack/management", "@contentstack/delivery-sdk", "contentstack"] {
        installed(root().join("tests/clients/js/node_modules").join(package));
    }
    over_each_protocol("js", Path::new("node"), script);
}

fn python(script: &str) {
    let python = installed(root().join("tests/clients/python/.venv/bin/python"));
    over_each_protocol("python", &python, script);
}

#[test]
fn the_javascript_client_manages_tokens() {
    javascript("tokens.mjs");
}

#[test]
fn the_javascript_client_manages_people() {
    javascript("people.mjs");
}

#[test]
fn the_javascript_client_manages_stacks() {
    javascript("stacks.mjs");
}

#[test]
fn the_javascript_client_manages_content() {
    javascript("content.mjs");
}

#[test]
fn the_javascript_client_manages_collections() {
    javascript("collections.mjs");
}

#[test]
fn the_older_javascript_client_reads_what_its_tokens_may() {
    javascript("classic.mjs");
}

#[test]
fn the_javascript_delivery_sdk_reads_what_its_tokens_may() {
    javascript("delivery.mjs");
}

#[test]
fn the_python_client_manages_tokens() {
    python("tokens.py");
}

#[test]
fn the_python_client_manages_stacks() {
    python("stacks.py");
}
