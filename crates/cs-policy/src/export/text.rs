//! Writing texts into other languages.

/// A string of Cedar: in double quotes, escaped as in Rust.
pub(super) fn cedar_string(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// A string of SQL: in single quotes, which are doubled.
pub(super) fn sql_string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Where a rule comes from, in one line: `seed 001: Management Tokens; OA3`.
pub(super) fn sources(sources: &[cs_model::Source]) -> String {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| match source.place() {
            "" => source.document().to_owned(),
            place => format!("{}: {place}", source.document()),
        })
        .collect();
    sources.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_escaped() {
        assert_eq!(cedar_string(r#"a "b" \"#), r#""a \"b\" \\""#);
        assert_eq!(sql_string("the user's role"), "'the user''s role'");
    }
}
