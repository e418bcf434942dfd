//! The type of every secret: it cannot be printed.

use std::cell::Cell;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What stands in the place of a secret wherever one would be shown.
pub const REDACTED: &str = "[redacted]";

/// The value of a token or a password.
///
/// It has no `Display`, `Debug` shows a redaction, `Serialize` writes one unless the value is
/// wrapped in [`Revealed`], and its memory is overwritten when it is dropped. [`Secret::reveal`] and
/// [`Revealed`] are the only doors; search for `reveal`, in capitals and small letters alike, to find every
/// place that lets a secret out.
///
/// ```
/// let secret = cs_model::Secret::new("cs-not-a-real-token");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted])");
/// assert_eq!(secret.reveal(), "cs-not-a-real-token");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value in.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// Reads what a person or a file gave: surrounding white space is removed.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when nothing is left, or when the rest could not stand in a header.
    pub fn from_input(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(SecretError::NotForHeader);
        }
        Ok(Self::new(text))
    }

    /// The value itself. **Do not** put it into a message, a log or a file that nobody asked for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether both hold the same value; takes the same time wherever they differ.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let (left, right) = (self.0.as_bytes(), other.0.as_bytes());
        let differing =
            left.iter().zip(right).fold(left.len() ^ right.len(), |seen, (a, b)| seen | usize::from(a ^ b));
        differing == 0
    }
}

/// Why a text cannot be a secret. The text itself is never part of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Nothing but white space.
    #[error("the value is empty")]
    Empty,
    /// A control character or a character outside ASCII, which no header can carry.
    #[error("the value holds a control character or a character outside ASCII")]
    NotForHeader,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({REDACTED})")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if revealing() { self.reveal() } else { REDACTED })
    }
}

thread_local! {
    /// Whether a [`Revealed`] is being serialized on this thread right now.
    static REVEALING: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn revealing() -> bool {
    REVEALING.get()
}

/// Serializes what it holds with its secrets in clear: the second, equally greppable door.
///
/// ```
/// # use cs_model::{Revealed, Secret};
/// let secret = Secret::new("cs-not-a-real-token");
/// assert_eq!(serde_json::to_string(&secret).unwrap(), r#""[redacted]""#);
/// assert_eq!(serde_json::to_string(&Revealed(&secret)).unwrap(), r#""cs-not-a-real-token""#);
/// ```
pub struct Revealed<'a, T: ?Sized>(pub &'a T);

impl<T: ?Sized> fmt::Debug for Revealed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revealed({REDACTED})")
    }
}

impl<T: Serialize + ?Sized> Serialize for Revealed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// Puts the flag back also when serializing panics.
        struct Restore(bool);
        impl Drop for Restore {
            fn drop(&mut self) {
                REVEALING.set(self.0);
            }
        }
        let _restore = Restore(REVEALING.replace(true));
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_it() {
        let secret = Secret::new("canary");
        assert!(!format!("{secret:?} {:?}", Revealed(&secret)).contains("canary"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"");
        let _ = serde_json::to_string(&Revealed(&secret)).unwrap();
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"", "the door closes again");
    }

    #[test]
    fn input_is_trimmed_and_checked() {
        assert_eq!(Secret::from_input(" abc\n").unwrap().reveal(), "abc");
        assert_eq!(Secret::from_input(" \n").unwrap_err(), SecretError::Empty);
        assert_eq!(Secret::from_input("a\nb").unwrap_err(), SecretError::NotForHeader);
        assert_eq!(Secret::from_input("ä").unwrap_err(), SecretError::NotForHeader);
    }

    #[test]
    fn comparison_sees_length_and_content() {
        let secret = Secret::new("abc");
        assert!(secret.same_as(&Secret::new("abc")));
        assert!(!secret.same_as(&Secret::new("abd")));
        assert!(!secret.same_as(&Secret::new("abcd")));
        assert!(!secret.same_as(&Secret::new("")));
    }
}
