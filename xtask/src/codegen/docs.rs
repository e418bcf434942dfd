//! The index of the generated pages.

use std::fmt::Write as _;

use super::OutFile;

/// What each page is for. A page that is not listed appears with its title alone.
const PAGES: [(&str, &str); 16] = [
    ("sources", "the documents that everything else refers to"),
    ("modules", "what routes work on, and what they do there"),
    ("routes", "every documented route with the credentials listed for it"),
    ("rules", "what a token may do, and why"),
    ("claims", "each claim of the five seeds, what carries it, and the test that shows it"),
    ("facts", "what is known beyond the seeds, and what carries each row"),
    ("contradictions", "where the documents disagree, and how each profile reads it"),
    ("gaps", "what no document answers, and what we do about it"),
    ("profiles", "limits, switches and readings, side by side, with their sources"),
    ("errors", "error answers by number, with cause and fix"),
    ("violations", "what checks find before a request is sent"),
    ("lints", "what lints find in tokens that no check refuses"),
    ("regions", "regions, their other spellings, and their hosts"),
    ("collections", "the documents that the service keeps"),
    ("not-served", "which routes the service judges and answers with 501"),
    ("exit-codes", "how `cstok` ends, with cause and what to do"),
];

/// The pages that come from the crates: this program does not depend on them, and tests compare them.
const OTHERS: &str = "\nFrom `cstok` itself:\n\n\
                      - [Who may do what](matrix.md): the rules as a table, written by `cstok policy export`; for a browser \
                        [with a filter and the rules behind each cell](matrix-page.html)\n\
                      - [The command line](cli.md): every command with its options\n";

/// `docs/reference/README.md`, from the pages that were generated.
pub(crate) fn index(files: &[OutFile]) -> Vec<OutFile> {
    let mut pages: Vec<(usize, &str, &str)> = files
        .iter()
        .filter_map(|file| {
            let name = file.path.strip_prefix("docs/reference/")?.strip_suffix(".md")?;
            let title = file.text.lines().find_map(|line| line.strip_prefix("# "))?;
            let place = PAGES.iter().position(|(page, _)| *page == name).unwrap_or(PAGES.len());
            Some((place, name, title))
        })
        .collect();
    pages.sort_unstable();
    let mut body = String::from(
        "# Reference\n\n\
         The facts that this project is built on, each with its source. These pages are generated from the files in \
         `xtask/spec`, as are the tables in the crates: to change a fact, change it there and run `cargo xtask codegen`.\n\n",
    );
    for (place, name, title) in pages {
        let says = PAGES.get(place).map_or(String::new(), |(_, says)| format!(": {says}"));
        let _ = writeln!(body, "- [{title}]({name}.md){says}");
    }
    body.push_str(OTHERS);
    vec![OutFile::markdown("docs/reference/README.md", "xtask/spec", &body)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_lists_known_pages_in_order_and_unknown_ones_last() {
        let page = |name: &str| {
            OutFile::markdown(&format!("docs/reference/{name}.md"), "x", &format!("# The {name}"))
        };
        let files = [page("zebra"), page("regions"), page("sources"), page("aardvark")];
        let index = index(&files);
        let generated = index[0].text.lines().take_while(|line| !line.starts_with("From `cstok`"));
        let lines: Vec<_> = generated.filter(|line| line.starts_with("- ")).collect();
        assert_eq!(
            lines,
            [
                "- [The sources](sources.md): the documents that everything else refers to",
                "- [The regions](regions.md): regions, their other spellings, and their hosts",
                "- [The aardvark](aardvark.md)",
                "- [The zebra](zebra.md)",
            ]
        );
    }
}
