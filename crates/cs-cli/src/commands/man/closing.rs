//! What a help text says at its end, as sections of a manual page. `clap_mangen` would put all of it under `EXTRA`, with lines that
//! are aligned by hand run together.

use clap_mangen::roff::{Roff, roman};

/// Headings of help texts that are sections of a manual. Whatever stands under no such heading is a note.
const HEADINGS: [&str; 4] = ["Examples", "Environment", "Configuration", "Exit codes"];

/// A section, with its lines.
type Section<'a> = (&'static str, Vec<&'a str>);

/// The sections of the text: notes, then the others in their order.
pub(super) fn sections(text: &str) -> Roff {
    let mut roff = Roff::new();
    for (name, lines) in split(text) {
        roff.control("SH", [name.to_uppercase().as_str()]);
        write(&mut roff, &lines);
    }
    roff
}

fn split(text: &str) -> Vec<Section<'_>> {
    let mut notes: Section<'_> = ("Notes", Vec::new());
    let mut others: Vec<Section<'_>> = Vec::new();
    let mut is_headed = false;
    for line in text.lines() {
        if is_flush(line) {
            is_headed = false;
            if let Some((name, rest)) = heading(line) {
                is_headed = true;
                others.push((name, rest.into_iter().collect()));
                continue;
            }
        }
        match others.last_mut() {
            Some((_, lines)) if is_headed => lines.push(line),
            _ => notes.1.push(line),
        }
    }
    let all = std::iter::once(notes).chain(others);
    all.filter(|(_, lines)| lines.iter().any(|line| !line.is_empty())).collect()
}

/// Whether the line is neither empty nor indented.
fn is_flush(line: &str) -> bool {
    line.chars().next().is_some_and(|first| !first.is_whitespace())
}

/// The section that a line opens, and what the line says of it: `NAME:` or `NAME, WORDS:`.
fn heading(line: &str) -> Option<(&'static str, Option<&str>)> {
    HEADINGS.into_iter().find_map(|name| match line.strip_prefix(name)? {
        ":" => Some((name, None)),
        rest => Some((name, Some(rest.strip_prefix(", ").filter(|rest| rest.ends_with(':'))?))),
    })
}

fn write(roff: &mut Roff, lines: &[&str]) {
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let mut lines = lines[..last].iter().copied().skip_while(|line| line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            roff.control("PP", []);
        } else if is_flush(line) {
            roff.text([roman(line)]);
        } else {
            // As they stand, with the empty lines between them.
            roff.control("nf", []);
            roff.text([roman(line)]);
            while let Some(line) = lines.next_if(|line| !is_flush(line)) {
                roff.text([roman(line)]);
            }
            roff.control("fi", []);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_under_a_heading_is_a_section() {
        let text = "It looks:\n  a = 1\n\n  b = 2\n\nExamples:\n  cstok one\n\nConfiguration, FILE in FOLDER:\n  [x]\n\nLast words.\n";
        assert_eq!(
            split(text),
            [
                ("Notes", vec!["It looks:", "  a = 1", "", "  b = 2", "", "Last words."]),
                ("Examples", vec!["  cstok one", ""]),
                ("Configuration", vec!["FILE in FOLDER:", "  [x]", ""]),
            ]
        );
        let page = sections(text).to_roff();
        assert!(page.starts_with(".SH NOTES\nIt looks:\n.nf\n  a = 1\n"), "{page}");
        assert!(
            page.contains(".SH EXAMPLES\n.nf\n  cstok one\n.fi\n.SH CONFIGURATION\nFILE in FOLDER:\n"),
            "{page}"
        );
        assert!(split("Examples:\n  one").iter().all(|(name, _)| *name == "Examples"));
        assert!(split("").is_empty());
    }
}
