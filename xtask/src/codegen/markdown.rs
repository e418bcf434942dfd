//! Writing Markdown: tables and cells.

use super::spec::SourceRef;

/// A table row. Bars and line breaks in cells are escaped.
pub(crate) fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The head of a table with its rule.
pub(crate) fn head(names: &[&str]) -> String {
    format!("{}|{}\n", row(names), " --- |".repeat(names.len()))
}

/// Text in backticks; nothing for nothing.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// Sources, separated by semicolons.
pub(crate) fn sources(list: &[SourceRef]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        assert_eq!(head(&["a", "b"]), "| a | b |\n| --- | --- |\n");
        assert_eq!(row(["x|y", "z"]), "| x\\|y | z |\n");
        assert_eq!(code(""), "");
    }
}
