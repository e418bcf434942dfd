//! `cargo xtask book`: the pages of `docs/` as a book, by mdBook, which is installed into the target folder when missing.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::shell::Line;
use crate::tools::Tool;

/// In the version that `book.toml` is written for; without the server, which brings most of what it needs.
const MDBOOK: Tool =
    Tool { name: "mdbook", version: "0.5.4", options: "--no-default-features --features search" };

/// Where `book.toml` says that it goes.
const FOLDER: &str = "target/book";

/// A page that is whole by itself, and so has none of the ways out that the others have; and where it belongs.
const ALONE: &str = "reference/matrix-page.html";
const BACK: &str = "<p><a href=\"matrix.html\">Back to the book</a></p>\n";

/// Builds the book, and looks whether every page of its contents is there.
pub(crate) fn build(root: &Path) -> Result<()> {
    let program = MDBOOK.provide(root)?;
    Line::program(&program).arg("build").run(root)?;
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).context("cannot read docs/SUMMARY.md")?;
    let missing: Vec<_> = pages(&summary).filter(|page| !root.join(FOLDER).join(page).exists()).collect();
    ensure!(missing.is_empty(), "the book lacks {}", missing.join(", "));
    // A file that lies beside the pages is copied over one of the same name.
    let hidden: Vec<_> = pages(&summary).filter(|page| root.join("docs").join(page).exists()).collect();
    ensure!(hidden.is_empty(), "docs/{} takes the place of a page of that name", hidden.join(", docs/"));
    let alone = root.join(FOLDER).join(ALONE);
    let page = fs::read_to_string(&alone).with_context(|| format!("cannot read {FOLDER}/{ALONE}"))?;
    fs::write(&alone, with_way_back(&page)?).with_context(|| format!("cannot write {FOLDER}/{ALONE}"))?;
    println!("{} pages: {FOLDER}/index.html", pages(&summary).count());
    Ok(())
}

/// In the book only: elsewhere there is no page to go back to.
fn with_way_back(page: &str) -> Result<String> {
    let header = "<header>\n";
    ensure!(page.matches(header).count() == 1, "docs/{ALONE} has no place for a link back");
    Ok(page.replacen(header, &format!("{header}{BACK}"), 1))
}

/// What the contents become: `guides/doctor.md` is `guides/doctor.html`, and a README the index of its folder.
fn pages(summary: &str) -> impl Iterator<Item = String> {
    let links = summary.lines().filter_map(|line| line.split_once("](")?.1.split_once(')'));
    links.filter_map(|(link, _)| {
        let page = link.strip_suffix(".md")?;
        Some(match page.strip_suffix("README") {
            Some(folder) => format!("{folder}index.html"),
            None => format!("{page}.html"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_stands_alone_leads_back() {
        let page = fs::read_to_string(crate::codegen::root().join("docs").join(ALONE)).unwrap();
        let text = with_way_back(&page).unwrap();
        assert!(text.contains(&format!("<header>\n{BACK}<h1>")));
        assert_eq!(text.len(), page.len() + BACK.len());
        assert!(with_way_back("<body>").is_err());
        let summary = fs::read_to_string(crate::codegen::root().join("docs/SUMMARY.md")).unwrap();
        assert!(pages(&summary).any(|page| page == "reference/matrix.html"));
    }

    #[test]
    fn pages_of_the_contents() {
        let summary = "# Summary\n\n[What](introduction.md)\n- [R](reference/README.md)\n  - [Page](reference/x.md)\n- [m](m.html)\n";
        assert_eq!(
            pages(summary).collect::<Vec<_>>(),
            ["introduction.html", "reference/index.html", "reference/x.html"]
        );
    }
}
