//! The action for pull requests, run as a runner runs it but for the download.

use std::path::Path;
use std::process::Command;

use cs_tests::{cstok, root};

const ACTION: &str = ".github/actions/plan";

struct Ran {
    status: i32,
    outputs: String,
    summary: String,
}

fn plan(home: &Path, file: &str, arguments: &str) -> Ran {
    let (outputs, summary) = (home.join("outputs"), home.join("summary"));
    for file in [&outputs, &summary] {
        std::fs::write(file, "").unwrap();
    }
    let status = Command::new(root().join(ACTION).join("plan.sh"))
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home)
        .env("CSTOK_BINARY", cstok().unwrap())
        .env("CSTOK_FILE", file)
        .env("CSTOK_VERSION", "0.0.0")
        .env("CSTOK_ARGUMENTS", arguments)
        .env("GITHUB_OUTPUT", &outputs)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap()
        .status;
    let read = |file: &Path| std::fs::read_to_string(file).unwrap();
    Ran { status: status.code().unwrap(), outputs: read(&outputs), summary: read(&summary) }
}

#[test]
fn a_pull_request_fails_while_the_stack_differs_from_the_file() {
    let home = tempfile::tempdir().unwrap();
    std::fs::copy(root().join("examples/shop.toml"), home.path().join("shop.toml")).unwrap();

    let before = plan(home.path(), "shop.toml", "--target local");
    assert_eq!((before.status, before.outputs.as_str()), (5, "changes=true\n"));
    assert!(before.summary.contains("plan: 4 to create"), "{}", before.summary);

    let apply = Command::new(cstok().unwrap())
        .args(["apply", "shop.toml"])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(apply.status.success(), "{}", String::from_utf8_lossy(&apply.stderr));
    let after = plan(home.path(), "shop.toml", "--target local");
    assert_eq!((after.status, after.outputs.as_str()), (0, "changes=false\n"));
    assert!(after.summary.contains("no changes"), "{}", after.summary);

    // A runner has a fresh clone, and none of the files that values went to.
    for file in [".env.shop.production", ".env.shop.staging"] {
        std::fs::remove_file(home.path().join(file)).unwrap();
    }
    let elsewhere = plan(home.path(), "shop.toml", "--target local\n--profile seeds\n--verbose");
    assert_eq!((elsewhere.status, elsewhere.outputs.as_str()), (0, "changes=false\n"));
    let text = std::fs::read_to_string(home.path().join("shop.toml")).unwrap();
    let text = text.replace("content_type = \"r\"", "content_type = \"rw\"");
    std::fs::write(home.path().join("shop.toml"), text).unwrap();
    let changed = plan(home.path(), "shop.toml", "--target local");
    assert_eq!((changed.status, changed.outputs.as_str()), (5, "changes=true\n"));
    assert!(changed.summary.contains("plan: 1 to change"), "{}", changed.summary);
}

/// Without a place `cstok` looks at a service of its own, which is no news of anybody's stack.
#[test]
fn it_insists_on_a_place() {
    let home = tempfile::tempdir().unwrap();
    std::fs::copy(root().join("examples/shop.toml"), home.path().join("shop.toml")).unwrap();
    for arguments in ["", "--stack blt0123456789abcdef"] {
        let ran = plan(home.path(), "shop.toml", arguments);
        assert_eq!((ran.status, ran.outputs.as_str(), ran.summary.as_str()), (2, "", ""));
    }
}

#[test]
fn a_fault_is_no_change_and_fails_too() {
    let home = tempfile::tempdir().unwrap();
    let ran = plan(home.path(), "nothing.toml", "--target local --profile seeds");
    assert_eq!((ran.status, ran.outputs.as_str()), (4, "changes=false\n"));
    assert!(ran.summary.contains("nothing.toml"), "{}", ran.summary);
}

#[test]
fn the_action_hands_every_input_to_the_script() {
    let action = std::fs::read_to_string(root().join(ACTION).join("action.yml")).unwrap();
    let script = std::fs::read_to_string(root().join(ACTION).join("plan.sh")).unwrap();
    for name in ["file", "version", "arguments", "sinks"] {
        let variable = format!("CSTOK_{}", name.to_uppercase());
        assert!(action.contains(&format!("{variable}: ${{{{ inputs.{name} }}}}")), "{name}");
        assert!(script.contains(&variable), "{variable}");
    }
}
