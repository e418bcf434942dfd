//! Whether a variable is free for a value.

use cs_model::{ApiKey, TokenKind, TokenUid};

use crate::sink::{Held, Owner, Sink};

/// Whose value is to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) stack: &'a ApiKey,
    pub(crate) kind: TokenKind,
    /// The token's name; for a preview token, that of its delivery token.
    pub(crate) name: &'a str,
    /// Its uid, once it has one.
    pub(crate) uid: Option<&'a TokenUid>,
}

impl Claim<'_> {
    /// The comment for a token that was made.
    pub(crate) fn owner(&self, uid: &TokenUid) -> Owner {
        Owner {
            kind: self.kind,
            name: self.name.to_owned(),
            uid: uid.clone(),
            stack: Some(self.stack.clone()),
        }
    }

    /// Whether the value under such a comment is one of the same token, or of one that it takes the place of.
    pub(crate) fn is_successor_of(&self, owner: &Owner) -> bool {
        let here = owner.stack.as_ref() == Some(self.stack);
        let same_uid = Some(&owner.uid) == self.uid && owner.stack.as_ref().is_none_or(|_| here);
        owner.kind == self.kind && (same_uid || here && owner.name == self.name)
    }

    /// Why the variable is not free for the value; `None` when it is. `is_spent` says of the token of another comment of the
    /// same stack whether its value may go: it is deleted, or its value has another place.
    pub(crate) fn refused_by(
        &self,
        sink: &Sink,
        held: &Held,
        is_spent: impl Fn(&Owner) -> bool,
    ) -> Option<String> {
        let Sink { env_file, variable } = sink;
        let Some(owner) = &held.owner else {
            return Some(format!(
                "`{variable}` in `{env_file}` holds a value that no `# cstok:` line claims; this would overwrite it"
            ));
        };
        if self.is_successor_of(owner) {
            return None;
        }
        let whose = match &owner.stack {
            Some(stack) if stack == self.stack && is_spent(owner) => return None,
            Some(stack) if stack == self.stack => owner.describe(),
            Some(stack) => format!("{} of another stack, {stack}", owner.describe()),
            None => format!("{} of a stack that its `# cstok:` line does not name", owner.describe()),
        };
        Some(format!("`{variable}` in `{env_file}` holds the value of {whose}; this would overwrite it"))
    }

    /// What to do about it: also how to keep the value, where it is the token's own.
    pub(crate) fn fix(&self, held: &Held) -> String {
        match (&held.owner, self.uid) {
            (None, Some(uid)) => format!(
                "choose another variable, delete the line or, if the value is the token's own, put this line above it: {}",
                self.owner(uid)
            ),
            _ => "choose another variable, or delete the line".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use cs_model::Secret;

    use super::*;

    fn uid(text: &str) -> TokenUid {
        TokenUid::new(text).unwrap()
    }

    fn refused(comment: &str, spent: bool) -> Option<String> {
        let (stack, own) = (ApiKey::new("bltS").unwrap(), uid("blt1"));
        let claim = Claim { stack: &stack, kind: TokenKind::Management, name: "ci", uid: Some(&own) };
        let held = Held { value: Secret::new("x"), owner: Owner::parse(comment) };
        claim.refused_by(&Sink::new(".env", "TOKEN"), &held, |_| spent)
    }

    #[test]
    fn ours_is_what_the_comment_says() {
        for comment in [
            "# cstok: management token `ci` blt1",
            "# cstok: management token `old name` blt1 of stack bltS",
            "# cstok: management token `ci` blt0 of stack bltS",
        ] {
            assert_eq!(refused(comment, false), None, "{comment}");
        }
        for (comment, why) in [
            ("", "no `# cstok:` line claims"),
            ("# cstok: management token `ci` blt0 of stack bltX", "another stack, bltX"),
            ("# cstok: management token `ci` blt1 of stack bltX", "another stack, bltX"),
            ("# cstok: management token `ci` blt0", "does not name"),
            ("# cstok: delivery token `ci` blt2 of stack bltS", "the delivery token `ci` (blt2); this"),
        ] {
            let text = refused(comment, false).unwrap_or_else(|| panic!("{comment}"));
            assert!(text.contains(why) && text.ends_with("this would overwrite it"), "{text}");
        }
        assert_eq!(refused("# cstok: delivery token `ci` blt2 of stack bltS", true), None);
        assert!(refused("# cstok: delivery token `ci` blt2 of stack bltX", true).is_some());
    }
}
