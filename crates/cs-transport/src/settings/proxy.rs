//! Which host is called through which proxy: one rule for both clients.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::{Proxy, SettingsError, is_loopback};

/// A proxy and the hosts that are called without it.
#[derive(Clone, Default)]
pub(crate) struct ProxyRule {
    via: Option<Via>,
    direct: Vec<String>,
}

/// Where the proxy listens, and what it asks for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Via {
    /// Name or address; an IPv6 address in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// User name and password, decoded.
    pub(crate) login: Option<(String, String)>,
}

impl ProxyRule {
    /// The rule of `proxy`; the environment is read now and not again.
    pub(crate) fn new(proxy: &Proxy) -> Result<Self, SettingsError> {
        match proxy {
            Proxy::Direct => Ok(Self::default()),
            Proxy::Via(url) => Ok(Self { via: Some(Via::parse(url)?), direct: Vec::new() }),
            Proxy::Environment => Self::of_environment(|name| std::env::var(name).ok()),
        }
    }

    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let first_of =
            |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
        let Some(url) = first_of(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else {
            return Ok(Self::default());
        };
        let direct = first_of(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
        let direct = direct
            .split(',')
            .map(|entry| entry.trim().trim_start_matches('.').to_ascii_lowercase())
            .filter(|entry| !entry.is_empty())
            .collect();
        Ok(Self { via: Some(Via::parse(&url)?), direct })
    }

    /// The proxy, whatever the host.
    pub(crate) fn via(&self) -> Option<&Via> {
        self.via.as_ref()
    }

    /// Whether a call to `host`, an IPv6 address with or without brackets, goes through the proxy.
    pub(crate) fn applies_to(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.via.is_some() && !is_loopback(host) && !self.direct.iter().any(|entry| covers(entry, host))
    }
}

/// Whether an entry of `NO_PROXY` stands for `host`.
fn covers(entry: &str, host: &str) -> bool {
    let is_below = || host.strip_suffix(entry).is_some_and(|rest| rest.ends_with('.'));
    entry == "*" || entry.trim_start_matches('[').trim_end_matches(']') == host || is_below()
}

impl Via {
    fn parse(url: &str) -> Result<Self, SettingsError> {
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(SettingsError::Proxy),
            // The usual short form in the environment.
            None => url,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, address) = match rest.rsplit_once('@') {
            Some((login, address)) => (Some(decode_login(login)?), address),
            None => (None, rest),
        };
        let (host, port) = match address.rsplit_once(':') {
            // The last colon of a bare IPv6 address in brackets is part of it.
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| SettingsError::Proxy)?)
            }
            _ => (address, 80),
        };
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if host.is_empty() || !host.chars().all(is_host) || (host.contains(':') && !host.starts_with('[')) {
            return Err(SettingsError::Proxy);
        }
        Ok(Self { host: host.to_ascii_lowercase(), port, login })
    }
}

fn decode_login(login: &str) -> Result<(String, String), SettingsError> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let decode = |text| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(SettingsError::Proxy),
    };
    Ok((decode(user)?, decode(password)?))
}

impl fmt::Debug for ProxyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyRule").field("via", &self.via).field("direct", &self.direct).finish()
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A user name may be a token, too.
        let login = self.login.as_ref().map(|_| "[redacted]");
        f.debug_struct("Via")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("login", &login)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(host: &str, port: u16, login: Option<(&str, &str)>) -> Via {
        Via { host: host.into(), port, login: login.map(|(user, password)| (user.into(), password.into())) }
    }

    fn rule(variables: &'static [(&'static str, &'static str)]) -> Result<ProxyRule, SettingsError> {
        ProxyRule::of_environment(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn urls() {
        for (url, expected) in [
            ("http://proxy:3128", Some(via("proxy", 3128, None))),
            ("HTTP://Proxy/", Some(via("proxy", 80, None))),
            ("proxy.example.com:8080", Some(via("proxy.example.com", 8080, None))),
            ("http://me:p%40ss@proxy", Some(via("proxy", 80, Some(("me", "p@ss"))))),
            ("http://me@proxy", Some(via("proxy", 80, Some(("me", ""))))),
            ("http://[2001:db8::1]:3128", Some(via("[2001:db8::1]", 3128, None))),
            ("http://[2001:db8::1]", Some(via("[2001:db8::1]", 80, None))),
            ("https://proxy", None),
            ("socks5://proxy", None),
            ("http://", None),
            ("http://proxy:0x1", None),
            ("http://proxy:99999", None),
            ("http://proxy/path", None),
            ("http://2001:db8::1", None),
            ("http://%ff@proxy", None),
        ] {
            assert_eq!(Via::parse(url).ok(), expected, "{url}");
        }
    }

    #[test]
    fn the_environment() {
        assert!(rule(&[("HTTP_PROXY", "http://plain:1")]).unwrap().via().is_none());
        let ordered =
            rule(&[("all_proxy", "http://d"), ("https_proxy", "http://b"), ("HTTPS_PROXY", "")]).unwrap();
        assert_eq!(ordered.via().map(|via| via.host.as_str()), Some("b"));
        assert_eq!(rule(&[("ALL_PROXY", "socks5://x")]).unwrap_err(), SettingsError::Proxy);
    }

    #[test]
    fn hosts_without_the_proxy() {
        let rule =
            rule(&[("HTTPS_PROXY", "http://p"), ("NO_PROXY", "a.test, .b.test,192.0.2.1,[2001:db8::1],")])
                .unwrap();
        for host in [
            "a.test",
            "x.a.test",
            "b.test",
            "x.b.test",
            "192.0.2.1",
            "[2001:db8::1]",
            "localhost",
            "127.0.0.1",
            "[::1]",
        ] {
            assert!(!rule.applies_to(host), "{host}");
        }
        for host in ["xa.test", "a.test.com", "192.0.2.2", "[2001:db8::2]"] {
            assert!(rule.applies_to(host), "{host}");
        }
        assert!(!self::rule(&[("HTTPS_PROXY", "http://p"), ("no_proxy", "*")]).unwrap().applies_to("a.test"));
        assert!(!ProxyRule::new(&Proxy::Direct).unwrap().applies_to("a.test"));
    }

    #[test]
    fn debug_shows_no_login() {
        let rule = ProxyRule::new(&Proxy::Via("http://canary:canary@proxy".into())).unwrap();
        assert!(!format!("{rule:?}").contains("canary"));
        assert!(!format!("{:?}", Proxy::Via("http://canary@proxy".into())).contains("canary"));
    }
}
