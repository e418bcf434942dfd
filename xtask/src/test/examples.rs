//! The examples of the crates: each is run, and has to say what it is there to show.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::api;
use crate::shell::Line;

/// An example, how it is called, and what it says.
pub(super) struct Example {
    package: &'static str,
    name: &'static str,
    /// Its arguments; `None` for one that does not end by itself.
    arguments: Option<&'static str>,
    says: &'static [&'static str],
}

const fn example(package: &'static str, name: &'static str, says: &'static [&'static str]) -> Example {
    Example { package, name, arguments: Some(""), says }
}

/// All of them; a test sees to it that none is missing.
pub(super) const ALL: [Example; 10] = [
    example("cs-model", "check_draft", &["name", "checked: website"]),
    example(
        "cs-policy",
        "decide",
        &["GET /v3/content_types/page/entries: allow", "fix: ", "POST /v3/stacks/delivery_tokens: forbidden"],
    ),
    example("cs-server", "app_test", &[]),
    Example { arguments: None, ..example("cs-server", "serve", &[]) },
    example(
        "cs-tokens",
        "axum_handler",
        &["HTTP/1.1 200 OK: 0 in all", "HTTP/1.1 502 Bad Gateway: the API refused"],
    ),
    Example {
        arguments: Some("2 3"),
        ..example("cs-tokens", "bulk", &["6 updates", "0 refusals for the rate"])
    },
    example("cs-tokens", "plain_thread", &["made blt", ": 1"]),
    example("cs-transport", "closure", &["waits", "thing 4 after"]),
    example("cs-transport", "decorator", &[]),
    example("cs-transport", "hyper", &[]),
];

impl Example {
    /// What the step is called.
    pub(super) fn title(&self) -> String {
        format!("example `{}` of {}", self.name, self.package)
    }

    /// Runs it from the folder that examples are built into, where it ends by itself.
    pub(super) fn run(&self, root: &Path, folder: &Path) -> Result<()> {
        let Some(arguments) = self.arguments else {
            // It is compiled with the others.
            return Ok(());
        };
        let line = Line::program(&folder.join(self.name));
        let said = arguments.split_whitespace().fold(line, |line, argument| line.arg(argument)).read(root)?;
        for text in self.says {
            ensure!(said.contains(text), "it does not say `{text}`, but:\n{said}");
        }
        Ok(())
    }
}

/// Builds all of them as the tests do, so that nothing is compiled twice, and answers the folder that they are in.
pub(super) fn build(root: &Path) -> Result<PathBuf> {
    Line::new("cargo build --quiet --workspace --all-features --examples").run(root)?;
    Ok(api::target(root)?.join("debug/examples"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn every_example_is_run() {
        let mut found = BTreeSet::new();
        for package in fs::read_dir(crate::codegen::root().join("crates")).unwrap() {
            let package = package.unwrap();
            let Ok(examples) = fs::read_dir(package.path().join("examples")) else { continue };
            for example in examples {
                let path = example.unwrap().path();
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                found.insert((package.file_name().to_string_lossy().into_owned(), name));
            }
        }
        let listed: BTreeSet<_> =
            ALL.iter().map(|example| (example.package.to_owned(), example.name.to_owned())).collect();
        assert_eq!(found, listed);
    }
}
