//! Hashes of values that the API never shows again, and of passwords.
//!
//! Token values are long and random, so one SHA-256 is enough, and a store can be searched by it: what leaks through
//! the time of such a search is about the hash, which nobody can steer. Passwords are short and chosen by people, so they
//! go through Argon2id with a salt (the `argon2` crate: maintained, and the hash names its own parameters, so that
//! a cheaper setting for tests and a dearer one later live side by side).

mod gate;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use cs_model::Secret;
use sha2::{Digest, Sha256};

use crate::random::{Draw, hex};

pub(crate) use gate::Gate;

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
    fn params(self) -> Params {
        match self {
            Self::Strong => Params::default(),
            // Within the bounds of the crate, so it is never refused.
            Self::Light => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default(),
        }
    }

    /// The salted hash of a password, in PHC form; `None` for one that no hash can be made of (4 GiB and more).
    pub(crate) fn hash(self, gate: &Gate, password: &Secret, draw: &Draw) -> Option<Secret> {
        let params = self.params();
        let raw_salt = draw.salt();
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        argon2id(gate, &params, password.reveal(), &raw_salt, &mut output)?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(Salt::new(&raw_salt).ok()?),
            hash: Some(Output::new(&output).ok()?),
        };
        Some(Secret::new(hash.to_string()))
    }
}

/// Whether the password is the one behind the hash. Takes the parameters from the hash; compares in constant time.
pub(crate) fn verify(gate: &Gate, password: &str, hash: &Secret) -> bool {
    verified(gate, password, hash).unwrap_or(false)
}

fn verified(gate: &Gate, password: &str, hash: &Secret) -> Option<bool> {
    let hash = PasswordHash::new(hash.reveal()).ok()?;
    let (salt, expected) = (hash.salt?, hash.hash?);
    if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(Version::V0x13.into()) {
        return None;
    }
    let params = Params::try_from(&hash).ok()?;
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..expected.len())?;
    argon2id(gate, &params, password, &salt, output)?;
    // Outputs compare in constant time.
    Some(Output::new(output).ok()? == expected)
}

/// The one place where the memory of a hash is taken and given back.
fn argon2id(gate: &Gate, params: &Params, password: &str, salt: &[u8], output: &mut [u8]) -> Option<()> {
    let _place = gate.enter();
    let mut memory = blocks(params.block_count());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory)
        .ok()
}

/// From this size on, an allocation has pages of its own that go back to the system when it is freed: glibc keeps smaller
/// ones for the thread, after the first, and every thread that ever hashed would stay 19 MiB larger.
const OWN_PAGES: usize = 32 << 20;

/// Memory for a hash. What is reserved beyond the blocks is never touched, so it is address space and no memory.
fn blocks(count: usize) -> Vec<Block> {
    let is_large = count * Block::SIZE > OWN_PAGES / 8;
    let reserved = if is_large { count.max(OWN_PAGES / Block::SIZE + 1) } else { count };
    let mut blocks = Vec::with_capacity(reserved);
    blocks.resize(count, Block::default());
    blocks
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let (one, two) = (Draw::new().unwrap(), Draw::new().unwrap());
        let gate = Gate::default();
        for cost in [PasswordCost::Strong, PasswordCost::Light] {
            let hash = cost.hash(&gate, &Secret::new("canary"), &one).unwrap();
            assert!(verify(&gate, "canary", &hash));
            assert!(!verify(&gate, "Canary", &hash));
            assert!(!hash.reveal().contains("canary"));
            let other = cost.hash(&gate, &Secret::new("canary"), &two).unwrap();
            assert_ne!(hash.reveal(), other.reveal(), "salted");
        }
        assert!(!verify(&gate, "canary", &Secret::new("canary")));
    }

    /// Stores of earlier versions hold what the crate's own hasher made, and it must read ours.
    #[test]
    fn hashes_are_those_of_the_crate() {
        let gate = Gate::default();
        let draw = Draw::new().unwrap();
        let theirs = Argon2::default().hash_password_with_salt(b"canary", &draw.salt()).unwrap().to_string();
        let ours = PasswordCost::Strong.hash(&gate, &Secret::new("canary"), &draw).unwrap();
        assert_eq!(ours.reveal(), theirs);
        let light = PasswordCost::Light.hash(&gate, &Secret::new("canary"), &draw).unwrap();
        let parsed = PasswordHash::new(light.reveal()).unwrap();
        Argon2::default().verify_password(b"canary", &parsed).unwrap();
    }

    #[test]
    fn the_hash_of_a_value_is_sha_256() {
        assert_eq!(of_value("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
