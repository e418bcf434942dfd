//! Ending a session: that the API does not know it any more tells that it is done.

use std::pin::pin;

use cs_model::Endpoint;
use cs_model::endpoint::LogOut;
use cs_transport::Transport;

use super::kind::noticed;
use super::update::never_sent;
use super::{Effort, Recovered, after_failure, blind, unknown};
use crate::error::Lost;
use crate::{Client, Error, Operation, check_hint};

/// Logs out, and insists on it.
pub(crate) async fn log_out<T: Transport>(client: &Client<T>) -> Result<(), Error> {
    let operation = Operation(LogOut::ROUTE);
    let check = || check_hint::what_to_check(operation, None);
    let mut effort = Effort::new(client);
    let mut lost: Option<Lost> = None;
    while effort.may_send() {
        if lost.is_some() {
            client.recoveries.tell(operation, Recovered::Repeated, None);
        }
        let sent = effort.carry(pin!(client.send(None, &LogOut::default()))).await;
        let refusal = match sent.and_then(|done| noticed(operation, done)) {
            Ok(()) => return Ok(()),
            Err(error) if lost.is_some() && is_over(&error) => {
                client.recoveries.tell(operation, Recovered::Confirmed, None);
                return Ok(());
            }
            Err(error) => after_failure(&mut lost, error)?,
        };
        match effort.look(|| client.user()).await {
            Ok(_) => refusal.map_or(Ok(()), Err)?,
            Err(error) if is_over(&error) => {
                client.recoveries.tell(operation, Recovered::Confirmed, None);
                return Ok(());
            }
            Err(error) => return Err(blind(operation, check, lost, error)),
        }
    }
    Err(lost.map_or_else(|| never_sent(operation), |source| unknown(operation, check(), source)))
}

/// Whether the API says so. A 401 without its number is the word of whatever stands between.
fn is_over(error: &Error) -> bool {
    error.api_error().is_some_and(cs_model::ApiError::says_credential_unknown)
}
