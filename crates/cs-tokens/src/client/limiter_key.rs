//! What the API counts requests against.

use std::fmt;
use std::sync::Arc;

use cs_model::OrganizationUid;

use crate::Provided;
use crate::origin::Origin;

/// What the API counts requests against: the organization where it is known (its limits are by organization), else the
/// clients that are meant to keep one pace, or the credential. It stays in the process and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LimiterKey(pub(super) Arc<str>);

impl LimiterKey {
    pub(crate) fn of(
        origin: &Origin,
        organization: Option<&OrganizationUid>,
        together: Option<&str>,
        held: &Provided,
    ) -> Self {
        match (organization, together) {
            (Some(uid), _) => Self::of_organization(origin, uid),
            (None, Some(name)) => Self(format!("{} together {name}", origin.as_str()).into()),
            (None, None) => Self(format!("{} {:016x}", origin.as_str(), held.number()).into()),
        }
    }

    pub(crate) fn of_organization(origin: &Origin, uid: &OrganizationUid) -> Self {
        Self(format!("{} {uid}", origin.as_str()).into())
    }

    /// The key of requests to another API than the client's, which bear no credential: what one API says of its rate is
    /// nothing to another.
    pub(crate) fn of_other(origin: &Origin) -> Self {
        Self(origin.as_str().into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn share(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for LimiterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use cs_model::Secret;
    use cs_transport::{Ready, from_fn};

    use crate::{Client, Credential};

    #[test]
    fn it_is_never_shown_and_is_no_fingerprint() {
        let credential = Credential::Authtoken(Secret::new("not-a-session"));
        let client = Client::builder(Ready(from_fn(|_| Ok(http::Response::new(Bytes::new())))))
            .base_url("https://api.example.com")
            .credential(credential.clone())
            .build()
            .unwrap();
        let key = client.limiter_key.share();
        let number = key.rsplit(' ').next().unwrap();
        let shown = format!("{client:?} {:?}", client.stack("blt1".parse().unwrap()));
        assert!(!shown.contains(number), "{shown}");
        assert_eq!(credential.number(), credential.clone().number());
        // What anybody could work out from a guess at the value.
        let mut plain = std::hash::DefaultHasher::new();
        std::hash::Hash::hash("not-a-session", &mut plain);
        assert_ne!(credential.number(), std::hash::Hasher::finish(&plain));
    }
}
