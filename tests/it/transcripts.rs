//! The transcripts of the README and of the book, each typed in a folder of its own. `UPDATE_DOCS=1` writes what was printed
//! into the pages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cs_tests::{Step, cstok, files, normalise, root, steps};

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

/// Wherever the program is built from source, it is built from what was tested, and the same is asked of the machine.
#[test]
fn installing_from_source_is_told_alike() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let name = page.display();
        for line in text.lines().filter(|line| line.contains("cargo install") && line.contains("--path")) {
            assert!(line.contains("cargo install --locked --path crates/cs-cli"), "{name}: {line}");
        }
        for sentence in text.split('.').filter(|sentence| sentence.contains("all it takes")) {
            assert!(!sentence.contains("Rust"), "{name}: a C compiler, too: {sentence}");
        }
    }
}

/// What the guide has a test harness do, typed as it stands: it comes to an end.
#[test]
#[cfg(unix)]
fn a_harness_that_starts_the_service_ends_it() {
    let guide = std::fs::read_to_string(root().join("docs/guides/test-your-app.md")).unwrap();
    let block = guide.split("```sh\n").find(|block| block.starts_with("mkfifo")).unwrap();
    let script = block.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(folder.path())
        .env("PATH", search_path())
        .env("HOME", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(std::time::Instant::now() < until, "it never returns");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    let printed = std::io::read_to_string(child.stdout.take().unwrap()).unwrap();
    let line: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let url = line["url"].as_str().unwrap().trim_start_matches("http://");
    assert!(std::net::TcpStream::connect(url).is_err(), "it still serves");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_transcripts_are_what_happens() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let (mut faults, mut number) = (Vec::new(), 0);
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let steps = steps(&text);
        if steps.is_empty() {
            continue;
        }
        number += steps.len();
        let printed = type_all(&text, &steps);
        if update {
            std::fs::write(&page, with_outputs(&text, &steps, &printed)).unwrap();
            continue;
        }
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        for (step, printed) in steps.iter().zip(&printed) {
            let (printed, expected) = (normalise(printed), normalise(&step.output));
            if printed != expected {
                faults.push(format!("{name}:{}: `{}` prints\n{printed}", step.line, step.command));
            }
        }
    }
    assert!(number >= 30, "only {number} steps were found");
    assert!(faults.is_empty(), "UPDATE_DOCS=1 writes it into the pages\n{}", faults.join("\n\n"));
}

/// The README and all pages of the book.
fn pages() -> Vec<PathBuf> {
    fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, pages);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    let mut pages = vec![root().join("README.md")];
    collect(&root().join("docs"), &mut pages);
    pages.sort();
    pages
}

/// Where commands are found: `cstok` first.
fn search_path() -> String {
    let bin = cstok().unwrap();
    format!("{}:{}", bin.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default())
}

/// What each step prints, on a fresh machine with the examples and the files that the page shows.
fn type_all(page: &str, steps: &[Step]) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("project");
    std::fs::create_dir_all(folder.join("examples")).unwrap();
    std::fs::copy(root().join("examples/shop.toml"), folder.join("examples/shop.toml")).unwrap();
    let path = search_path();
    let mut files = files(page).into_iter().peekable();
    let mut all = Vec::new();
    for step in steps {
        while let Some(file) = files.next_if(|file| file.line < step.line) {
            std::fs::write(folder.join(&file.name), file.text).unwrap();
        }
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
        all.push(printed.replace(&home.path().display().to_string(), "/home/you"));
    }
    all
}

/// The page with what was printed in the place of what it shows.
fn with_outputs(page: &str, steps: &[Step], printed: &[String]) -> String {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    // From the end, so that lines that are put in move no line that is still to be changed.
    for (step, printed) in steps.iter().zip(printed).rev() {
        let output = step.line..step.line + step.output.lines().count();
        lines.splice(output, printed.trim_end().lines().map(|line| line.trim_end().to_owned()));
    }
    lines.join("\n") + "\n"
}

#[test]
fn outputs_are_put_below_their_commands() {
    let page = "```console\n$ one\nold\nold\n$ two\n```\nend\n";
    let printed = ["new\n".to_owned(), "a\nb\n".to_owned()];
    assert_eq!(with_outputs(page, &steps(page), &printed), "```console\n$ one\nnew\n$ two\na\nb\n```\nend\n");
}
