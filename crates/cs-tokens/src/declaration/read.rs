//! Walking a TOML table with an eye on every key.

use std::collections::BTreeSet;
use std::ops::Range;

use cs_model::ViolationId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::declaration::source::Source;
use crate::declaration::{Declaration, Places, Problem, blocks, names};
use crate::suggest::nearest;

/// Reads a file.
pub(crate) fn read(file: &str, text: &str) -> Declaration {
    let mut reader = Reader { source: Source::new(file, text), problems: Vec::new() };
    let mut declaration = Declaration { file: file.to_owned(), ..Declaration::default() };
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        blocks::root(&mut reader, root.get_ref(), &mut declaration);
        names::check(&mut reader, &declaration);
    } else {
        // What the parser made of the rest is a guess, and complaints about guesses help nobody.
        for error in errors {
            let span = error.span().unwrap_or_default();
            reader.push(ViolationId::FileSyntax, &span, error.message().trim_end_matches('.').to_lowercase());
        }
    }
    reader.problems.sort_by(|left, right| left.place.cmp(&right.place));
    declaration.problems = reader.problems;
    declaration
}

/// Collects problems while values are taken out of tables.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) problems: Vec<Problem>,
}

/// A value with its place.
pub(crate) type Value<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// A table that is being read, with the name that messages give it and the place of its header.
#[derive(Debug)]
pub(crate) struct Block<'t, 'i> {
    pub(crate) table: &'t DeTable<'i>,
    pub(crate) what: &'static str,
    pub(crate) span: Range<usize>,
}

impl Reader<'_> {
    pub(crate) fn push(
        &mut self,
        rule: ViolationId,
        span: &Range<usize>,
        message: impl Into<String>,
    ) -> &mut Problem {
        let place = self.source.place(span);
        let index = self.problems.len();
        self.problems.push(Problem::new(rule, place, message));
        &mut self.problems[index]
    }

    /// Complains about keys that nothing reads. Gives back the keys that were probably meant: what they would have said is
    /// missing now, and no complaint of its own.
    pub(crate) fn only(&mut self, block: &Block<'_, '_>, known: &[&'static str]) -> BTreeSet<&'static str> {
        let mut meant = BTreeSet::new();
        for key in block.table.keys() {
            let name = key.get_ref();
            if !known.contains(&name.as_ref()) {
                let message = format!("{} has no key `{name}`", block.what);
                let nearest = nearest(name, known.iter().copied());
                let nearest = known.iter().copied().find(|known| Some(*known) == nearest);
                meant.extend(nearest);
                self.push(ViolationId::FileUnknownKey, &key.span(), message).fix = match nearest {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("remove it; known keys are {}", list(known)),
                };
            }
        }
        meant
    }

    /// A text under a key, with its place.
    pub(crate) fn text(&mut self, block: &Block<'_, '_>, key: &str) -> Option<(String, Range<usize>)> {
        let value = get(block.table, key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span())),
            other => self.wrong(key, "a text", other, &value.span()),
        }
    }

    /// A text that must be there.
    pub(crate) fn needed_text(&mut self, block: &Block<'_, '_>, key: &str) -> Option<(String, Range<usize>)> {
        if get(block.table, key).is_none() {
            let message = format!("{} needs a key `{key}`", block.what);
            self.push(ViolationId::FileMissingKey, &block.span, message).fix =
                format!("add `{key} = \"...\"`");
        }
        self.text(block, key)
    }

    /// `true` or `false`; `false` when it is not there, `None` when it is neither.
    pub(crate) fn flag(&mut self, block: &Block<'_, '_>, key: &str) -> Option<bool> {
        let Some(value) = get(block.table, key) else { return Some(false) };
        match value.get_ref() {
            DeValue::Boolean(on) => Some(*on),
            other => self.wrong(key, "`true` or `false`", other, &value.span()),
        }
    }

    /// A list of texts, each with its place noted under `key/text`.
    pub(crate) fn texts(
        &mut self,
        value: Value<'_, '_>,
        key: &str,
        form: &str,
        places: &mut Places,
    ) -> Vec<String> {
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong::<()>(key, form, value.get_ref(), &value.span());
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => {
                    places.keys.insert(format!("{key}/{text}"), self.source.place(&item.span()));
                    texts.push(text.to_string());
                }
                other => {
                    self.wrong::<()>(key, form, other, &item.span());
                }
            }
        }
        texts
    }

    /// Complains about the type of a value.
    pub(crate) fn wrong<T>(
        &mut self,
        key: &str,
        wanted: &str,
        found: &DeValue<'_>,
        span: &Range<usize>,
    ) -> Option<T> {
        let message = format!("`{key}` must be {wanted}, not {}", type_of(found));
        self.push(ViolationId::FileWrongType, span, message).fix = format!("write {wanted}");
        None
    }
}

/// The value under a key.
pub(crate) fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<Value<'t, 'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

/// The place of a key itself.
pub(crate) fn key_span(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    table.keys().find(|name| name.get_ref() == key).map(Spanned::span)
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
