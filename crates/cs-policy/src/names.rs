//! Branches, aliases and environments as numbers.

use cs_model::Grant;

/// A name that was not granted.
const NOT_GRANTED: u16 = u16::MAX;
/// A name that is granted because all are.
const ONE_OF_ALL: u16 = u16::MAX - 1;

macro_rules! id {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        $($(#[doc = $doc])+
        ///
        /// A number in one [`Prepared`](crate::Prepared) principal and meaningless in any other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            pub(crate) const fn new(number: u16) -> Self {
                Self(number)
            }

            /// Whether the principal was granted it.
            #[must_use]
            #[inline]
            pub const fn is_granted(self) -> bool {
                self.0 != NOT_GRANTED
            }
        })+
    };
}

id! {
    /// A branch.
    BranchId,
    /// A branch alias.
    AliasId,
    /// An environment.
    EnvironmentId,
}

impl BranchId {
    /// Any that was granted.
    pub(crate) const GRANTED: Self = Self(ONE_OF_ALL);
}

/// The names of a grant, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    names: Vec<Box<str>>,
    all: bool,
}

impl Names {
    pub(crate) fn new(grant: &Grant) -> Self {
        match grant {
            Grant::None => Self::default(),
            // A set is sorted already. More names than numbers: the rest counts as not granted.
            Grant::Only(names) => Self {
                names: names.iter().take(usize::from(ONE_OF_ALL)).map(|name| name.as_str().into()).collect(),
                all: false,
            },
            Grant::All => Self { names: Vec::new(), all: true },
        }
    }

    /// The number of a name.
    pub(crate) fn number(&self, name: &str) -> u16 {
        if self.all {
            return ONE_OF_ALL;
        }
        match self.names.binary_search_by(|item| (**item).cmp(name)) {
            Ok(number) => number as u16,
            Err(_) => NOT_GRANTED,
        }
    }
}

/// The grants of several roles together.
pub(crate) fn union(left: Grant, right: &Grant) -> Grant {
    match (left, right) {
        (Grant::All, _) | (_, Grant::All) => Grant::All,
        (Grant::None, other) => other.clone(),
        (left, Grant::None) => left,
        (Grant::Only(mut left), Grant::Only(right)) => {
            left.extend(right.iter().cloned());
            Grant::Only(left)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_names() {
        let names = Names::new(&Grant::only(["main", "development"]));
        assert_eq!(names.number("development"), 0);
        assert_eq!(names.number("main"), 1);
        assert!(!BranchId::new(names.number("release")).is_granted());
        assert!(BranchId::new(Names::new(&Grant::All).number("anything")).is_granted());
    }

    #[test]
    fn roles_add_up() {
        let both = union(Grant::only(["a"]), &Grant::only(["b"]));
        assert_eq!(both, Grant::only(["a", "b"]));
        assert_eq!(union(both, &Grant::All), Grant::All);
        assert_eq!(union(Grant::None, &Grant::only(["b"])), Grant::only(["b"]));
    }
}
