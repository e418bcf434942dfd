//! A stranger reads `/openapi.json` and asks for everything that it describes: schemathesis, from PyPI.
//! `cargo xtask test` installs it; with `CS_DEEP` set it asks for more.
//!
//! No answer may be a 5xx, but for the 501 that the document has for what is known and not served, and each must have a
//! status, headers and a body that the document describes.

use std::process::Command;

use cs_tests::{Served, root};

use crate::clients::installed;

/// Everything that is held against the document.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// What ends the session or the stack that all other requests need: asked for last.
const LAST: [&str; 2] = ["delete_user_session", "delete_stacks"];

fn schemathesis(served: &Served) -> Command {
    let folder = root().join("tests/clients/python");
    let url = served.text("url").trim_end_matches('/');
    let mut command = served.command(&installed(folder.join(".venv/bin/st")));
    command
        .args(["--config-file", "schemathesis.toml", "run", &format!("{url}/openapi.json")])
        .args(["--url", url, "--checks", CHECKS, "--seed", "1", "--no-color"])
        .args(["--header", &format!("api_key: {}", served.text("api_key"))])
        .args(["--header", &format!("authtoken: {}", served.text("authtoken"))])
        .env("CS_ORGANIZATION_UID", served.text("organization_uid"))
        .current_dir(folder);
    command
}

fn holds(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(" passed"), "{text}");
}

#[test]
fn every_answer_is_one_that_the_document_describes() {
    let examples = if cs_tests::is_deep() { "100" } else { "2" };
    let served = Served::start(&["--no-rate-limit"]).unwrap();
    let asked = |phases: &str| {
        let mut command = schemathesis(&served);
        command.args(["--phases", phases, "--max-examples", examples]);
        command
    };
    holds(asked("coverage,fuzzing").args(["--exclude-method", "DELETE"]));
    let mut deletions = asked("coverage,fuzzing");
    let mut last = asked("fuzzing");
    deletions.args(["--include-method", "DELETE"]);
    for operation in LAST {
        deletions.args(["--exclude-operation-id", operation]);
        last.args(["--include-operation-id", operation]);
    }
    holds(&mut deletions);
    holds(&mut last);
}
