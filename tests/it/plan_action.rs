//! The action for pull requests, run as a runner runs it; what it downloads comes from a `curl` of ours.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use cs_tests::{cstok, root};

const ACTION: &str = ".github/actions/plan";

struct Ran {
    status: i32,
    log: String,
    outputs: String,
    summary: String,
}

fn plan(home: &Path, file: &str, arguments: &str) -> Ran {
    let mut command = action(home, std::env::var_os("PATH").unwrap());
    command.env("CSTOK_BINARY", cstok().unwrap()).env("CSTOK_FILE", file).env("CSTOK_ARGUMENTS", arguments);
    run(home, command.env("CSTOK_VERSION", "0.0.0"))
}

fn action(home: &Path, path: OsString) -> Command {
    let mut command = Command::new(root().join(ACTION).join("plan.sh"));
    command.current_dir(home).env_clear().env("PATH", path).env("HOME", home);
    command
}

fn run(home: &Path, command: &mut Command) -> Ran {
    let (outputs, summary) = (home.join("outputs"), home.join("summary"));
    for file in [&outputs, &summary] {
        std::fs::write(file, "").unwrap();
    }
    let output =
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let read = |file: &Path| std::fs::read_to_string(file).unwrap();
    Ran {
        status: output.status.code().unwrap(),
        log: String::from_utf8(output.stdout).unwrap(),
        outputs: read(&outputs),
        summary: read(&summary),
    }
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
fn after_a_fault_nothing_is_known_of_changes() {
    let home = tempfile::tempdir().unwrap();
    let ran = plan(home.path(), "nothing.toml", "--target local --profile seeds");
    assert_eq!((ran.status, ran.outputs.as_str()), (4, ""));
    assert!(ran.log.contains("::error file=nothing.toml::cstok plan failed with 4"), "{}", ran.log);
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

/// There are releases for this system alone.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod download {
    use super::*;

    /// Gives files of the folder `released` for addresses of that release, and fails as curl does for what is not there.
    const CURL: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --output) to="$2"; shift ;;
    https://github.com/cs-tokens/cs-tokens/releases/download/v1.2.3/*) from="released/${1##*/}" ;;
  esac
  shift
done
[ -f "$from" ] || exit 22
cp "$from" "$to"
"#;

    const ARCHIVE: &str = "cstok-1.2.3-x86_64-unknown-linux-gnu";

    /// A home with a release of a program that tells what it is asked, and a `curl` that gets it.
    fn released() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let script = r#"
        mkdir bin released $ARCHIVE
        printf '%s' "$CURL" >bin/curl
        printf '#!/bin/sh\necho "asked: $*"\n' >$ARCHIVE/cstok
        chmod +x bin/curl $ARCHIVE/cstok
        tar -czf released/$ARCHIVE.tar.gz $ARCHIVE
        cd released
        sha256sum $ARCHIVE.tar.gz >SHA256SUMS"#;
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).env("CURL", CURL).env("ARCHIVE", ARCHIVE);
        assert!(shell.current_dir(home.path()).status().unwrap().success());
        home
    }

    fn downloaded(home: &Path, version: &str) -> Ran {
        let mut path = home.join("bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut command = action(home, path);
        command.env("CSTOK_FILE", "shop.toml").env("CSTOK_ARGUMENTS", "--region na");
        run(home, command.env("CSTOK_VERSION", version))
    }

    #[test]
    fn the_release_that_is_named_is_the_one_that_is_asked() {
        let home = released();
        for version in ["1.2.3", "v1.2.3"] {
            let ran = downloaded(home.path(), version);
            assert_eq!((ran.status, ran.outputs.as_str()), (0, "changes=false\n"), "{}", ran.log);
            let asked = "asked: --no-color plan shop.toml --check --without-sinks --region na";
            assert!(ran.summary.contains(asked), "{}", ran.summary);
        }
    }

    #[test]
    fn what_is_not_the_release_is_not_run() {
        let home = released();
        let ran = downloaded(home.path(), "1.2.4");
        assert_eq!((ran.status, ran.outputs.as_str(), ran.summary.as_str()), (1, "", ""));
        assert!(
            ran.log.starts_with("::error::https://github.com/") && ran.log.contains("1.2.4"),
            "{}",
            ran.log
        );

        for (file, text) in [(format!("{ARCHIVE}.tar.gz"), "another"), ("SHA256SUMS".to_owned(), "")] {
            std::fs::write(home.path().join("released").join(file), text).unwrap();
            let ran = downloaded(home.path(), "1.2.3");
            assert_eq!((ran.status, ran.outputs.as_str(), ran.summary.as_str()), (1, "", ""));
            assert!(ran.log.contains("::error::cstok-1.2.3-"), "{}", ran.log);
        }
    }
}
