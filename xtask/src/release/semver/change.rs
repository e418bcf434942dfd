//! What the difference of two lists of public items does to those who depend on the crate.
//!
//! Most of what is new breaks nobody. What does: a variant of an enum that others match in full, a field of a struct that they
//! write down, a thing that an implementor of a trait has to add, a trait such as `Send` that a type has no longer, and a feature
//! that is on by default.

use std::collections::BTreeMap;

use crate::api::Difference;
use crate::api::features;
use crate::api::list::{OPEN, REQUIRED};

/// How much two lists of public items differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    None,
    Additions,
    Breaking,
}

/// A line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item<'a> {
    /// Without attributes and notes.
    body: &'a str,
    /// Not `#[non_exhaustive]`.
    exhaustive: bool,
    required: bool,
    open: bool,
}

/// What stands before the name of an item. A variant and a field have nothing.
const WORDS: [&str; 16] = [
    "pub", "async", "const", "enum", "extern", "fn", "macro", "mod", "mut", "static", "struct", "trait",
    "type", "union", "unsafe", "use",
];

impl<'a> Item<'a> {
    fn of(line: &'a str) -> Self {
        let (line, required) = line.strip_suffix(REQUIRED).map_or((line, false), |line| (line, true));
        let (mut body, open) = line.strip_suffix(OPEN).map_or((line, false), |line| (line, true));
        let mut exhaustive = true;
        while let Some((attribute, rest)) = body.strip_prefix("#[").and_then(|rest| rest.split_once("] ")) {
            exhaustive &= attribute != "non_exhaustive";
            body = rest;
        }
        Self { body, exhaustive, required, open }
    }

    /// Its kind, which is `pub` for a variant and a field, and its path without the generics.
    fn named(&self) -> (&'a str, String) {
        let mut kind = "";
        let mut rest = self.body;
        while let Some((word, after)) = rest.split_once(' ') {
            if !WORDS.contains(&word) {
                break;
            }
            (kind, rest) = (word, after);
        }
        (kind, path(rest))
    }

    /// The trait that a type lacks or has under a condition, and the type.
    fn lacks(&self) -> Option<(&'a str, String)> {
        let rest = self.body.strip_prefix("impl")?;
        let auto = ["Send", "Sync", "Unpin"];
        let of = auto.into_iter().find(|name| rest.contains(&format!("core::marker::{name} for ")))?;
        let (_, of_type) = rest.split_once(" for ")?;
        (rest.contains('!') || rest.contains(" where ")).then(|| (of, path(of_type)))
    }

    /// Whether nobody who relied on the other is let down by this.
    fn keeps(&self, other: &Self) -> bool {
        self.body == other.body
            && self.exhaustive >= other.exhaustive
            && self.required <= other.required
            && self.open >= other.open
    }
}

/// The path at the start of a text, without what is in angle brackets.
fn path(text: &str) -> String {
    let mut depth = 0_usize;
    let mut path = String::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            ':' if text[at..].starts_with(": ") && !path.ends_with(':') => break,
            ' ' | '(' | ',' => break,
            other => path.push(other),
        }
    }
    path
}

