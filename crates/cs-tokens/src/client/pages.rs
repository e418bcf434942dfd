//! Lists that come in pages.

use std::collections::BTreeSet;
use std::fmt;

use cs_model::endpoint::{ListDeliveryTokens, ListManagementTokens, Page};
use cs_model::{DeliveryToken, ManagementToken};
use cs_transport::{Transport, async_trait};
use futures_util::stream::{Stream, try_unfold};

use crate::Error;
use crate::client::StackClient;

/// How many items to ask for at a time: more than a stack has tokens by any profile, so that one page is usual.
pub(crate) const PAGE: u32 = 100;

/// A list that grows page by page.
///
/// It ends with the first page that is not full, or that brings nothing new: no page of the documents promises that the
/// API honours `skip` for tokens, environments or the stacks of a user.
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

    /// Takes what has been collected, and goes on collecting.
    fn drain(&mut self) -> Vec<I> {
        std::mem::take(&mut self.items)
    }

    pub(crate) fn into_items(self) -> Vec<I> {
        self.items
    }
}

/// Tokens that the API lists in pages: [`DeliveryToken`] and [`ManagementToken`].
#[async_trait]
pub trait Listed: sealed::Sealed + Send + Sized {
    #[doc(hidden)]
    async fn page<T: Transport>(stack: &StackClient<'_, T>, page: Page) -> Result<Vec<Self>, Error>;
    #[doc(hidden)]
    fn uid(&self) -> &str;
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements the trait")]
    pub trait Sealed {}
    impl Sealed for cs_model::DeliveryToken {}
    impl Sealed for cs_model::ManagementToken {}
}

macro_rules! listed {
    ($token:ident, $endpoint:ident) => {
        #[async_trait]
        impl Listed for $token {
            async fn page<T: Transport>(stack: &StackClient<'_, T>, page: Page) -> Result<Vec<Self>, Error> {
                Ok(stack.send(&$endpoint::new(page)).await?.tokens)
            }

            fn uid(&self) -> &str {
                self.uid.as_str()
            }
        }
    };
}

listed!(DeliveryToken, ListDeliveryTokens);
listed!(ManagementToken, ListManagementTokens);

/// The tokens of a stack page by page; made by [`DeliveryTokens::pages`](crate::DeliveryTokens::pages) and
/// [`ManagementTokens::pages`](crate::ManagementTokens::pages).
pub struct TokenPages<'a, T, I> {
    stack: StackClient<'a, T>,
    pages: Pages<I>,
    is_over: bool,
}

impl<'a, T: Transport, I: Listed> TokenPages<'a, T, I> {
    pub(crate) const fn new(stack: StackClient<'a, T>) -> Self {
        Self { stack, pages: Pages::new(), is_over: false }
    }

    /// The next page; `None` after the last one, and after an error.
    ///
    /// What an earlier page had is left out, so that a list that changes meanwhile shows nothing twice.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn next_page(&mut self) -> Result<Option<Vec<I>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        // Also when the request fails, or nobody waits for it to the end.
        self.is_over = true;
        let page = I::page(&self.stack, self.pages.next()).await?;
        self.is_over = !self.pages.take(page, I::uid);
        let page = self.pages.drain();
        Ok((!page.is_empty()).then_some(page))
    }

    /// The same as a stream, which ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<I>, Error>> + Send + use<'a, T, I> {
        try_unfold(self, |mut pages| async move { Ok(pages.next_page().await?.map(|page| (page, pages))) })
    }

    /// All that is left.
    pub(crate) async fn collect(mut self) -> Result<Vec<I>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

impl<T, I> fmt::Debug for TokenPages<'_, T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPages").field("api_key", &self.stack.api_key).finish_non_exhaustive()
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
