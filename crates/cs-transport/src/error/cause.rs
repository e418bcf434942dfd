//! The texts of an error chain of a client library, with URLs cut out.

use std::error::Error;
use std::fmt;
use std::io;

/// How deep a chain is copied. Real ones have four or five links; the bound is against a chain that loops.
const DEPTH: usize = 16;

/// One link of the chain: its text, and what caused it.
pub(super) struct Cause {
    text: Box<str>,
    source: Option<Box<Cause>>,
}

impl Cause {
    /// Copies the texts of `error` and of its sources.
    pub(super) fn copy(error: &(dyn Error + 'static)) -> Self {
        Self::copy_to(error, DEPTH)
    }

    fn copy_to(error: &(dyn Error + 'static), depth: usize) -> Self {
        let text = without_urls(&error.to_string()).into();
        let source =
            next(error).filter(|_| depth > 0).map(|source| Box::new(Self::copy_to(source, depth - 1)));
        Self { text, source }
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, ": {source:?}"))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// The next link that says something new.
///
/// A custom `io::Error` prints the error inside it, and its `source` is that of the error inside: no link is
/// lost.
fn next<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().and_then(|inner| inner.source()),
        None => error.source(),
    }
}

/// Replaces every URL in `text` by its scheme and `[url]`.
///
/// A URL ends at white space, a quote, a closing bracket or a comma; what is in front of `://` is kept as far
/// as it can be a scheme.
fn without_urls(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        clean.push_str(before);
        clean.push_str("://[url]");
        let end = after.find(|c: char| c.is_whitespace() || "\"'`)>,".contains(c)).unwrap_or(after.len());
        rest = &after[end..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_cut_out() {
        for (text, clean) in [
            ("no url", "no url"),
            (
                "error for url (https://u:p@host/v3?x=1): timed out",
                "error for url (https://[url]): timed out",
            ),
            ("from http://a/b to `https://c/d`", "from http://[url] to `https://[url]`"),
            ("://", "://[url]"),
            ("end https://a/\u{e9}", "end https://[url]"),
        ] {
            assert_eq!(without_urls(text), clean);
        }
    }

    #[test]
    fn a_chain_keeps_each_text_once() {
        let inner = io::Error::other("at http://host/secret");
        let outer = io::Error::other(inner);
        let cause = Cause::copy(&outer);
        assert_eq!(cause.to_string(), "at http://[url]");
        assert!(cause.source().is_none(), "{cause:?}");
    }
}
