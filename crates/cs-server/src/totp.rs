//! Codes of authenticator apps: RFC 6238 as these apps do it, six digits by SHA-1 every 30 seconds (the `totp-rs` crate).

use cs_model::Secret;
use jiff::Timestamp;
use totp_rs::{Builder, Totp};

/// Whether the text is a secret of an authenticator: base 32, and not empty.
pub(crate) fn is_secret(secret: &Secret) -> bool {
    generator(secret).is_some()
}

/// The step of a code that is right at this time, or was one step ago, or will be in one; `None` for any other code.
pub(crate) fn step_of(secret: &Secret, code: &str, now: Timestamp) -> Option<u64> {
    generator(secret)?.check(code, seconds(now))
}

/// The code of this time.
pub(crate) fn code(secret: &Secret, now: Timestamp) -> Option<Secret> {
    Some(Secret::new(generator(secret)?.generate(seconds(now)).to_string()))
}

/// Bytes as base 32.
pub(crate) fn to_base32(bytes: &[u8]) -> Secret {
    Secret::new(totp_rs::Secret::from(bytes.to_vec()).to_base32())
}

/// With everything else as the crate has it, which is what RFC 6238 advises. Shorter secrets than it advises are taken: tests
/// like to use the ones of their client's documentation.
fn generator(secret: &Secret) -> Option<Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret.reveal().to_uppercase()).ok()?;
    (!secret.as_bytes().is_empty()).then(|| Builder::new().with_secret(secret).build_noncompliant())
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits: the secret is `12345678901234567890`.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = to_base32(b"12345678901234567890");
        for (time, expected) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let now = Timestamp::from_second(time).unwrap();
            assert_eq!(code(&secret, now).unwrap().reveal(), expected);
            assert_eq!(step_of(&secret, expected, now), Some(time as u64 / 30));
            let later = Timestamp::from_second(time + 30).unwrap();
            assert_eq!(step_of(&secret, expected, later), Some(time as u64 / 30));
            let too_late = Timestamp::from_second(time + 90).unwrap();
            assert_eq!(step_of(&secret, expected, too_late), None);
        }
    }

    #[test]
    fn what_is_no_secret_gives_no_codes() {
        for wrong in ["", "not base 32!", "0189"] {
            assert!(!is_secret(&Secret::new(wrong)), "{wrong}");
            assert!(code(&Secret::new(wrong), Timestamp::UNIX_EPOCH).is_none());
        }
        assert!(is_secret(&Secret::new("jbswy3dpehpk3pxp")), "in lower case, too");
        for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(step_of(&to_base32(b"12345678901234567890"), wrong, Timestamp::UNIX_EPOCH), None);
        }
    }
}
