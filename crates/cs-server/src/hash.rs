//! Hashes of values that the API never shows again, and of passwords.
//!
//! Token values are long and random, so one SHA-256 is enough, and a store can be searched by it: what leaks through
//! the time of such a search is about the hash, which nobody can steer. Passwords are short and chosen by people, so they
//! go through Argon2id with a salt (the `argon2` crate: maintained, and the hash names its own parameters, so that
//! a cheaper setting for tests and a dearer one later live side by side).

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use cs_model::Secret;
use sha2::{Digest, Sha256};

use crate::random::{Draw, hex};

/// The SHA-256 of a token's value, as it stands in keys.
pub(crate) fn of_value(value: &str) -> String {
    hex(&Sha256::digest(value.as_bytes()))
}

/// How much work guessing a password costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordCost {
    /// 19 MiB of memory, two rounds: what OWASP advises.
    #[default]
    Strong,
    /// Next to none: for tests, and for passwords that are no secret.
    Light,
}

impl PasswordCost {
    fn hasher(self) -> Argon2<'static> {
        // Zero parameters of the crate's own defaults can be refused; these are within its bounds.
        let params = match self {
            Self::Strong => Params::default(),
            Self::Light => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default(),
        };
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// The salted hash of a password, in PHC form; `None` for one that no hash can be made of (4 GiB and more).
    pub(crate) fn hash(self, password: &Secret, draw: &Draw) -> Option<Secret> {
        let salt = SaltString::encode_b64(&draw.salt()).ok()?;
        let hash = self.hasher().hash_password(password.reveal().as_bytes(), &salt).ok()?;
        Some(Secret::new(hash.to_string()))
    }
}

/// Whether the password is the one behind the hash. Takes the parameters from the hash; compares in constant time.
pub(crate) fn verify(password: &str, hash: &Secret) -> bool {
    PasswordHash::new(hash.reveal())
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let (one, two) = (Draw::new().unwrap(), Draw::new().unwrap());
        for cost in [PasswordCost::Strong, PasswordCost::Light] {
            let hash = cost.hash(&Secret::new("canary"), &one).unwrap();
            assert!(verify("canary", &hash));
            assert!(!verify("Canary", &hash));
            assert!(!hash.reveal().contains("canary"));
            assert_ne!(hash.reveal(), cost.hash(&Secret::new("canary"), &two).unwrap().reveal(), "salted");
        }
        assert!(!verify("canary", &Secret::new("canary")));
    }

    #[test]
    fn the_hash_of_a_value_is_sha_256() {
        assert_eq!(of_value("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
