//! Content: documents of all modules, what of them is published, and the APIs that read it.

mod cursor;
mod document;

pub(crate) use cursor::environment_of as environment_of_cursor;
pub(crate) use document::all_of;
