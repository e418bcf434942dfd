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
    println!("{} pages: {FOLDER}/index.html", pages(&summary).count());
    Ok(())
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
    fn pages_of_the_contents() {
        let summary = "# Summary\n\n[What](introduction.md)\n- [R](reference/README.md)\n  - [Page](reference/x.md)\n- [m](m.html)\n";
        assert_eq!(
            pages(summary).collect::<Vec<_>>(),
            ["introduction.html", "reference/index.html", "reference/x.html"]
        );
    }
}
