//! Where a release is made: a clone, and beside it the unpacked packages, in one folder that goes when the release is over.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::Line;

/// Always the same, so that what is built there is built in the same place and does not pile up in the target folder.
const NAME: &str = "cs-tokens-release";

/// The file that says whose it is.
const OWNER: &str = "pid";

/// The folder, which is removed with this value, however the release ended.
#[derive(Debug)]
pub(crate) struct Workplace(PathBuf);

impl Workplace {
    /// With a clone of the tree.
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let place = Self::at(std::env::temp_dir().join(NAME))?;
        Line::new("git clone --quiet --no-hardlinks")
            .arg(root.to_string_lossy())
            .arg(place.tree().to_string_lossy())
            .run(root)?;
        Ok(place)
    }

    /// Empty. What a release that was killed has left there goes; that of one which still runs does not.
    fn at(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            let owner = fs::read_to_string(folder.join(OWNER)).unwrap_or_default();
            let runs = !owner.is_empty() && Line::new("kill -0").arg(&*owner).works(Path::new("/"));
            ensure!(!runs, "another release, process {owner}, is at work in {}", folder.display());
            fs::remove_dir_all(&folder)
                .with_context(|| format!("{} is in the way; remove it", folder.display()))?;
        }
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let place = Self(folder);
        fs::write(place.0.join(OWNER), std::process::id().to_string())?;
        fs::create_dir(place.packages())?;
        Ok(place)
    }

    /// The clone.
    pub(crate) fn tree(&self) -> PathBuf {
        self.0.join("tree")
    }

    /// An empty folder for packages, outside of the clone.
    pub(crate) fn packages(&self) -> PathBuf {
        self.0.join("packages")
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_release_left_goes_and_that_of_a_running_one_stays() {
        let folder = std::env::temp_dir().join(format!("workplace-{}", std::process::id()));
        let place = Workplace::at(folder.clone()).unwrap();
        assert!(place.packages().is_dir() && !place.tree().exists());
        let error = Workplace::at(folder.clone()).unwrap_err().to_string();
        assert!(error.contains("another release"), "{error}");
        // No process has this number: the most that Linux gives is 2^22.
        fs::write(folder.join(OWNER), "99999999").unwrap();
        fs::write(folder.join("left"), "").unwrap();
        std::mem::forget(place);
        let place = Workplace::at(folder.clone()).unwrap();
        assert!(!folder.join("left").exists());
        drop(place);
        assert!(!folder.exists());
    }
}
