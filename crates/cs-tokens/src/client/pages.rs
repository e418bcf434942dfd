//! Lists that come in pages.

use std::collections::BTreeSet;

use cs_model::endpoint::Page;

/// How many items to ask for at a time: more than a stack has tokens by any profile, so that one page is usual.
pub(crate) const PAGE: u32 = 100;

/// A list that grows page by page.
///
/// It ends with the first page that is not full, or that brings nothing new: no page of the documents promises that the
/// API honours `skip` for tokens, environments or branches.
#[derive(Debug)]
pub(crate) struct Pages<I> {
    items: Vec<I>,
    seen: BTreeSet<String>,
    asked: u32,
}

impl<I> Pages<I> {
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new(), seen: BTreeSet::new(), asked: 0 }
    }

    /// What to ask for next.
    pub(crate) const fn next(&self) -> Page {
        Page::new(PAGE, self.asked)
    }

    /// Takes a page in; says whether there may be another one.
    pub(crate) fn take(&mut self, page: Vec<I>, name: impl Fn(&I) -> &str) -> bool {
        let full = page.len() >= PAGE as usize;
        let before = self.items.len();
        for item in page {
            if self.seen.insert(name(&item).to_owned()) {
                self.items.push(item);
            }
        }
        self.asked += PAGE;
        full && self.items.len() > before
    }

    pub(crate) fn into_items(self) -> Vec<I> {
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids(range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|number| format!("blt{number}")).collect()
    }

    #[test]
    fn pages_add_up_and_end() {
        let mut pages = Pages::new();
        assert!(pages.take(uids(0..100), String::as_str));
        assert_eq!(pages.next(), Page::new(100, 100));
        assert!(!pages.take(uids(99..120), String::as_str), "a short page is the last");
        assert_eq!(pages.into_items().len(), 120, "what comes twice counts once");
    }

    #[test]
    fn a_server_that_ignores_skip_does_not_keep_us() {
        let mut pages = Pages::new();
        assert!(pages.take(uids(0..150), String::as_str));
        assert!(!pages.take(uids(0..150), String::as_str));
        assert_eq!(pages.into_items().len(), 150);
    }
}
