//! Text from outside that is to be shown: nothing of it may reach a terminal that is not a character to look at. Names of tokens
//! may hold anything.

use std::fmt;

/// Whether a character does something instead of showing something: a control character, a line or paragraph separator, or
/// one that turns the direction of text (the `Bidi_Control` property of Unicode), which makes a name look like another.
#[must_use]
pub fn is_disruptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// Shows a text on one line, with every [disruptive](is_disruptive) character as `\u{1b}`.
///
/// ```
/// use cs_model::Plain;
/// assert_eq!(Plain("shop").to_string(), "shop");
/// assert_eq!(Plain("a\u{1b}[2Jb\n\u{202e}c").to_string(), r"a\u{1b}[2Jb\n\u{202e}c");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(pub &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(index) = rest.find(is_disruptive) {
            let (before, found) = rest.split_at(index);
            f.write_str(before)?;
            let mut chars = found.chars();
            match chars.next() {
                Some('\n') => f.write_str("\\n")?,
                Some('\t') => f.write_str("\\t")?,
                Some('\r') => f.write_str("\\r")?,
                Some(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                None => {}
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_stays() {
        for text in ["shop-production", "Läden & Söhne", "店", "متجر", "👩\u{200d}💻", ""] {
            assert_eq!(Plain(text).to_string(), text);
        }
    }

    #[test]
    fn what_moves_cursors_or_turns_text_does_not() {
        for c in ['\0', '\u{7}', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}', '\u{200f}']
        {
            let shown = Plain(&format!("a{c}b")).to_string();
            assert!(!shown.contains(c), "{shown:?}");
        }
    }
}
