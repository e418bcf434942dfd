//! The files of the workspace that people write.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 5] = ["target", "node_modules", "generated", ".venv", ".git"];

/// All files below these folders of the root, sorted.
pub(super) fn below(root: &Path, folders: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
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
