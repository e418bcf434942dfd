//! The files of the workspace that people write.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 5] = ["target", "node_modules", "generated", ".venv", ".git"];

/// All files below these folders of the root, sorted. Each is there: a check of nothing would pass.
pub(super) fn below(root: &Path, folders: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let skipped = path.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped));
        if path.is_dir() && !skipped {
            collect(&path, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let root = crate::codegen::root();
        assert!(below(&root, &["xtask"]).unwrap().len() > 10);
        let error = below(&root, &["xtask", "no-such-folder"]).unwrap_err();
        assert!(error.to_string().contains("no-such-folder"), "{error}");
    }
}
