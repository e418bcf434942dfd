//! Tokens page by page, as an iterator.

use cs_transport::{BlockingTransport, Ready, ready};

use crate::{Error, Listed};

/// The tokens of a stack page by page. See [`crate::TokenPages`].
///
/// As an [`Iterator`] it ends after an error.
#[derive(Debug)]
pub struct TokenPages<'a, B, I>(pub(crate) crate::TokenPages<'a, Ready<B>, I>);

impl<B: BlockingTransport, I: Listed> TokenPages<'_, B, I> {
    /// See [`crate::TokenPages::next_page`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn next_page(&mut self) -> Result<Option<Vec<I>>, Error> {
        ready(self.0.next_page())?
    }
}

/// The twin of [`crate::TokenPages::into_stream`].
impl<B: BlockingTransport, I: Listed> Iterator for TokenPages<'_, B, I> {
    type Item = Result<Vec<I>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_page().transpose()
    }
}
