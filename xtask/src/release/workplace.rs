//! Where a release is made: a clone, and beside it the unpacked packages, in one folder that goes when the release is over.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::Line;

/// Always the same, so that what is built there is built in the same place and does not pile up in the target folder.
const NAME: &str = "cs-tokens-release";

/// What is built there, in the target folder of the tree.
const APART: &str = "of-release";

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

/// Where everything of the release is built: a folder of its own in that of the tree, which stays for the next release.
///
/// cargo takes the same crate in two clones for one. Built into the tree's own folder, programs and tests of the clone
/// would pass for those of the tree, and look for files where the clone was. The tools of the tree are the clone's, too.
pub(crate) fn target(of_tree: &Path) -> Result<PathBuf> {
    let target = of_tree.join(APART);
    fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
    #[cfg(unix)]
    if !target.join("tools").exists() {
        fs::create_dir_all(of_tree.join("tools"))?;
        std::os::unix::fs::symlink("../tools", target.join("tools"))?;
    }
    Ok(target)
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

    #[test]
    fn what_a_release_builds_is_apart_from_what_the_tree_builds_but_for_tools() {
        let folder = std::env::temp_dir().join(format!("workplace-target-{}", std::process::id()));
        let of_tree = folder.join("target");
        for _ in 0..2 {
            let target = target(&of_tree).unwrap();
            assert!(target.starts_with(&of_tree) && target != of_tree);
            fs::write(of_tree.join("tools/one"), "").unwrap();
            assert_eq!(target.join("tools/one").exists(), cfg!(unix));
        }
        assert!(of_tree.join(APART).is_dir());
        fs::remove_dir_all(folder).unwrap();
    }
}
