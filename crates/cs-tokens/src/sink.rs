//! Where the values of tokens go: variables of env files.
//!
//! An env file is what dotenv readers and shells take: lines of `NAME=value`. Above each variable that we write stands
//! a comment that says whose value it is:
//!
//! ```text
//! # cstok: management token `shop-ci` blt0123456789abcdef
//! CONTENTSTACK_MANAGEMENT_TOKEN=cs0123456789abcdef
//! ```
//!
//! So a value of an older token is told from the current one although the API never shows it again. Other lines of the
//! file stay as they are. Files are replaced as a whole, by renaming, with mode 0600.

mod env_file;
mod quoting;
mod single;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use cs_model::{Secret, TokenUid};
use serde::Serialize;

pub(crate) use self::env_file::{EnvFile, Held};
use crate::declaration::Declaration;

/// A variable of an env file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Sink {
    /// The file, relative to the folder that one works in.
    pub env_file: String,
    /// The variable.
    pub variable: String,
}

impl Sink {
    /// The file's path without detours that do not matter, so that one file has one name.
    pub(crate) fn file_key(&self) -> String {
        let path: PathBuf =
            Path::new(&self.env_file).components().filter(|part| part.as_os_str() != ".").collect();
        path.to_string_lossy().into_owned()
    }
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.env_file, self.variable)
    }
}

/// Whose value a variable holds: what the comment above it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// `delivery token`, `preview token` or `management token`.
    pub(crate) kind: &'static str,
    /// The token's name; for a preview token, that of its delivery token.
    pub(crate) name: String,
    /// The token's uid; for a preview token, that of its delivery token.
    pub(crate) uid: TokenUid,
}

/// Why a value could not be written.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` could not be written")]
#[non_exhaustive]
pub struct SinkError {
    /// The file.
    pub file: String,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// The env files that a declaration names, as they are.
///
/// `Debug` shows names of files and never a value.
#[derive(Debug)]
pub struct Sinks {
    root: PathBuf,
    files: BTreeMap<String, State>,
}

/// How an env file is.
#[derive(Debug)]
pub(crate) enum State {
    /// It can be read and written; empty when it is not there yet.
    Usable(EnvFile),
    /// It cannot, and why.
    Unusable(String),
}

impl Sinks {
    /// Reads the env files that a declaration names; their paths are relative to `root`. Nothing fails here: what is
    /// wrong with a file becomes a problem of the plan.
    ///
    /// Whether a folder can be written is found by making a file there and removing it at once.
    #[must_use]
    pub fn read(root: &Path, declaration: &Declaration) -> Self {
        let mut files = BTreeMap::new();
        for sink in declaration.sinks() {
            files.entry(sink.file_key()).or_insert_with(|| {
                match write::inspect(&root.join(sink.file_key())) {
                    Ok(text) => State::Usable(EnvFile::parse(&text)),
                    Err(why) => State::Unusable(why),
                }
            });
        }
        Self { root: root.to_owned(), files }
    }

    /// How a sink's file is; `None` for a file that was not read.
    pub(crate) fn state(&self, sink: &Sink) -> Option<&State> {
        self.files.get(&sink.file_key())
    }

    /// What a sink's variable holds.
    pub(crate) fn held(&self, sink: &Sink) -> Option<&Held> {
        match self.state(sink)? {
            State::Usable(file) => file.held(&sink.variable),
            State::Unusable(_) => None,
        }
    }

    /// Writes a value to one of its sinks.
    pub(crate) fn write(&self, sink: &Sink, value: &Secret, owner: &Owner) -> Result<(), SinkError> {
        sink.write(&self.root, value, owner)
    }
}

/// Whether a text is a name that shells take for a variable.
pub(crate) fn is_variable(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables() {
        for good in ["A", "_a1", "CONTENTSTACK_DELIVERY_TOKEN"] {
            assert!(is_variable(good), "{good}");
        }
        for bad in ["", "1A", "A-B", "A B", "Ä", "A=B"] {
            assert!(!is_variable(bad), "{bad}");
        }
    }

    #[test]
    fn one_file_has_one_key() {
        let sink = |file: &str| Sink { env_file: file.to_owned(), variable: "A".to_owned() };
        assert_eq!(sink("./.env").file_key(), sink(".env").file_key());
        assert_eq!(sink("a/./b//.env").file_key(), "a/b/.env");
        assert_eq!(sink("../.env").file_key(), "../.env");
    }
}
