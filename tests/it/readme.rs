//! The README's transcript, typed in a folder of its own. `UPDATE_README=1` writes what was printed into the README.

use std::process::{Command, Stdio};

use cs_tests::{cstok, normalise, root, steps};

/// The two commands that the README promises.
#[test]
fn the_readme_shows_two_commands() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let first = "cargo run --release -- apply examples/shop.toml";
    assert_eq!(steps(&readme)[0].command, first);
    for command in [first, "cargo xtask test"] {
        assert!(readme.contains(&format!("```sh\n{command}\n```")), "`{command}` is not shown");
    }
}

#[test]
fn the_transcript_is_what_happens() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("project");
    std::fs::create_dir_all(folder.join("examples")).unwrap();
    std::fs::copy(root().join("examples/shop.toml"), folder.join("examples/shop.toml")).unwrap();
    let bin = cstok().unwrap();
    let path = format!("{}:{}", bin.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());

    let file = root().join("README.md");
    let readme = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    let update = std::env::var_os("UPDATE_README").is_some();
    let steps = steps(&readme);
    assert!(steps.len() >= 5, "only {} steps were found", steps.len());
    let mut printed_by_step = Vec::new();
    for step in &steps {
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
        let printed =
            String::from_utf8_lossy(&output.stdout).replace(&home.path().display().to_string(), "/home/you");
        if update {
            printed_by_step.push(printed);
            continue;
        }
        assert_eq!(
            normalise(&printed),
            normalise(&step.output),
            "README.md:{}: `{}` prints this; UPDATE_README=1 writes it there",
            step.line,
            step.command
        );
    }
    if update {
        // From the end, so that lines that are put in move no line that is still to be changed.
        for (step, printed) in steps.iter().zip(&printed_by_step).rev() {
            let output = step.line..step.line + step.output.lines().count();
            lines.splice(output, printed.lines().map(|line| line.trim_end().to_owned()));
        }
        std::fs::write(file, lines.join("\n") + "\n").unwrap();
    }
}
