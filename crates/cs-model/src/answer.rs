//! The envelopes of answers: lenient in reading, exact in giving back.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::Extra;
use crate::one_pass::one_pass;

/// The sentence that comes with a success.
///
/// The reference page writes its key with a colon inside (`"notice:"`) for updates and deletes of delivery tokens (seed 002,
/// "Update delivery token"); the vendor's clients see it without (JS, `test/sanity-check/api/token-test.js`). Both are read, and
/// each goes out as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Under `notice`.
    Plain(String),
    /// Under `notice:`.
    WithColon(String),
}

impl Notice {
    /// The sentence.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::WithColon(text) => text,
        }
    }
}

/// Which envelope held a single token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "the documents show these two")]
pub enum Envelope {
    /// `{"token": {}}`: what the vendor's clients see (NET, `Contentstack016_DeliveryTokenTest.cs`), and the page's form for one
    /// management token (seed 002, "Get a single management token").
    #[default]
    Single,
    /// `{"tokens": [{}]}`: the reference page's form for one delivery token (seed 002, "Get a single delivery token").
    List,
}

/// An answer with one token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct One<T> {
    /// The token.
    pub token: T,
    /// The sentence.
    pub notice: Option<Notice>,
    /// Where the token stood.
    pub envelope: Envelope,
    /// The rest.
    pub extra: Extra,
}

/// An answer with a list of tokens (seed 002, "Get all delivery tokens").
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Many<T> {
    /// The tokens.
    pub tokens: Vec<T>,
    /// How many there are in all, not in this part, when asked for. Clients offer it (JS); no page has it for tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The rest.
    #[serde(flatten)]
    pub extra: Extra,
}

one_pass!(Many<T> { "tokens" => tokens: needed, "count" => count: or_default });

/// An answer with nothing but a sentence, as a deletion has it (seed 002, "Delete management token").
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Done {
    /// The sentence.
    pub notice: Option<Notice>,
    /// The rest.
    pub extra: Extra,
}

/// Everything that an envelope may hold, before it is sorted out.
#[derive(Serialize)]
struct Wire<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    #[serde(rename = "notice:", skip_serializing_if = "Option::is_none")]
    notice_colon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Vec<T>>,
    #[serde(flatten)]
    extra: Extra,
}

one_pass!(Wire<T> {
    "notice" => notice: or_default,
    "notice:" => notice_colon: or_default,
    "token" => token: or_default,
    "tokens" => tokens: or_default,
});

impl<T> Wire<T> {
    fn new(notice: Option<&Notice>, extra: &Extra) -> Self {
        let (notice, notice_colon) = match notice {
            Some(Notice::Plain(text)) => (Some(text.clone()), None),
            Some(Notice::WithColon(text)) => (None, Some(text.clone())),
            None => (None, None),
        };
        Self { notice, notice_colon, token: None, tokens: None, extra: extra.clone() }
    }

    fn take_notice(&mut self) -> Option<Notice> {
        self.notice.take().map(Notice::Plain).or_else(|| self.notice_colon.take().map(Notice::WithColon))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut wire = Wire::<T>::deserialize(deserializer)?;
        let notice = wire.take_notice();
        let (token, envelope) = match (wire.token, wire.tokens) {
            (Some(token), None) => (token, Envelope::Single),
            (None, Some(mut tokens)) if tokens.len() == 1 => match tokens.pop() {
                Some(token) => (token, Envelope::List),
                None => return Err(de::Error::custom("`tokens` is empty")),
            },
            (None, Some(tokens)) => {
                return Err(de::Error::custom(format!(
                    "`tokens` holds {} tokens instead of one",
                    tokens.len()
                )));
            }
            (Some(_), Some(_)) => return Err(de::Error::custom("both `token` and `tokens` are there")),
            (None, None) => return Err(de::Error::missing_field("token")),
        };
        Ok(Self { token, notice, envelope, extra: wire.extra })
    }
}

