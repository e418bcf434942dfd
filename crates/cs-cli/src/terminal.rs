//! What may reach a terminal: text, line breaks and our own colours. Whatever came from outside and does more is shown, not
//! done.

use std::borrow::Cow;
use std::fmt::Write;

use cs_model::{Plain, is_disruptive};

use crate::style;

/// The sequences of our styles, and the one that ends them.
fn sequences() -> impl Iterator<Item = String> {
    let styles = [
        style::ERROR,
        style::WARNING,
        style::ADDED,
        style::CHANGED,
        style::REMOVED,
        style::QUIET,
        style::STRONG,
    ];
    styles.into_iter().flat_map(|style| [format!("{style}"), format!("{style:#}")])
}

/// A text for people, which may have several lines and our colours.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_ours = |c: char| !is_disruptive(c) || c == '\n';
    if text.chars().all(is_ours) {
        return Cow::Borrowed(text);
    }
    let sequences: Vec<String> = sequences().collect();
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // A sequence starts with a character that does not pass by itself.
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| !is_ours(*c)) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let ours = sequences.iter().find(|sequence| found.starts_with(sequence.as_str()));
        let (part, tail) = found.split_at(ours.map_or(c.len_utf8(), String::len));
        if ours.is_some() {
            out.push_str(part);
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "{}", Plain(part));
        }
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A JSON text of the same value: such characters can only stand in its strings, where they are written as numbers.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !is_disruptive(c) || c == '\n';
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::Styled;

    #[test]
    fn our_colours_pass_and_nothing_else_does() {
        let ours = Styled(style::ERROR, "wrong\nüber").to_string();
        assert_eq!(shown(&ours), ours);
        let text = format!("{ours}\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}\u{9b}1m\r\u{1b}");
        let shown = shown(&text);
        assert_eq!(shown.matches('\u{1b}').count(), ours.matches('\u{1b}').count(), "{shown:?}");
        for c in ['\u{7}', '\u{202e}', '\u{9b}', '\r'] {
            assert!(!shown.contains(c), "{shown:?}");
        }
    }

    #[test]
    fn json_keeps_its_value() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{202e}x", "\n", "ü"] });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let safe = json(&text);
        assert!(!safe.contains(['\u{9b}', '\u{202e}']));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
