//! What of content is in the store, for those who check it.

use super::collection::Place;

pub(crate) use super::document::{Document, version_of};
pub(crate) use super::published::PublishedRecord;

/// Where the key of a document leads, `<owner>/<branch>/<collection>/<..>/<uid>`, with the uid; `None` when no collection has
/// such keys.
pub(crate) fn place(key: &str) -> Option<(Place<'_>, &str)> {
    Place::of_key(key)
}
