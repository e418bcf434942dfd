//! Where facts come from.

use std::fmt;

use super::SourceDocument;
use crate::generated::SOURCES;
use crate::generated::places::{ENDS, TEXT};

/// Where a fact comes from: a document and, when it has one, the heading or place in it.
///
/// It is two numbers. The tables name some thousand sources, and an address of a text would have to be written for each of
/// them whenever a program starts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    document: u8,
    place: u16,
}

impl Source {
    /// The source with these texts, for the generated tables: worked out when they are compiled.
    ///
    /// # Panics
    ///
    /// When no fact has such a source.
    #[doc(hidden)]
    #[must_use]
    pub const fn generated(document: &str, place: &str) -> Self {
        let mut row = 0;
        while row < SOURCES.len() && !is_same(SOURCES[row].id, document) {
            row += 1;
        }
        let mut number = 0;
        while number < ENDS.len() && !is_same(place_of(number), place) {
            number += 1;
        }
        assert!(row < SOURCES.len() && number < ENDS.len(), "a source that no fact has");
        Self { document: row as u8, place: number as u16 }
    }

    /// The document: `seed 001` to `seed 004` for the five pages this project starts from (see
    /// `docs/reference/sources.md`), else the public page or the file of a vendor's client.
    #[must_use]
    pub const fn document(self) -> &'static str {
        self.row().id
    }

    /// The heading, table or line in it; empty when the whole document says so.
    #[must_use]
    pub const fn place(self) -> &'static str {
        place_of(self.place as usize)
    }

    /// The row of its document.
    #[must_use]
    pub const fn row(self) -> &'static SourceDocument {
        // There is one: `generated`, the only way to make a source, does not compile without.
        &SOURCES[self.document as usize]
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("document", &self.document()).field("place", &self.place()).finish()
    }
}

/// The place with this number. They stand in one text, one after the other.
const fn place_of(number: usize) -> &'static str {
    // The numbers come from `generated`, which looks among `ENDS`, and these are ends within the text: a table with others
    // would not compile, because every source is worked out with them.
    let start = if number == 0 { 0 } else { ENDS[number - 1] as usize };
    TEXT.split_at(ENDS[number] as usize).0.split_at(start).1
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

const _: () = assert!(SOURCES.len() <= 256 && ENDS.len() <= 65_536, "the numbers fit");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::{ERRORS, ROUTES};

    #[test]
    fn a_source_is_what_the_table_says() {
        let source = Source::generated("seed 001", "Delivery Tokens");
        assert_eq!((source.document(), source.place()), ("seed 001", "Delivery Tokens"));
        assert_eq!(source.row().id, "seed 001");
        assert_eq!(format!("{source:?}"), r#"Source { document: "seed 001", place: "Delivery Tokens" }"#);
        assert!(ROUTES.iter().all(|route| !route.sources.is_empty()));
        let places = ERRORS.iter().flat_map(|row| row.sources).filter(|source| !source.place().is_empty());
        assert!(places.count() > 50);
    }

    #[test]
    fn every_place_stands_once_and_in_order() {
        let places: Vec<&str> = (0..ENDS.len()).map(place_of).collect();
        assert!(places.is_sorted_by(|one, next| one < next));
        assert_eq!(places.concat(), TEXT);
    }
}
