//! Bodies as JSON: whatever is JSON is read, so that what is wrong with it can be told by its field.

use serde_json::Value;

/// How deep values may lie in each other. What lies deeper is read as `null`, which is as wrong there as it is.
const DEEPEST: usize = 100;

/// Reads a body; `None` when it is no JSON.
///
/// The parser gives up on numbers that no float can hold, and on values that lie very deep in each other. Both are JSON, and
/// a field that holds them is simply of the wrong kind, so such a body is tamed and read again. Of two keys that are the
/// same, the last one counts.
pub(crate) fn read(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok().or_else(|| serde_json::from_slice(&tamed(body)?).ok())
}

/// The same with numbers within bounds, and nothing deeper than [`DEEPEST`].
fn tamed(body: &[u8]) -> Option<Vec<u8>> {
    let mut tame = Vec::with_capacity(body.len());
    let mut open = Vec::new();
    let mut rest = body;
    while let [first, tail @ ..] = rest {
        let length = match first {
            b'"' => 1 + string_length(tail)?,
            b'-' | b'0'..=b'9' => {
                let of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                rest.iter().take_while(|byte| of_number(byte)).count()
            }
            _ => 1,
        };
        let (token, after) = rest.split_at_checked(length)?;
        rest = after;
        match first {
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            _ => {}
        }
        let begins = matches!(first, b'{' | b'[');
        if open.len() <= DEEPEST {
            tame.extend_from_slice(if is_huge(token) { b"1e308" } else { token });
        } else if begins && open.len() == DEEPEST + 1 {
            tame.extend_from_slice(b"null");
        }
        if matches!(first, b'}' | b']') && open.pop() != Some(*first) {
            return None;
        }
    }
    open.is_empty().then_some(tame)
}

/// Bytes up to and with the quotation mark that ends a string.
fn string_length(tail: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = tail.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    Some(end + 1)
}

/// Whether it is a number that no float can hold.
fn is_huge(token: &[u8]) -> bool {
    let number = std::str::from_utf8(token).ok().and_then(|text| text.parse::<f64>().ok());
    token.first().is_some_and(|first| *first == b'-' || first.is_ascii_digit())
        && number.is_some_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn huge_numbers_are_numbers() {
        let body = br#"{"a": 1e999, "b": -1e999, "c": "1e999", "d": [1e-999, 12], "e\\": "\"1e999"}"#;
        let value = read(body).unwrap();
        assert!(value["a"].is_number() && value["b"].is_number());
        assert_eq!(
            (&value["c"], &value["d"][1], &value["e\\"]),
            (&json!("1e999"), &json!(12), &json!("\"1e999"))
        );
        assert!(read(format!("[{}]", "9".repeat(400)).as_bytes()).unwrap()[0].is_number());
    }

    #[test]
    fn what_lies_too_deep_is_nothing_and_the_rest_is_there() {
        for depth in [90, 128, 1000, 100_000] {
            let text = format!(r#"{{"a": {}{}, "b": 1}}"#, "[".repeat(depth), "]".repeat(depth));
            let value = read(text.as_bytes()).unwrap();
            assert_eq!(value["b"], 1);
            assert!(value["a"][0][0].is_array());
        }
        let text = format!("{}1{}", r#"{"k":["#.repeat(500), "]}".repeat(500));
        assert!(read(text.as_bytes()).unwrap()["k"][0].is_object());
    }

    #[test]
    fn what_is_no_json_is_not_made_it() {
        let deep = |open: &str, close: &str| format!("{}{}", open.repeat(200), close.repeat(200));
        for text in ["", "1e999 1", "[1e999", "1e999]", "-", "[1e9.9.9]", "\"1e999", "{\"a\" 1e999}"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        for (open, close) in [("[", "}"), ("[", ""), ("", "]"), ("[", "]]"), ("[\"", "]")] {
            assert_eq!(read(deep(open, close).as_bytes()), None, "{open} {close}");
        }
    }

    #[test]
    fn of_two_keys_the_last_one_counts() {
        assert_eq!(read(br#"{"a": 1, "a": 2}"#), Some(json!({ "a": 2 })));
    }
}
