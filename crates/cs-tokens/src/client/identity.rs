//! What a client authenticates itself with, and what follows from it for every request.

use std::fmt;

use cs_policy::Prepared;
use http::{HeaderName, HeaderValue};

use crate::client::preflight;
use crate::{CredentialKind, Provided};

/// A credential or a source of them, with what need not be worked out for each request.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) provided: Provided,
    /// The header of a credential that stays; `None` also for one that fits no header, which each request says then.
    header: Option<(HeaderName, HeaderValue)>,
    prepared: Prepared,
}

impl Identity {
    pub(crate) fn new(provided: Provided) -> Self {
        let header = match &provided {
            Provided::Fixed(credential) => credential.header().ok().flatten(),
            Provided::Source(_) => None,
        };
        Self { header, prepared: preflight::prepared(provided.kind()), provided }
    }

    pub(crate) fn kind(&self) -> CredentialKind {
        self.provided.kind()
    }

    /// The most powerful principal of its kind.
    pub(crate) const fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// The header of a credential that stays and fits one.
    pub(crate) const fn header(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.header.as_ref()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.provided.fmt(f)
    }
}
