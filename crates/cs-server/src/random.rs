//! Values that nobody can guess, and the forms that the vendor gives them (seed 002; guide-auth).
//!
//! All randomness of one request comes from one seed, drawn from the system before its transaction begins, or when a request
//! that only reads needs it after all. A transaction that runs twice therefore makes the same values both times.

use std::cell::{Cell, OnceCell};

use cs_model::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::store::StoreError;

/// The randomness of one request.
#[derive(Default)]
pub(crate) struct Draw {
    seed: OnceCell<Zeroizing<[u8; 32]>>,
    /// Whether the system had none to give when it was asked late.
    failed: Cell<bool>,
}

impl Draw {
    /// Draws a seed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] when the system has none to give.
    pub(crate) fn new() -> Result<Self, StoreError> {
        let draw = Self::default();
        draw.seed();
        draw.check().map(|()| draw)
    }

    /// One that draws its seed when it is asked for something, which costs the system's time: for those who hardly ever ask.
    /// They [check](Self::check) before anything is made of what they got.
    pub(crate) fn late() -> Self {
        Self::default()
    }

    /// Whether everything that it gave was random.
    ///
    /// # Errors
    ///
    /// [`StoreError::Random`] when it was not.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.failed.get() { Err(StoreError::Random) } else { Ok(()) }
    }

    /// `blt` and 16 hexadecimal digits: uids, API keys.
    pub(crate) fn uid(&self, label: &str) -> String {
        self.hex("blt", label, 8)
    }

    /// An authtoken, in the same form.
    pub(crate) fn authtoken(&self) -> Secret {
        Secret::new(self.uid("authtoken"))
    }

    /// `cs` and 24 hexadecimal digits: values of tokens.
    pub(crate) fn token(&self, label: &str) -> Secret {
        Secret::new(self.hex("cs", label, 12))
    }

    /// 32 hexadecimal digits: what opens the admin API.
    #[cfg(feature = "server")]
    pub(crate) fn admin_token(&self) -> Secret {
        Secret::new(self.hex("", "admin", 16))
    }

    /// `cs` and 16 hexadecimal digits: `_metadata.uid` of the nth entry of a scope.
    pub(crate) fn metadata_uid(&self, entry: usize) -> String {
        self.hex("cs", &format!("metadata {entry}"), 8)
    }

    /// Six decimal digits: the code of a text message.
    pub(crate) fn digits(&self, label: &str) -> Secret {
        let bytes = self.bytes(label);
        let number = bytes[..8].iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Secret::new(format!("{:06}", number % 1_000_000))
    }

    /// Twenty bytes: the secret of an authenticator.
    pub(crate) fn authenticator(&self) -> Zeroizing<[u8; 20]> {
        let mut secret = Zeroizing::new([0; 20]);
        secret.copy_from_slice(&self.bytes("authenticator")[..20]);
        secret
    }

    /// Sixteen bytes of salt for a password.
    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.bytes("salt")[..16]);
        salt
    }

    fn bytes(&self, label: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.seed().as_slice()).chain_update(label).finalize().into()
    }

    fn seed(&self) -> &[u8; 32] {
        self.seed.get_or_init(|| {
            let mut seed = Zeroizing::new([0; 32]);
            self.failed.set(getrandom::fill(&mut *seed).is_err());
            seed
        })
    }

    /// So many bytes in hexadecimal digits, behind what such a value begins with.
    fn hex(&self, begins: &str, label: &str, bytes: usize) -> String {
        let mut text = String::with_capacity(begins.len() + 2 * bytes);
        text.push_str(begins);
        push_hex(&mut text, &self.bytes(label)[..bytes]);
        text
    }
}

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draw")
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(&mut text, bytes);
    text
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_forms_of_the_vendor() {
        let draw = Draw::new().unwrap();
        assert_eq!(draw.uid("x").len(), 19);
        assert_eq!(draw.token("x").reveal().len(), 26);
        assert_eq!(draw.metadata_uid(0).len(), 18);
        assert!(draw.digits("x").reveal().bytes().all(|b| b.is_ascii_digit()));
        assert_eq!(draw.digits("x").reveal().len(), 6);
        assert!(
            draw.token("x").reveal()[2..].bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        );
    }

    #[test]
    fn one_draw_repeats_itself_and_no_other() {
        let draw = Draw::new().unwrap();
        assert_eq!(draw.uid("x"), draw.uid("x"));
        assert_ne!(draw.uid("x"), draw.uid("y"));
        assert_ne!(draw.uid("x"), Draw::new().unwrap().uid("x"));
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
    }
}
