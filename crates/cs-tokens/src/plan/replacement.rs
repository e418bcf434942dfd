//! The name that a token has while it replaces another one.
//!
//! Two tokens of a kind cannot share a name, so the new one is made under a name of its own and renamed when the old
//! one is gone. When that is interrupted, the name tells what the token was to become.

use cs_model::profile::Limit;

const MARK: &str = " (replacement ";
const NONCE: usize = 8;

/// A name for the replacement of `name`, within the limit on the length of names.
pub(crate) fn temporary_name(name: &str, limit: &Limit, nonce: u32) -> String {
    let suffix = format!("{MARK}{nonce:08x})");
    let most = limit.value.map_or(usize::MAX, |most| most as usize).saturating_sub(suffix.chars().count());
    let start: String = name.chars().take(most).collect();
    format!("{start}{suffix}")
}

/// Whether `candidate` is a name for the replacement of `name`.
pub(crate) fn is_for(candidate: &str, name: &str) -> bool {
    start(candidate).is_some_and(|start| name.starts_with(start))
}

/// Whether it is a name for the replacement of any token.
pub(crate) fn is_temporary(candidate: &str) -> bool {
    start(candidate).is_some()
}

fn start(candidate: &str) -> Option<&str> {
    let (start, nonce) = candidate.strip_suffix(')')?.rsplit_once(MARK)?;
    let is_nonce = nonce.len() == NONCE && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_nonce.then_some(start)
}

#[cfg(test)]
mod tests {
    use cs_model::{LimitId, Profile};

    use super::*;

    #[test]
    fn names_fit_and_are_recognised() {
        let profile = Profile::seeds();
        let limit = profile.limit(LimitId::TokenNameLength);
        for name in ["shop-ci", &"ü".repeat(300), ""] {
            let temporary = temporary_name(name, limit, 7);
            assert!(!limit.is_exceeded_by(temporary.chars().count()), "{temporary}");
            assert!(is_for(&temporary, name));
        }
        assert!(!is_for("shop-ci (replacement 00000007)", "shop"));
        assert!(!is_temporary("shop-ci (replacement for tests)"));
        assert!(!is_temporary("shop-ci"));
    }
}