/// Compares two lists.
pub(super) fn change_of(before: &str, after: &str) -> Change {
    let difference = Difference::between(before, after);
    if difference == Difference::default() {
        return Change::None;
    }
    let known: BTreeMap<String, (&str, Item<'_>)> = before
        .lines()
        .map(Item::of)
        .map(|item| (item.named(), item))
        .filter(|((kind, _), _)| ["enum", "struct", "trait", "union", "pub"].contains(kind))
        .map(|((kind, path), item)| (path, (kind, item)))
        .collect();
    let lacked: Vec<_> = before.lines().filter_map(|line| Item::of(line).lacks()).collect();
    let new: Vec<_> = difference.new.iter().map(|line| Item::of(line)).collect();
    let mut gone = difference.gone.iter().map(|line| Item::of(line));
    let lost = gone.any(|item| item.lacks().is_none() && !new.iter().any(|other| other.keeps(&item)));
    if lost || new.iter().any(|item| breaks(item, &known, &lacked)) {
        Change::Breaking
    } else {
        Change::Additions
    }
}

/// Whether an item that is new breaks what was there.
fn breaks(item: &Item<'_>, known: &BTreeMap<String, (&str, Item<'_>)>, lacked: &[(&str, String)]) -> bool {
    if features::is_default(item.body) {
        return true;
    }
    if let Some((of, of_type)) = item.lacks() {
        // That it has it under a condition is more than that it lacks it, and another condition may be less.
        let same = lacked.iter().any(|(trait_, type_)| *trait_ == of && *type_ == of_type);
        return known.contains_key(&of_type) && (!same || !item.body.contains('!'));
    }
    let (kind, path) = item.named();
    let owner = path.rsplit_once("::").and_then(|(owner, _)| known.get(owner));
    let Some((owner_is, owner)) = owner else { return false };
    match *owner_is {
        // Nobody else can implement what asks for a trait that has no name outside.
        "trait" => item.required && !owner.body.contains("::sealed::"),
        "enum" => kind == "pub" && owner.exhaustive,
        "struct" => kind == "pub" && owner.open,
        // The field of a variant.
        "pub" => kind == "pub" && owner.exhaustive,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
        feature default turns on tls\n\
        feature server\n\
        feature tls\n\
        feature tls turns on server\n\
        pub enum a::Colour\n\
        pub a::Colour::Red\n\
        pub a::Colour::Mixed\n\
        pub a::Colour::Mixed::parts: u8\n\
        impl core::clone::Clone for a::Colour\n\
        #[non_exhaustive] pub enum a::Fault\n\
        pub a::Fault::Lost\n\
        pub struct a::Point<T> // every field is public\n\
        pub a::Point::x: core::option::Option<T>\n\
        pub struct a::Shut\n\
        impl !core::marker::Send for a::Shut\n\
        pub trait a::Draw: core::marker::Send\n\
        pub fn a::Draw::draw(&self) // required\n\
        pub fn a::Draw::twice(&self)\n\
        pub trait a::Closed: a::sealed::Sealed\n";

    fn with(lines: &str) -> Change {
        change_of(BEFORE, &format!("{BEFORE}{lines}\n"))
    }

    fn instead(from: &str, to: &str) -> Change {
        assert!(BEFORE.contains(from), "{from}");
        change_of(BEFORE, &BEFORE.replace(from, to))
    }

    #[test]
    fn what_is_gone_breaks() {
        assert_eq!(change_of("a\nb\n", "a\n"), Change::Breaking);
        assert_eq!(change_of("a\n", "a\nb\n"), Change::Additions);
        assert_eq!(change_of("a\n", "b\n"), Change::Breaking);
        assert_eq!(change_of("a\n", "a\n"), Change::None);
        assert_eq!(instead("impl core::clone::Clone for a::Colour\n", ""), Change::Breaking);
    }

    #[test]
    fn a_feature_that_is_gone_or_on_by_default_breaks() {
        assert_eq!(instead("feature server\n", ""), Change::Breaking);
        assert_eq!(instead("feature tls turns on server\n", ""), Change::Breaking);
        assert_eq!(instead("feature default turns on tls\n", ""), Change::Breaking);
        assert_eq!(with("feature default turns on server"), Change::Breaking);
        assert_eq!(with("feature postgres\nfeature postgres turns on server"), Change::Additions);
    }

    #[test]
    fn a_new_variant_breaks_who_matches_all_of_them() {
        assert_eq!(with("pub a::Colour::Blue"), Change::Breaking);
        assert_eq!(with("pub a::Colour::Blue(u8)"), Change::Breaking);
        assert_eq!(with("pub a::Colour::Mixed::more: u8"), Change::Breaking);
        assert_eq!(with("pub a::Fault::Late"), Change::Additions);
        assert_eq!(with("pub fn a::Colour::is_red(&self) -> bool"), Change::Additions);
        assert_eq!(with("pub const a::Colour::ALL: [a::Colour; 2]"), Change::Additions);
        assert_eq!(with("pub enum a::New\npub a::New::One"), Change::Additions);
        assert_eq!(instead("#[non_exhaustive] pub enum", "pub enum"), Change::Additions);
        assert_eq!(instead("pub enum a::Colour", "#[non_exhaustive] pub enum a::Colour"), Change::Breaking);
    }

    #[test]
    fn a_new_field_breaks_who_writes_a_struct_down() {
        assert_eq!(with("pub a::Point::y: u8"), Change::Breaking);
        assert_eq!(instead(" // every field is public", ""), Change::Breaking);
        assert_eq!(with("pub a::Shut::y: u8"), Change::Additions);
        assert_eq!(
            instead("pub struct a::Shut", "pub struct a::Shut // every field is public"),
            Change::Additions
        );
    }

    #[test]
    fn what_a_trait_newly_asks_for_breaks_who_implements_it() {
        assert_eq!(with("pub fn a::Draw::rub(&self) // required"), Change::Breaking);
        assert_eq!(with("pub type a::Draw::Ink: core::marker::Send // required"), Change::Breaking);
        assert_eq!(with("pub fn a::Draw::rub(&self)"), Change::Additions);
        assert_eq!(with("pub fn a::Closed::rub(&self) // required"), Change::Additions);
        assert_eq!(with("pub trait a::New\npub fn a::New::f(&self) // required"), Change::Additions);
        assert_eq!(instead("twice(&self)", "twice(&self) // required"), Change::Breaking);
        assert_eq!(instead("draw(&self) // required", "draw(&self)"), Change::Additions);
    }

    #[test]
    fn a_type_that_is_send_no_longer_breaks() {
        assert_eq!(with("impl !core::marker::Send for a::Colour"), Change::Breaking);
        assert_eq!(
            with("impl<T> core::marker::Sync for a::Point<T> where T: core::marker::Sync"),
            Change::Breaking
        );
        assert_eq!(with("impl !core::marker::Sync for a::Shut"), Change::Breaking);
        assert_eq!(with("pub struct a::New\nimpl !core::marker::Sync for a::New"), Change::Additions);
        assert_eq!(instead("impl !core::marker::Send for a::Shut\n", ""), Change::Additions);
        assert_eq!(with("impl core::marker::Copy for a::Colour"), Change::Additions);
    }

    #[test]
    fn paths_end_where_their_item_does() {
        assert_eq!(path("a::Point<'a, T>::x: b::C"), "a::Point::x");
        assert_eq!(path("a::f<T: b::C>(&self)"), "a::f");
        assert_eq!(path("a::Draw: b::C"), "a::Draw");
    }
}
