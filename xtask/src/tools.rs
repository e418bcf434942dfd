//! Programs from crates.io that a check needs: installed into the target folder, in the version that is written for them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::api;
use crate::shell::Line;

/// A program and the version that is wanted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tool {
    /// The name of the package, and of the program in it.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What `cargo install` is told beside: features, as a rule.
    pub(crate) options: &'static str,
}

impl Tool {
    /// Where it is; it is installed when it is missing or another version.
    pub(crate) fn provide(&self, root: &Path) -> Result<PathBuf> {
        self.provide_in(&api::target(root)?, root)
    }

    /// The same in this target folder, which may be another than that of the tree which it is for.
    pub(crate) fn provide_in(&self, target: &Path, root: &Path) -> Result<PathBuf> {
        let folder = target.join("tools");
        let program = folder.join("bin").join(self.name);
        if !self.is_at(&program, root) {
            println!("installing {} {} into {}", self.name, self.version, folder.display());
            // Unoptimised, and without what debuggers read: it is built more often than it is waited for.
            Line::new(&format!("cargo install --quiet --locked --profile dev {} --version", self.options))
                .arg(self.version)
                .arg("--root")
                .arg(folder.to_string_lossy())
                .arg(self.name)
                .var("CARGO_PROFILE_DEV_DEBUG", "0")
                .run(root)?;
        }
        Ok(program)
    }

    fn is_at(&self, program: &Path, root: &Path) -> bool {
        let version = Line::program(program).arg("--version").read(root);
        version.is_ok_and(|said| self.is_said(&said))
    }

    /// Whether this is what it says: its name and version, with or without a `v` before it.
    fn is_said(&self, said: &str) -> bool {
        said.split_whitespace().last().is_some_and(|last| last.trim_start_matches('v') == self.version)
            && said.starts_with(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_in_another_version_is_not_it() {
        let tool = Tool { name: "mdbook", version: "0.5.4", options: "" };
        assert!(tool.is_said("mdbook v0.5.4") && tool.is_said("mdbook 0.5.4"));
        assert!(!tool.is_said("mdbook v0.5.40") && !tool.is_said("mdbook v0.4.0") && !tool.is_said(""));
        assert!(!tool.is_said("other 0.5.4"));
        assert!(!tool.is_at(Path::new("/nowhere/mdbook"), Path::new("/")));
    }
}
