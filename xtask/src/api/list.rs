//! The list of a crate: one line for each public item, and for each trait that a public type has by `derive`. A trait that the
//! compiler gives by itself, such as `Send`, is listed where a type lacks it or has it under a condition, which is the rarer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use public_api::{Builder, PublicApi};
use serde_json::Value;

/// After a trait's item that whoever implements the trait has to write.
pub(crate) const REQUIRED: &str = " // required";

/// After a struct that can be written down as a literal, and taken apart, in other crates.
pub(crate) const OPEN: &str = " // every field is public";

/// What the compiler gives by itself and people come to rely on. It gives more, which says nothing to them.
const AUTO: [&str; 3] = ["Send", "Sync", "Unpin"];

/// Reads what rustdoc has written of a crate.
pub(super) fn read(json: &Path) -> Result<String> {
    let cannot = || format!("cannot read {}", json.display());
    let build = |derived: bool| -> Result<PublicApi> {
        Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(!derived)
            .omit_auto_derived_impls(!derived)
            .sorted(true)
            .build()
            .with_context(cannot)
    };
    let rustdoc: Value = serde_json::from_str(&fs::read_to_string(json).with_context(cannot)?)?;
    let (written, all) = (build(false)?, build(true)?);
    let written: BTreeSet<u32> = written.items().map(|item| item.id().0).collect();
    ensure!(!written.is_empty(), "{} has no public items", json.display());
    let mut text = String::new();
    for item in all.items() {
        let what = &rustdoc["index"][item.id().0.to_string()];
        let line = item.to_string();
        if written.contains(&item.id().0) {
            text.push_str(&format!("{line}{}\n", note(what)));
        } else if is_told(what, &line) {
            text.push_str(&format!("{line}\n"));
        }
    }
    Ok(text)
}

/// What the line itself does not say.
fn note(item: &Value) -> &'static str {
    let inner = &item["inner"];
    // Only in a trait is there a function without a body, or a type or constant that is nothing yet.
    let required = inner["function"]["has_body"] == Value::Bool(false)
        || inner.get("assoc_type").is_some_and(|it| it["type"].is_null())
        || inner.get("assoc_const").is_some_and(|it| it["value"].is_null());
    let plain = &inner["struct"]["kind"]["plain"];
    let is_exhaustive = !item["attrs"].to_string().contains("non_exhaustive");
    let open = is_exhaustive && plain["has_stripped_fields"] == Value::Bool(false);
    match (required, open) {
        (true, _) => REQUIRED,
        (_, true) => OPEN,
        _ => "",
    }
}

/// Whether an item that nobody has written is told: an `impl`, whose functions everybody knows.
fn is_told(item: &Value, line: &str) -> bool {
    let Some(one) = item["inner"].get("impl") else { return false };
    let of = one["trait"]["path"].as_str().unwrap_or_default();
    let of = of.rsplit("::").next().unwrap_or_default();
    if one["is_synthetic"] == Value::Bool(true) {
        let conditional = one["is_negative"] == Value::Bool(true) || line.contains(" where ");
        return conditional && AUTO.contains(&of);
    }
    // Of `derive(PartialEq)`, which is listed, and never named by anybody.
    of != "StructuralPartialEq"
}

#[cfg(test)]
mod tests {
    use crate::shell::Line;

    use super::*;

    const LIBRARY: &str = "
        #[derive(Clone, PartialEq)] pub enum Colour { Red }
        pub struct Point { pub x: i32 }
        #[non_exhaustive] pub struct Later { pub x: i32 }
        pub struct Shut { pub x: i32, y: i32 }
        pub struct Here(std::rc::Rc<u8>);
        pub struct Of<T>(T);
        pub trait Draw { const SIZE: u8; type Ink; fn draw(&self); fn twice(&self) { self.draw() } }
        impl Draw for Point { const SIZE: u8 = 1; type Ink = u8; fn draw(&self) {} }
        impl Shut { pub fn y(&self) -> i32 { self.y } }";

    #[test]
    fn a_list_says_what_others_may_rely_on() {
        let root = crate::codegen::root();
        if let Some(why) = crate::rust::other(&root).unwrap() {
            // As the lists themselves.
            return println!("not read: {why}");
        }
        let folder = std::env::temp_dir().join(format!("api-list-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.rs"), LIBRARY).unwrap();
        Line::new("rustdoc -Zunstable-options --output-format=json --edition=2024 --crate-type=lib --out-dir=. a.rs")
            .var("RUSTC_BOOTSTRAP", "1")
            .run(&folder)
            .unwrap();
        let list = read(&folder.join("a.json")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let has = |line: &str| list.lines().any(|known| known == line);
        for line in [
            "impl core::clone::Clone for a::Colour",
            "impl core::cmp::PartialEq for a::Colour",
            "pub struct a::Point // every field is public",
            "#[non_exhaustive] pub struct a::Later",
            "pub struct a::Shut",
            "impl !core::marker::Send for a::Here",
            "impl<T> core::marker::Sync for a::Of<T> where T: core::marker::Sync",
            "pub fn a::Draw::draw(&self) // required",
            "pub fn a::Draw::twice(&self)",
            "pub type a::Draw::Ink // required",
            "pub fn a::Point::draw(&self)",
        ] {
            assert!(has(line), "{line}\n{list}");
        }
        assert_eq!(list.matches(REQUIRED).count(), 3, "{list}");
        for absent in ["Structural", "Freeze", "a::Colour::clone", "Send for a::Point"] {
            assert!(!list.contains(absent), "{absent}\n{list}");
        }
    }
}
