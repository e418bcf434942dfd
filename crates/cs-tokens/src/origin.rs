//! Where the API is: scheme, host and port, and nothing else.

use std::fmt;

use bytes::Bytes;
use cs_model::Api;
use cs_model::facts::Region;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderMap, Uri, header};

use crate::UrlError;

/// The scheme, host and port that every request of a client goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `https://api.contentstack.io`, without a trailing slash.
    text: String,
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// Reads `https://host[:port][/]`; `http` goes for loopback only.
    pub(crate) fn parse(url: &str) -> Result<Self, UrlError> {
        let uri: Uri = url.trim().parse().map_err(|_| UrlError::Form)?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(UrlError::Form);
        };
        let bare = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        if authority.as_str().contains('@') || !bare || authority.host().is_empty() {
            return Err(UrlError::Form);
        }
        let host = authority.host().to_ascii_lowercase();
        if *scheme == Scheme::HTTP {
            if !cs_transport::is_loopback(&host) {
                return Err(UrlError::Insecure { host });
            }
        } else if *scheme != Scheme::HTTPS {
            return Err(UrlError::Form);
        }
        // `http` takes any text for a port, and tells none where it is no number of one.
        let port = authority.port_u16().filter(|port| *port != 0);
        if port.is_none() && authority.as_str() != authority.host() {
            return Err(UrlError::Form);
        }
        // One origin has one text: a port that the scheme implies is not named.
        let implied = if *scheme == Scheme::HTTPS { 443 } else { 80 };
        let port = port.filter(|port| *port != implied);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let text = format!("{scheme}://{host}{port}");
        let authority = format!("{host}{port}").parse().map_err(|_| UrlError::Form)?;
        Ok(Self { text, scheme: scheme.clone(), authority })
    }

    /// The URL of a path and query.
    pub(crate) fn url(&self, path_and_query: String) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(path_and_query)).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The management API of a region, by its name or one of its aliases.
    pub(crate) fn of_region(name: &str) -> Result<Self, UrlError> {
        let region = Region::find(name).ok_or_else(|| UrlError::Region { name: name.to_owned() })?;
        Self::parse(&format!("https://{}", region.host(Api::Management)))
    }

    /// Whether a host is its own.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        self.authority.host().eq_ignore_ascii_case(host)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The developer hub of the region; the same origin where it is no region's.
    pub(crate) fn developer_hub(&self) -> String {
        let host = self.text.strip_prefix("https://");
        let region = cs_model::generated::REGIONS.iter().find(|region| Some(region.management) == host);
        region.map_or_else(|| self.text.clone(), |region| format!("https://{}", region.developer_hub))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The region that a host of an API or a developer hub belongs to.
pub(crate) fn region_of(host: &str) -> Option<&'static str> {
    let mut regions = cs_model::generated::REGIONS.iter();
    regions.find(|region| [region.management, region.developer_hub].contains(&host)).map(|region| region.id)
}

/// Where a redirect leads: the host, and the region that it belongs to, unless it is the host that was asked. The host only:
/// the rest of the URL may repeat arguments.
pub(crate) fn elsewhere(
    headers: &HeaderMap,
    is_asked: impl Fn(&str) -> bool,
) -> (Option<String>, Option<&'static str>) {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let place = location.and_then(|url| url.parse::<Uri>().ok());
    let host = place.as_ref().and_then(Uri::host).map(str::to_owned);
    // Who is sent to another page of the same host is in the right region.
    let region = host.as_deref().filter(|host| !is_asked(host)).and_then(region_of);
    (host, region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_urls_pass() {
        for (good, text) in [
            ("https://api.contentstack.io", "https://api.contentstack.io"),
            (" https://API.Contentstack.io/ ", "https://api.contentstack.io"),
            ("http://127.0.0.1:8085/", "http://127.0.0.1:8085"),
            ("http://[::1]:8085", "http://[::1]:8085"),
            ("http://localhost", "http://localhost"),
            ("https://eu-api.contentstack.com:443", "https://eu-api.contentstack.com"),
            ("http://[::1]:80/", "http://[::1]"),
            ("http://localhost:443", "http://localhost:443"),
            ("https://a.b:80", "https://a.b:80"),
        ] {
            assert_eq!(Origin::parse(good).unwrap().as_str(), text);
        }
        for bad in [
            "",
            "api.contentstack.io",
            "ftp://a.b",
            "https://u:p@a.b",
            "https://a.b/v3",
            "https://a.b/?x=1",
            "https://",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:8o80",
            "http://127.0.0.1:0",
            "http://localhost:",
            "http://[::1]:99999",
            "https://a.b:70000",
        ] {
            assert_eq!(Origin::parse(bad).unwrap_err(), UrlError::Form, "{bad}");
        }
        assert!(matches!(Origin::parse("http://a.b"), Err(UrlError::Insecure { host }) if host == "a.b"));
    }

    #[test]
    fn a_url_is_the_origin_and_what_follows() {
        for (base, target) in [
            ("http://[::1]:8085", "/v3/stacks"),
            ("https://API.Contentstack.io/", "/v3/stacks/delivery_tokens?skip=100&limit=100"),
        ] {
            let origin = Origin::parse(base).unwrap();
            let url = origin.url(target.to_owned()).unwrap();
            assert_eq!(url, format!("{origin}{target}").parse::<Uri>().unwrap());
            assert_eq!(url.to_string(), format!("{origin}{target}"));
        }
        assert_eq!(Origin::parse("http://localhost").unwrap().url("/a b".to_owned()), None);
    }

    #[test]
    fn regions_are_found_both_ways() {
        let origin = Origin::of_region("eu").unwrap();
        let host = origin.as_str().strip_prefix("https://").unwrap();
        assert_eq!(region_of(host), Some("eu"));
        assert_eq!(origin.developer_hub(), "https://eu-developerhub-api.contentstack.com");
        let own = Origin::parse("http://127.0.0.1:8085").unwrap();
        assert_eq!(own.developer_hub(), "http://127.0.0.1:8085");
        assert!(Origin::of_region("mars").is_err());
        for region in &cs_model::generated::REGIONS {
            assert!(Origin::of_region(region.id).is_ok(), "{}", region.id);
        }
    }
}
