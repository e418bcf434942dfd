//! The comment above a variable, which says whose value it holds.

use std::fmt;

use cs_model::{ApiKey, TokenKind, TokenUid, is_disruptive};

/// What our comments begin with.
const MARK: &str = "# cstok: ";

/// What stands before the stack.
const OF_STACK: &str = " of stack ";

/// Whose value a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Delivery, preview or management.
    pub(crate) kind: TokenKind,
    /// The token's name; for a preview token, that of its delivery token.
    pub(crate) name: String,
    /// The token's uid; for a preview token, that of its delivery token.
    pub(crate) uid: TokenUid,
    /// Its stack. Who writes the comment by hand may leave it out.
    pub(crate) stack: Option<ApiKey>,
}

impl Owner {
    /// Reads a line; `None` when it is not such a comment.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let rest = line.trim_end().strip_prefix(MARK)?;
        let kinds = [TokenKind::Delivery, TokenKind::Preview, TokenKind::Management];
        let (kind, rest) =
            kinds.into_iter().find_map(|kind| Some((kind, rest.strip_prefix(&kind.to_string())?)))?;
        // From the right, because a name may hold anything.
        let stack = rest.rsplit_once(OF_STACK).and_then(|(rest, key)| Some((rest, ApiKey::new(key).ok()?)));
        let (rest, stack) = match stack {
            Some((rest, key)) => (rest, Some(key)),
            None => (rest, None),
        };
        let (name, uid) = rest.rsplit_once(' ')?;
        let name = name.trim().strip_prefix('`')?.strip_suffix('`')?;
        Some(Self { kind, name: name.to_owned(), uid: TokenUid::new(uid).ok()?, stack })
    }

    /// In words: "the management token `shop-ci` (blt0123456789abcdef)".
    pub(crate) fn describe(&self) -> String {
        format!("the {} `{}` ({})", self.kind, self.name, self.uid)
    }
}

impl fmt::Display for Owner {
    /// The comment's line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line break in a name would begin a line of its own.
        let name = self.name.replace(is_disruptive, " ");
        write!(f, "{MARK}{} `{name}` {}", self.kind, self.uid)?;
        match &self.stack {
            Some(stack) => write!(f, "{OF_STACK}{stack}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_come_back() {
        for name in ["shop-ci", "a b", "", "a` blt1 of stack blt2", "x of stack y"] {
            for stack in [None, Some(ApiKey::new("blt9").unwrap())] {
                let uid = TokenUid::new("blt1").unwrap();
                let owner = Owner { kind: TokenKind::Preview, name: name.to_owned(), uid, stack };
                assert_eq!(Owner::parse(&owner.to_string()), Some(owner.clone()), "{owner}");
            }
        }
        let line = "# cstok: management token `shop-ci` blt1 of stack blt9\r";
        assert_eq!(Owner::parse(line).unwrap().to_string(), line.trim_end());
        for other in
            ["", "# mine", "# cstok: x", "# cstok: delivery token shop blt1", "# cstok: authtoken `a` b"]
        {
            assert_eq!(Owner::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_comment() {
        let uid = TokenUid::new("blt1").unwrap();
        let owner = Owner { kind: TokenKind::Management, name: "a\nPATH=x".to_owned(), uid, stack: None };
        assert_eq!(owner.to_string(), "# cstok: management token `a PATH=x` blt1");
    }
}
