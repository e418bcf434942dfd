//! From byte offsets to lines and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::declaration::Place;

/// A file's text with its name.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &str, text: &'a str) -> Self {
        Self { file: file.into(), text }
    }

    /// The place where a range of bytes begins.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        Place { file: Arc::clone(&self.file), line, column: before[line_start..].chars().count() + 1 }
    }
}

/// Where the parts of a block stand: by key, and by key and name for the items of lists (`environments/production`).
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) block: Place,
    pub(crate) keys: BTreeMap<String, Place>,
    /// Keys whose values were complained about: what is left of them is not worth a second complaint.
    pub(crate) faulty: BTreeSet<&'static str>,
}

impl Places {
    pub(crate) const fn new(block: Place) -> Self {
        Self { block, keys: BTreeMap::new(), faulty: BTreeSet::new() }
    }

    /// The place of a key; of the block where the key is not there.
    pub(crate) fn of(&self, key: &str) -> &Place {
        self.keys.get(key).unwrap_or(&self.block)
    }

    pub(crate) fn item(&self, key: &str, name: &str) -> &Place {
        self.keys.get(&format!("{key}/{name}")).unwrap_or_else(|| self.of(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let source = Source::new("a.toml", "äb\ncd");
        assert_eq!(source.place(&(2..3)).to_string(), "a.toml:1:2");
        assert_eq!(source.place(&(1..3)).to_string(), "a.toml:1:1");
        assert_eq!(source.place(&(5..5)).to_string(), "a.toml:2:2");
        assert_eq!(source.place(&(99..99)).to_string(), "a.toml:2:3");
    }
}
