//! Values of env files as shells and dotenv readers take them alike.

use zeroize::Zeroizing;

/// The value without its quotes.
pub(crate) fn unquote(text: &str) -> Zeroizing<String> {
    let quote = text.chars().next();
    let inner = |quote| closing(&text[1..], quote).map(|close| &text[1..=close]);
    match quote {
        Some('\'') => match inner('\'') {
            Some(inner) => Zeroizing::new(inner.to_owned()),
            None => Zeroizing::new(text.trim_end().to_owned()),
        },
        Some('"') => match inner('"') {
            Some(inner) => unescape(inner),
            None => Zeroizing::new(text.trim_end().to_owned()),
        },
        // A comment may follow a bare value, after white space.
        _ => Zeroizing::new(text.split(" #").next().unwrap_or_default().trim_end().to_owned()),
    }
}

fn unescape(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('n')) => {
                chars.next();
                out.push('\n');
            }
            ('\\', Some(next @ ('"' | '\\' | '$' | '`'))) => {
                chars.next();
                out.push(next);
            }
            _ => out.push(c),
        }
    }
    out
}

/// The value as shells and dotenv readers take it alike: bare, where no character of it means anything to them.
pub(crate) fn quote(value: &str) -> Zeroizing<String> {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '+' | '@' | '%');
    if !value.is_empty() && value.chars().all(plain) {
        return Zeroizing::new(value.to_owned());
    }
    if !value.contains(['\'', '\n', '\r']) {
        return Zeroizing::new(["'", value, "'"].concat());
    }
    // Room for all that it may become: a text that grows leaves copies of itself behind.
    let mut out = Zeroizing::new(String::with_capacity(2 * value.len() + 2));
    out.push('"');
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '"' | '\\' | '$' | '`' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Where the closing quote is.
pub(crate) fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Some(index);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(value in "[^\\r]*") {
            let back = unquote(&quote(&value));
            prop_assert_eq!(back.as_str(), value);
        }

        #[test]
        fn what_is_quoted_never_grows(value in "[a'\\n\"$ ]*") {
            let quoted = quote(&value);
            prop_assert!([quoted.len(), 2 * value.len() + 2].contains(&quoted.capacity()));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = unquote(&text);
        }
    }
}
