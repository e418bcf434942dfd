//! The changelog: what was unreleased gets a version and a day.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::version::Version;

const FILE: &str = "CHANGELOG.md";
const UNRELEASED: &str = "## Unreleased";

/// Moves the section of what is not released under the version.
pub(crate) fn release(root: &Path, next: Version, today: &str) -> Result<()> {
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    fs::write(&path, moved(&text, next, today)?).with_context(|| format!("cannot write {FILE}"))
}

fn moved(text: &str, next: Version, today: &str) -> Result<String> {
    let (before, rest) = text
        .split_once(&format!("{UNRELEASED}\n"))
        .with_context(|| format!("{FILE} has no section `{UNRELEASED}`"))?;
    let section = rest.split("\n## ").next().unwrap_or(rest);
    ensure!(
        section.lines().any(|line| line.starts_with("- ")),
        "nothing stands under `{UNRELEASED}` in {FILE}: say what changes for users"
    );
    ensure!(!text.contains(&format!("## {next} ")), "{FILE} has a section for {next} already");
    Ok(format!("{before}{UNRELEASED}\n\n## {next} - {today}\n{rest}"))
}

/// What a version brings; what is unreleased, where it has no section yet.
pub(crate) fn notes(root: &Path, version: Version) -> Result<String> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    Ok(elsewhere(&section(&text, version)?, version))
}

/// The text for a page outside of the tree: its links lead to the pages of this version.
fn elsewhere(text: &str, version: Version) -> String {
    text.replace("](docs/", &format!("](https://github.com/cs-tokens/cs-tokens/blob/{}/docs/", version.tag()))
}

fn section(text: &str, version: Version) -> Result<String> {
    let released = format!("## {version} ");
    let start =
        [format!("\n{released}"), format!("\n{UNRELEASED}\n")].iter().find_map(|head| text.find(head));
    let start = start.with_context(|| format!("{FILE} has neither `{released}` nor `{UNRELEASED}`"))?;
    let (_, rest) = text[start + 1..].split_once('\n').unwrap_or_default();
    Ok(format!("{}\n", rest.split("\n## ").next().unwrap_or(rest).trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: Version = Version { major: 0, minor: 2, patch: 0 };

    #[test]
    fn the_section_is_moved_whole() {
        let text = "# Changelog\n\n## Unreleased\n\n### Added\n\n- one\n\n## 0.1.0 - 2026-01-01\n\n- old\n";
        assert_eq!(
            moved(text, NEXT, "2026-02-03").unwrap(),
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- one\n\n## 0.1.0 - 2026-01-01\n\n- old\n"
        );
    }

    #[test]
    fn notes_are_the_section_of_the_version() {
        let text = "# C\n\n## Unreleased\n\n- new\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- one\n\n## 0.1.0 - 2026-01-01\n\n- old\n";
        assert_eq!(section(text, NEXT).unwrap(), "### Added\n\n- one\n");
        assert_eq!(section(text, Version { major: 0, minor: 1, patch: 0 }).unwrap(), "- old\n");
        assert_eq!(section(text, Version { major: 3, minor: 0, patch: 0 }).unwrap(), "- new\n");
        assert!(section("# C\n", NEXT).is_err());
        assert_eq!(
            elsewhere("- [one](docs/one.md#a), [two](https://example.com/docs/)", NEXT),
            "- [one](https://github.com/cs-tokens/cs-tokens/blob/v0.2.0/docs/one.md#a), [two](https://example.com/docs/)"
        );
    }

    #[test]
    fn a_release_without_news_is_refused() {
        let empty = "## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- old\n";
        assert!(moved(empty, NEXT, "2026-02-03").unwrap_err().to_string().contains("nothing stands"));
        assert!(moved("# Changelog\n", NEXT, "2026-02-03").is_err());
        let twice = "## Unreleased\n\n- new\n\n## 0.2.0 - 2026-01-01\n";
        assert!(moved(twice, NEXT, "2026-02-03").is_err());
    }
}
