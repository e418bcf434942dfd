//! Versions: reading what the next one is to be, and writing it where it stands.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// A version of three numbers. There are no pre-releases here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|part| {
            let plain = part == "0" || !part.starts_with('0');
            (plain && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        });
        let version = Self { major: numbers.next()??, minor: numbers.next()??, patch: numbers.next()?? };
        numbers.next().is_none().then_some(version)
    }

    /// The name of the tag.
    pub(crate) fn tag(self) -> String {
        format!("v{self}")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The version that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Patch,
    Minor,
    Major,
    This(Version),
}

impl Wanted {
    /// Reads `patch`, `minor`, `major` or a version.
    pub(crate) fn parse(word: &str) -> Result<Self, String> {
        match word {
            "patch" => Ok(Self::Patch),
            "minor" => Ok(Self::Minor),
            "major" => Ok(Self::Major),
            other => Version::parse(other).map(Self::This).ok_or_else(|| {
                format!("`{other}` is no version: say patch, minor, major, or one such as 1.2.3")
            }),
        }
    }

    /// What comes after `current`.
    pub(crate) fn after(self, current: Version) -> Result<Version> {
        let Version { major, minor, patch } = current;
        let next = match self {
            Self::Patch => Version { patch: patch + 1, ..current },
            Self::Minor => Version { major, minor: minor + 1, patch: 0 },
            Self::Major => Version { major: major + 1, minor: 0, patch: 0 },
            Self::This(version) => version,
        };
        ensure!(next > current, "{next} does not come after {current}");
        Ok(next)
    }
}

/// The version of the workspace: every crate has the same.
pub(crate) fn current(root: &Path) -> Result<Version> {
    let text = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: toml::Table = text.parse()?;
    let version = manifest.get("workspace").and_then(|it| it.get("package")).and_then(|it| it.get("version"));
    let version =
        version.and_then(toml::Value::as_str).context("Cargo.toml has no workspace.package.version")?;
    Version::parse(version).with_context(|| format!("`{version}` in Cargo.toml is not three numbers"))
}

/// Writes the next version into the manifest: the workspace's own, and what the crates ask of each other.
pub(crate) fn set(root: &Path, current: Version, next: Version) -> Result<()> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).context("cannot read Cargo.toml")?;
    fs::write(&path, replaced(&text, current, next)?).context("cannot write Cargo.toml")
}

fn replaced(text: &str, current: Version, next: Version) -> Result<String> {
    let (from, to) = (format!("version = \"{current}\""), format!("version = \"{next}\""));
    let ours = |line: &str| line.starts_with(&from) || line.starts_with("cs-") && line.contains("path = ");
    let mut changed = 0;
    let lines: Vec<_> = text
        .lines()
        .map(|line| {
            if ours(line) && line.contains(&from) {
                changed += 1;
                line.replace(&from, &to)
            } else {
                line.to_owned()
            }
        })
        .collect();
    let wanted = 1 + text.lines().filter(|line| line.starts_with("cs-") && line.contains("path = ")).count();
    ensure!(
        changed == wanted,
        "{changed} of {wanted} versions in Cargo.toml are {current}; set them to it first"
    );
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn version(major: u64, minor: u64, patch: u64) -> Version {
        Version { major, minor, patch }
    }

    #[test]
    fn words_and_numbers() {
        let current = version(0, 4, 2);
        let after = |word: &str| Wanted::parse(word).unwrap().after(current);
        assert_eq!(after("patch").unwrap(), version(0, 4, 3));
        assert_eq!(after("minor").unwrap(), version(0, 5, 0));
        assert_eq!(after("major").unwrap(), version(1, 0, 0));
        assert_eq!(after("0.10.0").unwrap(), version(0, 10, 0));
        assert!(after("0.4.2").unwrap_err().to_string().contains("does not come after"));
        assert!(after("0.3.9").is_err());
        for wrong in ["", "1", "1.2", "1.2.3.4", "1.2.x", "v1.2.3", "1.02.3", "1.2.3-rc1", "1..3"] {
            assert!(Wanted::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_versions_of_the_workspace_are_bumped_together() {
        let text = "[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\n\
            cs-model = { path = \"crates/cs-model\", version = \"0.1.0\" }\nother = { version = \"0.1.0\" }\n";
        let next = replaced(text, version(0, 1, 0), version(0, 2, 0)).unwrap();
        assert_eq!(next.matches("0.2.0").count(), 2);
        assert!(next.contains("other = { version = \"0.1.0\" }"));
        let uneven =
            text.replace("crates/cs-model\", version = \"0.1.0\"", "crates/cs-model\", version = \"0.0.9\"");
        assert!(replaced(&uneven, version(0, 1, 0), version(0, 2, 0)).is_err());
    }

    #[test]
    fn the_manifest_of_this_workspace_can_be_bumped() {
        let root = crate::codegen::root();
        let current = current(&root).unwrap();
        let text = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        assert!(replaced(&text, current, Wanted::Minor.after(current).unwrap()).is_ok());
    }
}
