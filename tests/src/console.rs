//! Console blocks of documents: what is typed and what is printed.

/// A command of a console block with the output that the document shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line of the document, from 1.
    pub line: usize,
    /// What is typed, without the `$`.
    pub command: String,
    /// What is printed.
    pub output: String,
}

/// The steps of all fenced blocks of the language `console`, in order.
#[must_use]
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut within = false;
    for (index, line) in document.lines().enumerate() {
        if line.starts_with("```") {
            within = line == "```console";
        } else if within {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { line: index + 1, command: command.to_owned(), output: String::new() });
            } else if let Some(step) = steps.last_mut() {
                step.output.push_str(line);
                step.output.push('\n');
            }
        }
    }
    steps
}

/// A file that a document shows, and that its commands find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The line of the document, from 1.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The files of a document, in order: fenced blocks below a comment `<!-- file: NAME -->`.
#[must_use]
pub fn files(document: &str) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    let mut named: Option<String> = None;
    let mut within = false;
    for (index, line) in document.lines().enumerate() {
        if line.starts_with("```") {
            let name = named.take();
            within = !within && name.is_some();
            files.extend(name.map(|name| File { line: index + 1, name, text: String::new() }));
        } else if within {
            if let Some(file) = files.last_mut() {
                file.text.push_str(line);
                file.text.push('\n');
            }
        } else if let Some(rest) = line.strip_prefix("<!-- file: ") {
            named = rest.strip_suffix(" -->").map(str::to_owned);
        }
    }
    files
}

/// The text with everything that differs from run to run replaced: uids, dates, times, ports, temporary names; without
/// trailing white space and blank lines at the ends.
#[must_use]
pub fn normalise(text: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(|line| normalise_line(line.trim_end())).collect();
    lines.join("\n")
}

fn normalise_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = uid(rest) {
            out.push_str("blt0000000000000000");
            rest = &rest[length..];
        } else if let Some(length) = date(rest) {
            out.push_str("0000-00-00");
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// The length of a uid at the start of the text; in names of variables it is in capitals.
fn uid(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("blt").or_else(|| text.strip_prefix("BLT"))?;
    let hex = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
    (hex == 16).then_some(3 + hex)
}

fn date(text: &str) -> Option<usize> {
    let bytes = text.as_bytes().get(..10)?;
    let shape = bytes.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    shape.then_some(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_steps() {
        let document = "text\n```console\n$ one\na\nb\n$ two\n```\n```toml\n$ no\n```\n";
        let found = steps(document);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].line, found[0].command.as_str(), found[0].output.as_str()),
            (3, "one", "a\nb\n")
        );
    }

    #[test]
    fn files_are_named_by_a_comment() {
        let document =
            "```toml\na = 1\n```\n<!-- file: b.toml -->\n```toml\nb = 1\n```\n```toml\nc = 1\n```\n";
        let text = "b = 1\n".to_owned();
        assert_eq!(files(document), [File { line: 5, name: "b.toml".to_owned(), text }]);
    }

    #[test]
    fn what_differs_is_replaced() {
        let text = "  blt0a9cc7075b8decf0 2026-11-21 bltshort BLT0A9CC7075B8DECF0_CI\n\n";
        assert_eq!(normalise(text), "blt0000000000000000 0000-00-00 bltshort blt0000000000000000_CI");
    }
}
