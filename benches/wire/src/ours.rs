//! Our client, set up like its peers: one request for one call, so without the marks by which a lost creation is found
//! again, which take a request more.

use cs_model::{Against, Checked, DeliveryTokenDraft, Draft, Grant, Profile, Secret, TokenUid};
use cs_tokens::{Client, ClientBuilder, Credential, blocking};
use cs_transport::{BlockingTransport, Transport};
use jiff::Timestamp;

use crate::raw::Failure;

/// The token that is read.
///
/// # Errors
///
/// Never, as long as it is one.
pub fn uid() -> Result<TokenUid, Failure> {
    Ok("blt0000000000000000".parse()?)
}

/// The token that is made.
///
/// # Errors
///
/// When the rules refuse it.
pub fn draft() -> Result<Checked<DeliveryTokenDraft>, Failure> {
    let draft =
        DeliveryTokenDraft::new("website 0").environment("production").branches(Grant::only(["main"]));
    Ok(draft
        .check(&Against::new(&Profile::seeds(), Timestamp::UNIX_EPOCH))
        .map_err(|_| "the draft is refused")?)
}

fn credential() -> Credential {
    Credential::Authtoken(Secret::new("not-a-session"))
}

/// The async client.
///
/// # Errors
///
/// When the URL is not one.
pub fn client<T: Transport>(transport: T, url: &str) -> Result<Client<T>, Failure> {
    let builder: ClientBuilder<T> = Client::builder(transport);
    Ok(builder.base_url(url).credential(credential()).without_marks().build()?)
}

/// The blocking client.
///
/// # Errors
///
/// As [`client`].
pub fn blocking_client<B: BlockingTransport>(
    transport: B,
    url: &str,
) -> Result<blocking::Client<B>, Failure> {
    Ok(blocking::Client::builder(transport).base_url(url).credential(credential()).without_marks().build()?)
}
