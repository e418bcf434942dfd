//! Where the values of tokens go: variables of env files.
//!
//! An env file is what dotenv readers and shells take: lines of `NAME=value`. Above each variable that we write stands
//! a comment that says whose value it is:
//!
//! ```text
//! # cstok: management token `shop-ci` blt0123456789abcdef of stack blt00000000000000aa
//! CONTENTSTACK_MANAGEMENT_TOKEN=cs0123456789abcdef
//! ```
//!
//! So a value of an older token is told from the current one although the API never shows it again, and a value of
//! another stack, or one that somebody else put there, is never overwritten. Other lines of the file stay as they are. Files
//! are replaced as a whole, by renaming, with mode 0600, and by one process at a time.
//!
//! `{stack}` in a path or in the name of a variable stands for the stack: see [`Sink::of_stack`].

mod claim;
mod env_file;
mod error;
mod lock;
mod owner;
mod placeholder;
mod quoting;
mod single;
mod sinks;
pub(crate) mod write;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub(crate) use self::claim::Claim;
pub(crate) use self::env_file::{EnvFile, Held};
pub use self::error::SinkError;
pub(crate) use self::error::Trouble;
pub(crate) use self::owner::Owner;
pub use self::single::Delivery;
pub use self::sinks::Sinks;
pub(crate) use self::sinks::{Fault, State};

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
    /// A variable of an env file. Nothing is checked: see [`Sink::check`].
    pub fn new(env_file: impl Into<String>, variable: impl Into<String>) -> Self {
        Self { env_file: env_file.into(), variable: variable.into() }
    }

    /// The file's path without detours that show in its text. Two texts may still name one file: see [`Sinks`].
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
        let key = |file: &str| Sink::new(file, "A").file_key();
        assert_eq!(key("./.env"), key(".env"));
        assert_eq!(key("a/./b//.env"), "a/b/.env");
        assert_eq!(key("../.env"), "../.env");
    }
}
