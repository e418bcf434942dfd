//! Reading the token that a write was about. An answer that it is not there may come from anywhere, and only some prove it.

use cs_model::TokenUid;
use cs_transport::Transport;
use jiff::Timestamp;

use super::Effort;
use super::kind::Kind;
use crate::Error;
use crate::client::StackClient;

/// A token as it was read.
pub(crate) struct Seen<T> {
    pub(crate) token: T,
    /// When the API answered, by its own clock: the header `Date`.
    pub(crate) date: Option<Timestamp>,
}

/// What became of a token.
pub(crate) enum Found<T> {
    /// It is there.
    There(Seen<T>),
    /// It is in the list of the stack, and cannot be read; this is why.
    Listed(Error),
    /// It is not there, says the documented answer, or else the list; this is what reading it came to.
    Gone(Error),
}

/// Reads a token.
pub(crate) async fn find<K: Kind, T: Transport>(
    kind: &K,
    stack: &StackClient<'_, T>,
    uid: &TokenUid,
    effort: &mut Effort<'_, T>,
) -> Result<Found<K::Token>, Error> {
    let error = match effort.look(|| kind.look(stack, uid)).await {
        Ok(seen) => return Ok(Found::There(seen)),
        Err(error) => error,
    };
    if says_gone(&error) {
        return Ok(Found::Gone(error));
    }
    if !may_mean_gone(&error) {
        return Err(error);
    }
    // A gateway says 404, too, and no page has the number that the API gives for a uid that it does not know.
    match effort.look(|| kind.list(stack)).await {
        Ok(tokens) if tokens.iter().any(|token| K::uid(token) == uid) => Ok(Found::Listed(error)),
        Ok(_) => Ok(Found::Gone(error)),
        Err(_) => Err(error),
    }
}

/// Whether the API says, in the documented way, that no token has the uid.
pub(super) fn says_gone(error: &Error) -> bool {
    error.api_error().is_some_and(|answer| {
        answer.has_key("uid") && answer.diagnosis().is_some_and(|row| row.id == "token_not_found")
    })
}

/// Whether a refusal is one that a token which is not there could have.
fn may_mean_gone(error: &Error) -> bool {
    error.api_error().is_some_and(|answer| matches!(answer.status, 400 | 404 | 422))
}
