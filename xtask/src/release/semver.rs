//! Whether a version says what the release does to those who depend on it.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::api::{self, Difference};
use crate::shell::Line;

use super::version::Version;

mod change;

use change::{Change, change_of};

/// Compares the lists of features and public items with those at the last tag. An item that moved behind a feature is not seen:
/// all are listed with all features.
pub(crate) fn check(root: &Path, last: Option<&str>, next: Version) -> Result<()> {
    let Some(last) = last else {
        println!("no release before this one: there is nothing that it could break");
        return Ok(());
    };
    // The manifest may have gone on since, without a release.
    let before = last.strip_prefix('v').and_then(Version::parse);
    let before = before.with_context(|| format!("the tag {last} is no version"))?;
    let mut worst = Change::None;
    for package in api::LIBRARIES {
        let path = api::path_of(package);
        let now = std::fs::read_to_string(root.join(&path))?;
        let then = Line::new("git show").arg(format!("{last}:{path}")).read(root)?;
        let change = change_of(&then, &now);
        if change != Change::None {
            println!("since {last}, {}", Difference::between(&then, &now).shown(package));
        }
        worst = worst.max(change);
    }
    judge(worst, before, next)
}

/// Cargo's reading of versions: the first number that is not zero is the one that may break things.
fn judge(change: Change, current: Version, next: Version) -> Result<()> {
    let breaking = if current.major > 0 {
        next.major > current.major
    } else {
        (next.major, next.minor) > (0, current.minor)
    };
    let additions = breaking || current.major == 0 || next.minor > current.minor;
    match change {
        Change::Breaking => {
            let least = if current.major > 0 { "major" } else { "minor" };
            ensure!(
                breaking,
                "items or features of the public API are gone or changed, or ask for more: at least a {least} release, not {next}"
            );
        }
        Change::Additions => {
            ensure!(
                additions,
                "the public API has new items or features: at least a minor release, not {next}"
            );
        }
        Change::None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        let numbers: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
        Version { major: numbers[0], minor: numbers[1], patch: numbers[2] }
    }

    #[test]
    fn the_version_must_say_what_changed() {
        let judged = |change, current, next| judge(change, version(current), version(next)).is_ok();
        assert!(judged(Change::None, "1.2.3", "1.2.4"));
        assert!(!judged(Change::Additions, "1.2.3", "1.2.4"));
        assert!(judged(Change::Additions, "1.2.3", "1.3.0"));
        assert!(!judged(Change::Breaking, "1.2.3", "1.3.0"));
        assert!(judged(Change::Breaking, "1.2.3", "2.0.0"));
        assert!(judged(Change::Additions, "0.1.0", "0.1.1"));
        assert!(!judged(Change::Breaking, "0.1.0", "0.1.1"));
        assert!(judged(Change::Breaking, "0.1.0", "0.2.0"));
        assert!(judged(Change::Breaking, "0.1.0", "1.0.0"));
    }
}