impl<T: Serialize> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut wire = Wire::new(self.notice.as_ref(), &self.extra);
        match self.envelope {
            Envelope::Single => wire.token = Some(&self.token),
            Envelope::List => wire.tokens = Some(vec![&self.token]),
        }
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Done {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut extra = Extra::deserialize(deserializer)?;
        let mut take = |key: &str| match extra.0.get(key) {
            Some(Value::String(_)) => extra.0.remove(key).and_then(|value| value.as_str().map(str::to_owned)),
            _ => None,
        };
        let notice = take("notice").map(Notice::Plain).or_else(|| take("notice:").map(Notice::WithColon));
        Ok(Self { notice, extra })
    }
}

impl Serialize for Done {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::<()>::new(self.notice.as_ref(), &self.extra).serialize(serializer)
    }
}

/// A successful answer whose body is not what the endpoint promises. Never holds a value of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer does not fit at `{path}` (line {line}, column {column}): {what}")]
#[non_exhaustive]
pub struct ShapeError {
    /// Where in the body: `tokens[3].uid`; `.` for the body itself.
    pub path: String,
    /// The line in the body, from 1.
    pub line: usize,
    /// The column in that line, in bytes.
    pub column: usize,
    /// What kind of misfit.
    pub what: &'static str,
}

/// Reads the body of a successful answer.
///
/// # Errors
///
/// [`ShapeError`] when the body is not JSON, ends too early or goes on after its end, or when a field is missing or of another
/// type; with the path of the first field that does not fit.
///
/// ```
/// use cs_model::answer::read;
/// use cs_model::{DeliveryToken, Many};
/// let list: Many<DeliveryToken> = read(br#"{"tokens":[{"uid":"blt1","name":"website"}]}"#)?;
/// assert_eq!(list.tokens[0].name, "website");
/// let misfit = read::<Many<DeliveryToken>>(br#"{"tokens":[{"uid":7}]}"#).unwrap_err();
/// assert_eq!(misfit.path, "tokens[0].uid");
/// # Ok::<(), cs_model::ShapeError>(())
/// ```
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ShapeError> {
    // To follow the path costs about half of the reading again, so it is followed once there is something to name.
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let misfit = |path: String, error: &serde_json::Error| ShapeError {
        path,
        line: error.line(),
        column: error.column(),
        // The parser's own text can quote values, and values can be secrets.
        what: match error.classify() {
            serde_json::error::Category::Eof => "the body ends too early",
            serde_json::error::Category::Syntax => "the body is not JSON",
            serde_json::error::Category::Data => "a field is missing or of another type",
            serde_json::error::Category::Io => "the body could not be read",
        },
    };
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| misfit(error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| misfit(".".to_owned(), &error))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeliveryToken;

    #[test]
    fn both_envelopes_and_both_notices_go_out_as_they_came() {
        for text in [
            r#"{"notice":"a","token":{"uid":"blt1","name":"n","scope":[]}}"#,
            r#"{"notice:":"a","tokens":[{"uid":"blt1","name":"n","scope":[]}],"more":1}"#,
        ] {
            let one: One<DeliveryToken> = read(text.as_bytes()).unwrap();
            assert_eq!(one.notice.as_ref().unwrap().text(), "a");
            assert_eq!(serde_json::to_value(&one).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        for text in [r#"{"notice":"a"}"#, r#"{"notice:":"a"}"#, "{}", r#"{"notice":{"odd":1}}"#] {
            let done: Done = read(text.as_bytes()).unwrap();
            assert_eq!(serde_json::to_value(&done).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
    }

    #[test]
    fn a_misfit_names_its_path_and_no_value() {
        let text = r#"{"tokens":[{"uid":"canary/../x","name":"n","scope":[]}]}"#;
        let error = read::<Many<DeliveryToken>>(text.as_bytes()).unwrap_err();
        assert_eq!(error.path, "tokens[0].uid");
        assert!(!error.to_string().contains("canary"));
        assert!(read::<Many<DeliveryToken>>(b"{\"tokens\":[]} x").is_err());
        for wrong in [r#"{"tokens":[]}"#, "{}", r#"{"token":{"uid":"a"},"tokens":[{"uid":"a"}]}"#] {
            assert!(read::<One<DeliveryToken>>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
