//! Links of Markdown pages: each leads to a file that is there and to a heading that it has, and the book has every page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, ensure};

use super::files;

/// The folder of the book.
const BOOK: &str = "docs";

/// The table of contents of the book.
const SUMMARY: &str = "docs/SUMMARY.md";

/// A page, cut to what matters here.
#[derive(Debug, Default)]
struct Page {
    /// Where links lead, with their lines.
    links: Vec<(usize, String)>,
    /// The ids of its headings.
    headings: BTreeSet<String>,
}

/// Checks all pages; every fault is named.
pub(crate) fn check(root: &Path) -> Result<()> {
    let pages = read(root)?;
    let mut faults = Vec::new();
    let mut links = 0;
    for (name, page) in &pages {
        for (line, link) in &page.links {
            links += 1;
            if let Some(fault) = fault(root, &pages, name, link) {
                faults.push(format!("{name}:{line}: `{link}` {fault}"));
            }
        }
    }
    faults.extend(left_out(&pages));
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{links} links on {} pages lead somewhere", pages.len());
    Ok(())
}

/// All pages by their path from the root.
fn read(root: &Path) -> Result<BTreeMap<String, Page>> {
    let mut paths = files::below(root, &["crates", "xtask", "tests", "benches", "examples", BOOK])?;
    for entry in fs::read_dir(root)? {
        paths.push(entry?.path());
    }
    let mut pages = BTreeMap::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        pages.insert(name, parse(&fs::read_to_string(path)?));
    }
    Ok(pages)
}

/// What is wrong with a link of a page.
fn fault(root: &Path, pages: &BTreeMap<String, Page>, from: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let to = if path.is_empty() { Some(from.to_owned()) } else { joined(from, path) };
    let Some(to) = to else { return Some("leads out of the repository".to_owned()) };
    if !pages.contains_key(&to) && !root.join(&to).exists() {
        return Some("leads to nothing".to_owned());
    }
    let inside = |name: &str| name.starts_with(&format!("{BOOK}/"));
    if inside(from) && !inside(&to) {
        return Some(format!("leads out of the book: name `{to}` without a link"));
    }
    let heading = heading?;
    match pages.get(&to) {
        Some(page) if page.headings.contains(heading) => None,
        Some(_) => Some(format!("names no heading of {to}")),
        None => None,
    }
}

/// A path relative to a page, from the root; `None` when it leaves the root.
fn joined(from: &str, path: &str) -> Option<String> {
    let mut parts = PathBuf::from(from);
    parts.pop();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                if !parts.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.display().to_string())
}

/// Pages that the table of contents lacks or has twice.
fn left_out(pages: &BTreeMap<String, Page>) -> Vec<String> {
    let Some(summary) = pages.get(SUMMARY) else { return vec![format!("{SUMMARY} is missing")] };
    let listed: Vec<String> = summary.links.iter().filter_map(|(_, link)| joined(SUMMARY, link)).collect();
    let of_the_book = pages.keys().filter(|name| name.starts_with(BOOK) && name.as_str() != SUMMARY);
    of_the_book
        .filter_map(|name| match listed.iter().filter(|listed| *listed == name).count() {
            0 => Some(format!("{SUMMARY} lacks {name}")),
            1 => None,
            number => Some(format!("{SUMMARY} has {name} {number} times")),
        })
        .collect()
}

fn parse(text: &str) -> Page {
    let mut page = Page::default();
    let mut fence: Option<&str> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let marks = &trimmed[..trimmed.len() - trimmed.trim_start_matches(['`', '~']).len()];
        match fence {
            Some(open) if marks.starts_with(open) && trimmed.trim_end().len() == marks.len() => fence = None,
            Some(_) => {}
            None if marks.len() >= 3 => fence = Some(marks),
            None => {
                let plain = without_code(line);
                page.links.extend(links(&plain).into_iter().map(|link| (index + 1, link)));
                if let Some(heading) = heading(line) {
                    let id = id(heading);
                    let mut unique = id.clone();
                    let mut number = 0;
                    while !page.headings.insert(unique) {
                        number += 1;
                        unique = format!("{id}-{number}");
                    }
                }
            }
        }
    }
    page
}

/// A line without its spans of code, in which nothing is a link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Where the links of a line lead: `[text](target)` and `[name]: target`.
fn links(line: &str) -> Vec<String> {
    let target = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    let mut found: Vec<String> = line
        .match_indices("](")
        .filter_map(|(at, mark)| line[at + mark.len()..].split_once(')'))
        .map(|(link, _)| target(link))
        .collect();
    if let Some((_, link)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
        found.push(target(link));
    }
    found
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let depth = line.len() - text.len();
    ((1..=6).contains(&depth) && text.starts_with(' ')).then(|| text.trim())
}

/// The id of a heading, as code hosts and mdBook make it.
fn id(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || "-_".contains(*c));
    kept.map(|c| if c.is_whitespace() { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_of_this_workspace_lead_somewhere() {
        check(&crate::codegen::root()).unwrap();
    }

    #[test]
    fn links_and_headings_are_found_outside_of_code() {
        let text = "# One `two` & three\n[a](b.md#c \"title\") `[no](no.md)` [d](e)\n\
                    ```md\n[no](no.md)\n# No\n```\n[ref]: f.md\n## Again\n## Again\n#no";
        let page = parse(text);
        let links: Vec<&str> = page.links.iter().map(|(_, link)| link.as_str()).collect();
        assert_eq!(links, ["b.md#c", "e", "f.md"]);
        assert_eq!(page.links[2].0, 7);
        let headings: Vec<&str> = page.headings.iter().map(String::as_str).collect();
        assert_eq!(headings, ["again", "again-1", "one-two--three"]);
    }

    #[test]
    fn what_leads_nowhere_is_told() {
        let root = crate::codegen::root();
        let pages = BTreeMap::from([
            ("docs/a.md".to_owned(), parse("# A")),
            (SUMMARY.to_owned(), parse("[a](a.md) [b](b.md) [b](b.md)")),
            ("docs/b.md".to_owned(), parse("")),
            ("docs/c.md".to_owned(), parse("")),
        ]);
        let of = |link| fault(&root, &pages, "docs/a.md", link).unwrap_or_default();
        assert_eq!(of("https://example.com"), "");
        assert_eq!(of("#a"), "");
        assert_eq!(of("architecture.md"), "");
        assert_eq!(of("nothing.md"), "leads to nothing");
        assert_eq!(of("#b"), "names no heading of docs/a.md");
        assert_eq!(of("../../x"), "leads out of the repository");
        assert_eq!(of("../README.md"), "leads out of the book: name `README.md` without a link");
        assert_eq!(fault(&root, &pages, "README.md", "docs/architecture.md"), None);
        assert_eq!(
            left_out(&pages),
            ["docs/SUMMARY.md has docs/b.md 2 times", "docs/SUMMARY.md lacks docs/c.md"]
        );
    }
}
