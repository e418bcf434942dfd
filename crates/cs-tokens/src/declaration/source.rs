//! From byte offsets to lines and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::declaration::Place;

/// How many bytes lie between two marks: few enough to count through for every place.
const STRIDE: usize = 256;

/// A file's text with its name, and marks in it, so that finding a place takes no longer in a long text.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
    /// Line and column at every [`STRIDE`]th byte, or at the first character after it.
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: usize,
    line: usize,
    column: usize,
}

impl Mark {
    const START: Self = Self { offset: 0, line: 1, column: 1 };

    /// Goes on over characters.
    fn after(mut self, text: &str) -> Self {
        self.offset += text.len();
        for c in text.chars() {
            if c == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self
    }
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &str, text: &'a str) -> Self {
        let mut marks = vec![Mark::START];
        let mut last = Mark::START;
        while last.offset + STRIDE < text.len() {
            let next = (last.offset + STRIDE..).find(|offset| text.is_char_boundary(*offset));
            last = last.after(&text[last.offset..next.unwrap_or(text.len())]);
            marks.push(last);
        }
        Self { file: file.into(), text, marks }
    }

    /// The place where a range of bytes begins.
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let index = self.marks.partition_point(|mark| mark.offset <= start).saturating_sub(1);
        let mark = self.marks.get(index).copied().unwrap_or(Mark::START);
        let mark = mark.after(&self.text[mark.offset..start]);
        Place { file: Arc::clone(&self.file), line: mark.line, column: mark.column }
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

    #[test]
    fn a_long_text_has_the_same_places() {
        let text = "ä = 1\n\n# comment\n".repeat(200);
        let source = Source::new("a.toml", &text);
        for (offset, _) in text.char_indices() {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let place = source.place(&(offset..offset));
            assert_eq!((place.line, place.column), (line, column), "{offset}");
        }
    }
}
