//! Short lists that stand where they are.

use std::fmt;
use std::ops::Deref;

/// At most `N` items, in place: a table of such lists holds no address, and so nothing that is written when a program starts.
#[derive(Clone, Copy)]
pub struct Few<T, const N: usize> {
    count: u8,
    /// The items, and copies of the first of them or of anything.
    items: [T; N],
}

impl<T: Copy, const N: usize> Few<T, N> {
    /// No items. Something has to stand where they would.
    pub(crate) const fn none(filling: T) -> Self {
        Self { count: 0, items: [filling; N] }
    }

    /// These items, for the generated tables: one and at most `N`, or they do not compile.
    pub(crate) const fn of(list: &[T]) -> Self {
        let mut few = Self { count: list.len() as u8, items: [list[0]; N] };
        let mut index = 0;
        while index < list.len() {
            few.items[index] = list[index];
            index += 1;
        }
        few
    }

    /// The items.
    #[must_use]
    pub const fn as_slice(&self) -> &[T] {
        // `of` puts each item it counts into the array, so that the count is at most `N`.
        self.items.split_at(self.count as usize).0
    }
}

impl<T: Copy, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<'a, T: Copy, const N: usize> IntoIterator for &'a Few<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

impl<T: Copy + fmt::Debug, const N: usize> fmt::Debug for Few<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_as_a_list_is() {
        let few = Few::<u8, 3>::of(&[7, 9]);
        assert_eq!(*few, [7, 9]);
        assert_eq!(format!("{few:?}"), "[7, 9]");
        assert_eq!((&few).into_iter().sum::<u8>(), 16);
        assert!(Few::<u8, 3>::none(1).is_empty());
        assert_eq!(*Few::<u8, 1>::of(&[4]), [4]);
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn more_do_not_fit() {
        let _ = Few::<u8, 1>::of(&[1, 2]);
    }
}
