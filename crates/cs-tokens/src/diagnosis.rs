//! What a refusal means and what to do about it.

use cs_model::facts::ErrorRow;
use cs_model::generated::ERRORS;
use cs_model::{ApiError, Source};
use serde::Serialize;

/// Cause and fix of a refusal.
///
/// ```
/// use cs_model::{ApiError, Source};
/// use cs_tokens::Diagnosis;
/// let told = Diagnosis::of(&ApiError::read(401, br#"{"error_message":"x","error_code":161}"#));
/// assert_eq!(told.id, Some("environment_forbidden"));
/// assert!(told.fix.contains("no reason to log in again"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The row of the error table that fits best; `None` for a refusal that nobody has described.
    pub id: Option<&'static str>,
    /// What is the matter.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Where that is known from.
    pub sources: Vec<String>,
    /// What else looks the same.
    pub others: Vec<Other>,
}

/// Another reading of the same refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Other {
    /// The row of the error table.
    pub id: &'static str,
    /// What would be the matter.
    pub cause: &'static str,
    /// What to do then.
    pub fix: &'static str,
}

impl Diagnosis {
    /// Looks a refusal up.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        match error.diagnosis() {
            Some(row) => Self {
                id: Some(row.id),
                cause: row.cause,
                fix: row.fix,
                sources: row.sources.iter().map(cited).collect(),
                others: others(error, row),
            },
            None => Self::by_status(error.status),
        }
    }

    fn by_status(status: u16) -> Self {
        let (cause, fix) = match status {
            300..=399 => (
                "Something sent the request elsewhere. The API never does.",
                "Check the URL: the account may live in another region, or a proxy stands in between.",
            ),
            401 => (
                "The credential was refused, and the answer does not say which part of it.",
                "Check that its kind fits its header: an authtoken in `authtoken`, a management token alone in \
                 `authorization`, an OAuth token there after `Bearer`.",
            ),
            403 => {
                ("The credential has no right to this.", "Ask an owner or admin, or use another credential.")
            }
            404 => ("There is nothing at this path.", "Check the path and the uid in it, then the region."),
            412 => (
                "The stack is unknown here.",
                "Check the API key and the region: a stack answers in its own region only.",
            ),
            429 => ("The rate was exceeded.", "Wait as long as `Retry-After` says, or a second."),
            500..=599 => (
                "The API, or something before it, is out of order. A write may have had its effect.",
                "Look at what is there before you repeat a write.",
            ),
            _ => (
                "Nobody has described this refusal.",
                "Read the fields of `errors`: they name what the message does not.",
            ),
        };
        Self { id: None, cause, fix, sources: Vec::new(), others: Vec::new() }
    }
}

/// A source in words: `seed 002: Create management token`.
fn cited(source: &Source) -> String {
    if source.place().is_empty() {
        source.document().to_owned()
    } else {
        format!("{}: {}", source.document(), source.place())
    }
}

/// Rows with the same status and number that the answer does not rule out.
fn others(error: &ApiError, best: &ErrorRow) -> Vec<Other> {
    let fits = |row: &&ErrorRow| {
        row.id != best.id
            && row.sent_code() == best.sent_code()
            && row.statuses.contains(&error.status)
            && (row.key.is_empty() || error.fields.is_empty() || error.has_key(row.key))
            && (best.key.is_empty() || !error.has_key(best.key) || row.key == best.key)
    };
    ERRORS.iter().filter(fits).map(|row| Other { id: row.id, cause: row.cause, fix: row.fix }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Diagnosis {
        Diagnosis::of(&ApiError::read(status, body.as_bytes()))
    }

    #[test]
    fn what_misleads_is_told() {
        for (status, body, id, fix) in [
            (401, r#"{"error_code":105}"#, "authtoken_invalid", "`authorization`, not here"),
            (412, r#"{"error_code":109}"#, "api_key_unknown", "region"),
            (
                422,
                r#"{"error_code":141,"errors":{"scope.branch_or_alias":["x"]}}"#,
                "branch_scope_missing",
                "`branch`",
            ),
            (401, r#"{"error_code":294}"#, "tfa_required", "`tfa_token`"),
            (401, r#"{"error_code":161}"#, "environment_forbidden", "no reason to log in"),
            (422, r#"{"error_code":901}"#, "branch_not_granted", "scope"),
        ] {
            let told = told(status, body);
            assert_eq!(told.id, Some(id));
            assert!(told.fix.contains(fix), "{id}: {}", told.fix);
        }
    }

    #[test]
    fn what_looks_the_same_is_told_too() {
        let ids: Vec<_> = told(401, r#"{"error_code":105}"#).others.iter().map(|other| other.id).collect();
        assert!(ids.contains(&"management_token_invalid") && ids.contains(&"oauth_token_invalid"), "{ids:?}");
        let one = told(401, r#"{"error_code":105,"errors":{"authorization":["x"]}}"#);
        assert!(one.others.iter().all(|other| other.id != "authtoken_invalid"), "{one:?}");
    }

    #[test]
    fn a_status_alone_says_something() {
        for status in [302, 401, 403, 404, 412, 418, 429, 503] {
            let told = told(status, "<html>");
            assert!(!told.cause.is_empty() && !told.fix.is_empty());
        }
    }
}
