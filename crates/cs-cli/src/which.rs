//! Finding a token by what a person calls it.

use cs_model::{DeliveryToken, ManagementToken, TokenKind, TokenUid, listed};

use crate::exit::Exit;
use crate::failure::Failure;

/// A token that has a uid and a name.
pub(crate) trait Named {
    const KIND: TokenKind;
    fn uid(&self) -> &TokenUid;
    fn name(&self) -> &str;
}

impl Named for DeliveryToken {
    const KIND: TokenKind = TokenKind::Delivery;
    fn uid(&self) -> &TokenUid {
        &self.uid
    }
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for ManagementToken {
    const KIND: TokenKind = TokenKind::Management;
    fn uid(&self) -> &TokenUid {
        &self.uid
    }
    fn name(&self) -> &str {
        &self.name
    }
}

/// The token with this uid or, when there is none, the only one with this name.
pub(crate) fn find<T: Named>(tokens: Vec<T>, wanted: &str) -> Result<T, Failure> {
    let mut names: Vec<&str> = tokens.iter().map(Named::name).collect();
    names.sort_unstable();
    let names = listed(wanted, names);
    let (by_uid, rest): (Vec<T>, Vec<T>) =
        tokens.into_iter().partition(|token| token.uid().as_str() == wanted);
    if let Some(token) = by_uid.into_iter().next() {
        return Ok(token);
    }
    let mut by_name: Vec<T> = rest.into_iter().filter(|token| token.name() == wanted).collect();
    match (by_name.pop(), by_name.len()) {
        (Some(token), 0) => Ok(token),
        (Some(last), others) => {
            let uids: Vec<&str> =
                by_name.iter().chain(std::iter::once(&last)).map(|token| token.uid().as_str()).collect();
            let message = format!("the stack has {} {}s named `{wanted}`", others + 1, T::KIND);
            Err(Failure::new(Exit::Invalid, "token.ambiguous", message)
                .hint(format!("give the uid of one: {}", uids.join(", "))))
        }
        (None, _) => {
            let message = format!("the stack has no {} with the uid or name `{wanted}`", T::KIND);
            let failure = Failure::new(Exit::Invalid, "token.unknown", message);
            Err(if names.is_empty() { failure } else { failure.hint(format!("one of {names}")) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(uid: &str, name: &str) -> ManagementToken {
        serde_json::from_value(serde_json::json!({ "uid": uid, "name": name })).unwrap()
    }

    #[test]
    fn a_uid_beats_a_name() {
        let tokens =
            || vec![token("blt1", "ci"), token("ci", "other"), token("blt2", "twin"), token("blt3", "twin")];
        assert_eq!(find(tokens(), "ci").unwrap().name, "other");
        assert_eq!(find(tokens(), "blt1").unwrap().name, "ci");
        assert_eq!(find(tokens(), "twin").unwrap_err().code, "token.ambiguous");
        assert_eq!(find(tokens(), "none").unwrap_err().code, "token.unknown");
    }
}
