//! Versions: reading what the next one is to be, and writing it where it stands.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::shell::Line;

/// A version of three numbers. There are no pre-releases here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
}

impl Version {
    /// Three numbers, written as versions are: without zeros before them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
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

    /// What comes after `current`, or `current` itself by its number while it was never released: the first release of all has
    /// the version that the manifest was begun with.
    pub(crate) fn after(self, current: Version, is_released: bool) -> Result<Version> {
        let Version { major, minor, patch } = current;
        let next = match self {
            Self::Patch => Version { patch: patch + 1, ..current },
            Self::Minor => Version { major, minor: minor + 1, patch: 0 },
            Self::Major => Version { major: major + 1, minor: 0, patch: 0 },
            Self::This(version) if version == current && !is_released => return Ok(current),
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

/// A file that states the version, and how: `{}` stands for it. Each of these is in the file at least once.
struct Place {
    file: &'static str,
    forms: &'static [&'static str],
}

/// What nobody writes anew. `docs/openapi.json` and the like come from codegen, `Cargo.lock` from cargo.
const PLACES: [Place; 3] = [
    Place { file: "docs/guides/tokens-as-code.md", forms: &["/plan@v{}\n", " version: {}\n"] },
    Place { file: "docs/install.md", forms: &["version={}\n"] },
    // Out of the workspace, and cargo needs its registry to write it.
    Place {
        file: "fuzz/Cargo.lock",
        forms: &[
            "name = \"cs-model\"\nversion = \"{}\"\n",
            "name = \"cs-policy\"\nversion = \"{}\"\n",
            "name = \"cs-server\"\nversion = \"{}\"\n",
            "name = \"cs-transport\"\nversion = \"{}\"\n",
        ],
    },
];

/// Where an old version may stand: what was, manifests and lock files with the versions of others, and our own tests of versions.
const PAST: [&str; 7] = [
    "CHANGELOG.md",
    "Cargo.toml",
    "fuzz/Cargo.toml",
    "xtask/src/",
    "tests/clients/js/package.json",
    "tests/clients/js/package-lock.json",
    "tests/clients/python/requirements.txt",
];

/// Versions of others, as they are written, in files that begin so. Once ours is the same number, these say nothing of it.
const FOREIGN: [(&str, &str); 9] = [
    ("", "OpenAPI 3.0.0"),
    ("", "\"openapi\": \"3.1.0\""),
    ("crates/cs-server/src/generated/openapi.json", "\"openapi\":\"3.1.0\""),
    ("crates/cs-server/tests/", "[\"openapi\"]), (200, &\"3.1.0\""),
    ("", "openmetrics-text; version=1.0.0"),
    ("", "SARIF 2.1.0"),
    ("", "sarif-2.1.0-rtm.5.json"),
    ("crates/cs-policy/src/lint/sarif.rs", "2.1.0"),
    ("crates/", "sarif[\"version\"], \"2.1.0\""),
];

/// Writes the next version into the manifest, the workspace's own and what the crates ask of each other, and into the pages and
/// files that name it.
pub(crate) fn set(root: &Path, current: Version, next: Version) -> Result<()> {
    rewrite(root, "Cargo.toml", |text| replaced(text, current, next))?;
    for place in &PLACES {
        rewrite(root, place.file, |text| place.replaced(text, current, next))?;
    }
    Ok(())
}

fn rewrite(root: &Path, file: &str, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let path = root.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
    fs::write(&path, change(&text)?).with_context(|| format!("cannot write {file}"))
}

impl Place {
    fn replaced(&self, text: &str, current: Version, next: Version) -> Result<String> {
        let mut text = text.to_owned();
        for form in self.forms {
            let said = |version: Version| form.replace("{}", &version.to_string());
            let (from, to) = (said(current), said(next));
            ensure!(text.contains(&from), "{} does not say `{}`", self.file, from.trim().replace('\n', " "));
            text = text.replace(&from, &to);
        }
        Ok(text)
    }
}

/// Fails where a file still states the version before: one that [`set`], cargo and codegen do not know of.
pub(crate) fn none_is_left(root: &Path, current: Version, next: Version) -> Result<()> {
    if current == next {
        return Ok(());
    }
    let mut left = Vec::new();
    for file in Line::new("git ls-files").read(root)?.lines() {
        if PAST.iter().any(|past| file.starts_with(past)) {
            continue;
        }
        // What is no text states no version.
        let Ok(text) = fs::read_to_string(root.join(file)) else { continue };
        left.extend(stated(file, &text, current).into_iter().map(|line| format!("{file}:{line}")));
    }
    ensure!(
        left.is_empty(),
        "these still say {current}; name them in xtask/src/release/version.rs, as PLACES of ours or FOREIGN:\n{}",
        left.join("\n")
    );
    Ok(())
}

/// The lines, from one, that state a version; in a lock file those of our packages.
fn stated(file: &str, text: &str, version: Version) -> Vec<usize> {
    let version = version.to_string();
    let is_lock = file.ends_with("Cargo.lock");
    let mut before = "";
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let is_ours = !is_lock || before.starts_with("name = \"cs-") || before == "name = \"xtask\"";
        if is_ours && has_word(line, &version) && has_word(&without_foreign(file, line), &version) {
            lines.push(index + 1);
        }
        before = line;
    }
    lines
}

fn without_foreign(file: &str, line: &str) -> String {
    let here = FOREIGN.iter().filter(|(files, _)| file.starts_with(files));
    here.fold(line.to_owned(), |line, (_, foreign)| line.replace(foreign, ""))
}

/// Whether a version stands there as a whole: `1.2.3` is not in `11.2.3`, `1.2.30` and `1.2.3.4`.
fn has_word(line: &str, version: &str) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    line.match_indices(version).any(|(at, _)| {
        let (before, after) = (&line.as_bytes()[..at], &line.as_bytes()[at + version.len()..]);
        let longer =
            |near: Option<&u8>, far: Option<&u8>| goes_on(near) || near == Some(&b'.') && goes_on(far);
        !longer(before.last(), before.iter().rev().nth(1)) && !longer(after.first(), after.get(1))
    })
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
        let after = |word: &str| Wanted::parse(word).unwrap().after(current, true);
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
        let next = Wanted::Minor.after(current, true).unwrap();
        let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
        assert!(replaced(&read("Cargo.toml"), current, next).is_ok());
        for place in &PLACES {
            let text = place.replaced(&read(place.file), current, next).unwrap();
            assert_eq!(stated(place.file, &text, current), [0; 0], "{}", place.file);
        }
    }

    #[test]
    fn the_first_release_has_the_version_that_was_never_released() {
        let current = version(0, 1, 0);
        let wanted = Wanted::parse("0.1.0").unwrap();
        assert_eq!(wanted.after(current, false).unwrap(), current);
        assert!(wanted.after(current, true).is_err());
        assert!(Wanted::parse("0.0.9").unwrap().after(current, false).is_err());
        assert_eq!(Wanted::Patch.after(current, false).unwrap(), version(0, 1, 1));
    }

    #[test]
    fn an_old_version_that_is_left_is_found() {
        let old = version(0, 1, 0);
        let text = "plan@v0.1.0\n10.1.0\n0.1.0.\n0.1.01\n0.1.0.1\n1.0.1.0\n";
        assert_eq!(stated("a.md", text, old), [1, 3]);
        let lock = "name = \"cs-model\"\nversion = \"0.1.0\"\nname = \"other\"\nversion = \"0.1.0\"\n";
        assert_eq!(stated("fuzz/Cargo.lock", lock, old), [2]);
    }

    #[test]
    fn a_version_of_others_is_not_ours() {
        let stated = |line: &str, major, minor| stated("a.rs", line, version(major, minor, 0));
        assert_eq!(stated("\"application/openmetrics-text; version=1.0.0; charset=utf-8\"", 1, 0), [0; 0]);
        assert_eq!(stated("As a SARIF 2.1.0 document", 2, 1), [0; 0]);
        assert_eq!(stated("SARIF 2.1.0 by cstok 2.1.0", 2, 1), [1]);
    }

    /// All that a release changes, in a copy of the tree: nothing says the version before, and nothing would if that had been
    /// the number of something else, such as OpenAPI 3.0.0.
    #[test]
    fn no_file_of_this_workspace_keeps_the_version_before() {
        let root = crate::codegen::root();
        let folder = std::env::temp_dir().join(format!("version-{}", std::process::id()));
        let tree = folder.join("tree");
        fs::create_dir_all(&folder).unwrap();
        for file in Line::new("git ls-files").read(&root).unwrap().lines() {
            let to = tree.join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            // A file that was removed and is still known to git is not there.
            let _ = fs::copy(root.join(file), to);
        }
        Line::new("git init --quiet").run(&tree).unwrap();
        Line::new("git add --all --force").run(&tree).unwrap();
        let current = current(&tree).unwrap();
        let next = version(99, 0, 0);
        let said = |file: &str| none_is_left(&tree, current, next).unwrap_err().to_string().contains(file);
        assert!(
            said("docs/guides/tokens-as-code.md") && said("fuzz/Cargo.lock") && said("docs/openapi.json")
        );
        set(&tree, current, next).unwrap();
        Line::new("cargo update --quiet --workspace --offline").run(&tree).unwrap();
        assert!(said("docs/openapi.json") && !said("docs/guides/tokens-as-code.md"));
        crate::codegen::run(&tree, false).unwrap();
        none_is_left(&tree, current, next).unwrap();
        for number in [version(1, 0, 0), version(2, 1, 0), version(3, 0, 0), version(3, 1, 0)] {
            none_is_left(&tree, number, next).unwrap();
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
