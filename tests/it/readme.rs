//! The README's transcript, typed in a folder of its own.

use std::process::{Command, Stdio};

use cs_tests::{cstok, normalise, root, steps};

/// The two commands that the README promises, and no third.
#[test]
fn the_readme_shows_two_commands() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<String> = steps(&readme).into_iter().map(|step| step.command).collect();
    assert_eq!(commands[0], "cargo run --release -- apply examples/shop.toml");
    assert!(readme.contains("\ncargo xtask test\n"), "the second command is not shown");
}

#[test]
fn the_transcript_is_what_happens() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("project");
    std::fs::create_dir_all(folder.join("examples")).unwrap();
    let examples = root().join("examples/shop.toml");
    std::fs::copy(examples, folder.join("examples/shop.toml")).unwrap();
    let bin = cstok().unwrap();
    let path = format!("{}:{}", bin.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());

    let mut count = 0;
    for step in steps(&std::fs::read_to_string(root().join("README.md")).unwrap()) {
        let command = step.command.replace("cargo run --release --", "cstok");
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .current_dir(&folder)
            .env_clear()
            .env("PATH", &path)
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            normalise(&printed),
            normalise(&step.output),
            "README.md:{}: `{}` prints this instead",
            step.line,
            step.command
        );
        count += 1;
    }
    assert!(count >= 5, "only {count} steps were found");
}
