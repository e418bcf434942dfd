//! What to do about an error.

use cs_model::facts::Region;
use cs_transport::{ErrorKind, Limit};

use crate::error::Lost;
use crate::{Error, UrlError};

impl Error {
    /// What to do about it; `None` when there is nothing to say beyond the message.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        match self {
            Self::Denied(denied) if !denied.fix.is_empty() => Some(denied.fix.clone()),
            Self::Refused { answer, .. } => answer.diagnosis().map(|row| row.fix.to_owned()),
            Self::NoAnswer { source, .. } => no_answer_fix(&source.kind),
            Self::GaveUp { .. } => Some(NETWORK.to_owned()),
            Self::OutcomeUnknown { check, source: Lost::Transport(cause), .. }
                if cause.kind == ErrorKind::Redirected =>
            {
                Some(format!("{FOLLOWED}; {check} before you try again"))
            }
            Self::OutcomeUnknown { check, .. } => Some(format!("{check} before you try again")),
            Self::Shape { operation, .. } | Self::NoValue { operation, .. } if !operation.reads() => {
                Some("the request took effect: look at the stack before you try again".to_owned())
            }
            Self::Redirected { region: Some(region), .. } => {
                Some(format!("the account lives in another region: use region `{region}`"))
            }
            Self::Redirected { .. } => Some("check the URL or region of the API".to_owned()),
            Self::Source { source, .. } => source.fix(),
            Self::Url(UrlError::Missing) => Some("give a URL or a region".to_owned()),
            Self::Url(UrlError::Insecure { .. }) => Some("use https".to_owned()),
            Self::Url(UrlError::Region { name }) => Some(nearest_region(name)),
            _ => None,
        }
    }
}

/// What to do where no answer comes.
const NETWORK: &str = "check the URL or region, the network and the proxy, then try again";

/// What to do where the client has followed a redirect.
const FOLLOWED: &str = "replace the credential, which whoever answers at that URL may have by now, and build the HTTP client without redirects";

fn no_answer_fix(kind: &ErrorKind) -> Option<String> {
    let fix = match kind {
        ErrorKind::Tls => {
            "check the host in the URL; where it is right, have the transport trust the authority of its certificate"
        }
        ErrorKind::Timeout(Limit::Turn) => "send fewer requests at a time, or give each more time",
        ErrorKind::TooLarge { .. } => "raise the limit of the transport for the size of an answer",
        // What to change in the program stands in the error.
        ErrorKind::InsecureUrl
        | ErrorKind::InvalidRequest(_)
        | ErrorKind::Logged { .. }
        | ErrorKind::NotReady
        | ErrorKind::NoRuntime => return None,
        ErrorKind::Redirected => FOLLOWED,
        _ => NETWORK,
    };
    Some(fix.to_owned())
}

fn nearest_region(name: &str) -> String {
    let names: Vec<&str> = cs_model::generated::REGIONS.iter().map(|region: &Region| region.id).collect();
    match crate::suggest::nearest(name, names.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("use one of {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;
    use cs_transport::{Sent, TransportError};

    use super::*;
    use crate::Operation;

    #[test]
    fn what_to_do_depends_on_why_no_answer_came() {
        let fix = |kind| {
            let operation = Operation(route::GET_USER);
            let source = TransportError::new(kind, Sent::No);
            Error::NoAnswer { operation, attempts: 1, source }.fix()
        };
        assert!(fix(ErrorKind::Connect).unwrap().contains("the proxy"));
        assert!(fix(ErrorKind::Tls).unwrap().contains("its certificate"));
        assert!(fix(ErrorKind::Redirected).unwrap().starts_with("replace the credential"));
        assert_eq!(fix(ErrorKind::NoRuntime), None);
    }

    #[test]
    fn a_wrong_region_is_named() {
        let operation = Operation(route::GET_USER);
        let host = Some("eu-api.contentstack.com".to_owned());
        let error = Error::Redirected { operation, host, region: Some("eu") };
        assert!(error.to_string().ends_with("the host of region `eu`"), "{error}");
        assert!(error.fix().unwrap().contains("`eu`"));
        assert_eq!(
            Error::Url(UrlError::Region { name: "eo".to_owned() }).fix().unwrap(),
            "did you mean `eu`?"
        );
    }
}
