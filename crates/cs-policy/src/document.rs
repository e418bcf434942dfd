//! Reading the files of this crate's users: every problem at once, each with its line.

use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, de};

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The line, from 1; 0 where a format has no lines to tell.
    pub line: usize,
    /// What is wrong: one clause in lower case, names in backticks.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.message)
    }
}

/// Why a file was not read: all problems, by line. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// All of them, by line.
    #[must_use]
    pub fn items(&self) -> &[Problem] {
        &self.0
    }

    /// `Err` with the problems, or `Ok` with the value when there is none.
    pub(crate) fn or<T>(mut problems: Vec<Problem>, value: T) -> Result<T, Self> {
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(value) } else { Err(Self(problems)) }
    }
}

/// A value with its place.
pub(crate) type Value<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// Collects problems while values are taken out of a text.
pub(crate) struct Reader<'t> {
    text: &'t str,
    pub(crate) problems: Vec<Problem>,
}

/// A table that is being read, with the name that messages give it.
#[derive(Clone)]
pub(crate) struct Block<'t, 'i> {
    pub(crate) table: &'t DeTable<'i>,
    pub(crate) what: String,
    pub(crate) span: Range<usize>,
}

impl<'t> Reader<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, problems: Vec::new() }
    }

    /// The root of a TOML text, unless it is no TOML; then its syntax errors are the problems.
    pub(crate) fn root(&mut self) -> Option<Spanned<DeTable<'t>>> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.syntax(error);
        }
        // What the parser made of the rest is a guess, and complaints about guesses help nobody.
        errors.is_empty().then_some(root)
    }

    fn syntax(&mut self, error: &de::Error) {
        self.push(&error.span().unwrap_or_default(), error.message().trim_end_matches('.').to_lowercase());
    }

    pub(crate) fn push(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.problems.push(Problem { line: self.line(span), message: message.into() });
    }

    /// The line on which a range of bytes begins.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        let start = span.start.min(self.text.len());
        self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Complains about keys that nothing reads.
    pub(crate) fn only(&mut self, block: &Block<'_, '_>, known: &[&str]) {
        for key in block.table.keys() {
            let name = key.get_ref();
            if !known.contains(&name.as_ref()) {
                let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                let message =
                    format!("{} has no key `{name}`; known keys are {}", block.what, known.join(", "));
                self.push(&key.span(), message);
            }
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, block: &Block<'_, '_>, key: &str) -> Option<(String, Range<usize>)> {
        let value = get(block.table, key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span())),
            // Dates and times may stand without quotes.
            DeValue::Datetime(time) => Some((time.to_string(), value.span())),
            _ => self.wrong(key, "a text", value),
        }
    }

    /// A text that must be there and not be blank.
    pub(crate) fn needed(&mut self, block: &Block<'_, '_>, key: &str) -> Option<(String, Range<usize>)> {
        if get(block.table, key).is_none() {
            self.push(&block.span, format!("{} needs a key `{key}`", block.what));
        }
        let (text, span) = self.text(block, key)?;
        if text.trim().is_empty() {
            self.push(&span, format!("`{key}` is empty"));
            return None;
        }
        Some((text, span))
    }

    /// A text that is read as something else.
    pub(crate) fn parsed<T>(
        &mut self,
        block: &Block<'_, '_>,
        key: &str,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, span) = self.text(block, key)?;
        let value = parse(&text);
        if value.is_none() {
            self.push(&span, format!("`{text}` is not {wanted}"));
        }
        value
    }

    /// `true` or `false`; `false` when it is not there.
    pub(crate) fn flag(&mut self, block: &Block<'_, '_>, key: &str) -> bool {
        match get(block.table, key) {
            None => false,
            Some(value) => match value.get_ref() {
                DeValue::Boolean(on) => *on,
                _ => self.wrong(key, "`true` or `false`", value).unwrap_or(false),
            },
        }
    }

    /// A text or a list of texts, each with its place; empty when it is not there.
    pub(crate) fn texts(&mut self, block: &Block<'_, '_>, key: &str) -> Vec<(String, Range<usize>)> {
        let Some(value) = get(block.table, key) else { return Vec::new() };
        let one = |value: Value<'_, '_>| match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span())),
            _ => None,
        };
        let items = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| one(item).ok_or(item)).collect(),
            _ => vec![one(value).ok_or(value)],
        };
        items
            .into_iter()
            .filter_map(|item| {
                item.or_else(|other| self.wrong(key, "a text or a list of texts", other).ok_or(())).ok()
            })
            .collect()
    }

    /// A table.
    pub(crate) fn table<'v, 'i>(
        &mut self,
        block: &Block<'v, 'i>,
        key: &str,
        what: impl Into<String>,
    ) -> Option<Block<'v, 'i>> {
        let value = get(block.table, key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Block { table, what: what.into(), span: value.span() }),
            _ => self.wrong(key, "a table", value),
        }
    }

    /// The tables of a list; none when it is not there.
    pub(crate) fn tables<'v, 'i>(
        &mut self,
        block: &Block<'v, 'i>,
        key: &str,
        what: &str,
    ) -> Vec<Block<'v, 'i>> {
        let Some(value) = get(block.table, key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong::<()>(key, "a list of tables", value);
            return Vec::new();
        };
        let mut blocks = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => {
                    blocks.push(Block { table, what: what.to_owned(), span: item.span() });
                }
                _ => {
                    self.wrong::<()>(key, "a list of tables", item);
                }
            }
        }
        blocks
    }

    /// Complains about the type of a value.
    pub(crate) fn wrong<T>(&mut self, key: &str, wanted: &str, found: Value<'_, '_>) -> Option<T> {
        self.push(&found.span(), format!("`{key}` must be {wanted}, not {}", type_of(found.get_ref())));
        None
    }
}

/// The value under a key.
pub(crate) fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<Value<'t, 'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
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
