//! The sink of a block.

use std::ops::Range;

use cs_model::ViolationId;
use toml::de::DeValue;

use crate::declaration::Places;
use crate::declaration::read::{Block, Reader, get};
use crate::sink::{self, Sink};

/// Whether a block is to have a preview token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preview {
    /// Its kind has none.
    Never,
    /// It is not to.
    Unwanted,
    /// It is to.
    Wanted,
    /// What the file says of it was complained about.
    Unclear,
}

/// The sink of the value, and that of the preview token.
pub(crate) fn sinks(
    reader: &mut Reader<'_>,
    block: &Block<'_, '_>,
    owner: &str,
    preview: Preview,
    places: &mut Places,
) -> (Option<Sink>, Option<Sink>) {
    let Some(value) = get(block.table, "sink") else {
        if places.faulty.contains("sink") {
            return (None, None);
        }
        reader.push(ViolationId::SinkMissing, &block.span, format!("{owner} has no sink"));
        return (None, None);
    };
    let DeValue::Table(table) = value.get_ref() else {
        let form = "a table, such as `{ env_file = \".env\", variable = \"TOKEN\" }`";
        reader.wrong::<()>("sink", form, value.get_ref(), &value.span());
        return (None, None);
    };
    let inner = Block { table, what: "a sink", span: value.span() };
    let known: &[&'static str] = match preview {
        Preview::Never => &["env_file", "variable"],
        _ => &["env_file", "variable", "preview_variable"],
    };
    let meant = reader.only(&inner, known);
    let needed = |reader: &mut Reader<'_>, key: &'static str| match meant.contains(key) {
        true => None,
        false => reader.needed_text(&inner, key),
    };
    let file = needed(reader, "env_file");
    let file = file.and_then(|(text, span)| {
        places.keys.insert("env_file".to_owned(), reader.source.place(&span));
        if text.trim().is_empty() || text.ends_with('/') || text.chars().any(char::is_control) {
            let message = format!("`{}` is not the path of a file", text.escape_debug());
            reader.push(ViolationId::FileWrongType, &span, message).fix =
                "write a path relative to the folder that you work in, such as `.env`".to_owned();
            return None;
        }
        Some(text)
    });
    let variable = needed(reader, "variable");
    let variable = variable.and_then(|(text, span)| variable_name(reader, "variable", text, &span, places));
    let second = match preview {
        Preview::Never => None,
        _ => reader.text(&inner, "preview_variable"),
    };
    match (preview, &second) {
        (Preview::Unwanted, Some((_, span))) => {
            let message = format!("{owner} has a `preview_variable` but no preview token");
            reader.push(ViolationId::FileContradiction, span, message).fix =
                "add `preview = true`, or remove `preview_variable`".to_owned();
        }
        (Preview::Wanted, None) if !meant.contains("preview_variable") => {
            let message = format!("the preview token of {owner} has no sink");
            reader.push(ViolationId::SinkMissing, &value.span(), message).fix =
                "add `preview_variable = \"...\"` to the sink".to_owned();
        }
        _ => {}
    }
    let second =
        second.and_then(|(text, span)| variable_name(reader, "preview_variable", text, &span, places));
    let sink = |variable: Option<String>| Some(Sink { env_file: file.clone()?, variable: variable? });
    (sink(variable), sink(second.filter(|_| preview == Preview::Wanted)))
}

fn variable_name(
    reader: &mut Reader<'_>,
    key: &str,
    text: String,
    span: &Range<usize>,
    places: &mut Places,
) -> Option<String> {
    places.keys.insert(key.to_owned(), reader.source.place(span));
    // With any stack in the place of `{stack}`; whether it takes the one at hand is found when that is known.
    if sink::is_variable(&Sink::new("", &*text).of_stack("stack").variable) {
        return Some(text);
    }
    let message = format!("`{}` is not a name that a shell takes for a variable", text.escape_debug());
    reader.push(ViolationId::SinkVariable, span, message);
    None
}
