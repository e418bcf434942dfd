//! Arguments of `serve`.

pub(crate) mod admin;
pub(crate) mod around;
pub(crate) mod rules;

use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};

use clap::Args;
use cs_server::ClockSetting;

use self::admin::AdminArgs;
use self::around::{LogArgs, TlsArgs};
use self::rules::RuleArgs;
use super::nowhere::ProfileOnly;

/// What to serve, where, and from what.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  cstok serve --demo                                  a stack to try things on, gone at the end
  cstok serve --demo --store demo.redb                the same, kept in a file
  cstok serve --store postgres://cs@db/tokens         for a team; any number of these may run
  cstok serve --demo --json > ready &                 for scripts: the one line has all they need
  cstok serve --demo --listen 127.0.0.1:0             on a free port
  cstok serve --demo --tls --ca-out ca.pem            over https; clients are to trust ca.pem
  cstok serve --demo --clock fixed:2026-11-21T12:00:00Z --admin 127.0.0.1:8086
                                                      time stands until the admin API moves it
  cstok serve --demo --access-log access.jsonl --metrics
  cstok serve --demo --switch answer_shape=documented --limit delivery_tokens_per_stack=3

SIGTERM and SIGINT finish running requests and exit with 0. SIGHUP opens the access log anew.
GET /health says that the process lives, GET /ready that its store can be read.")]
pub(crate) struct ServeArgs {
    /// The address to listen on, with a name or a number; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8085", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Where data lives: `memory`, gone at the end; a file; or a PostgreSQL database that several of us may share
    ///
    /// A database is `postgres://user@host:port/database`. Keep its password out of the command line, which others can see:
    /// set PGPASSWORD, or CSTOK_STORE to the whole address. Connections to other machines are encrypted, and the
    /// certificate is checked; `?sslrootcert=FILE` names one of your own to trust, `?sslmode=disable` does without.
    #[arg(
        long,
        value_name = "memory|PATH|URL",
        default_value = "memory",
        env = "CSTOK_STORE",
        hide_env_values = true
    )]
    pub(crate) store: OsString,

    /// Where clients reach it, when that is not the address of --listen, as behind a proxy
    ///
    /// Addresses of assets begin with it.
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,

    /// Make a demo organization, owner and stack where they are missing, and a session of the owner
    ///
    /// The stack has the branches `main` and `development`, the aliases `deploy` and `release`, and the environments
    /// `production` and `staging`. E-mail and password are fixed and printed, so this works on loopback addresses only.
    #[arg(long)]
    pub(crate) demo: bool,

    /// The time: `real`, `fixed:TIME`, which stands until the admin API moves it, or `offset:DURATION`
    ///
    /// `fixed:2026-11-21T12:00:00Z` stands; `offset:90d` and `offset:-2h` run, ahead of and behind the system's time.
    /// Everything that depends on time follows: expiry, limits per second, the stamps of what is made. While the time
    /// stands, no second ends, so `fixed:TIME` turns the limits per second off.
    #[arg(long, value_name = "CLOCK", default_value = "real")]
    pub(crate) clock: ClockSetting,

    #[command(flatten)]
    pub(crate) rules: RuleArgs,

    #[command(flatten)]
    pub(crate) tls: TlsArgs,

    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) admin: AdminArgs,

    #[command(flatten)]
    pub(crate) nowhere: ProfileOnly,
}

impl ServeArgs {
    /// Whether requests are counted against the limits per second.
    pub(crate) const fn counts_per_second(&self) -> bool {
        !self.rules.no_rate_limit && !matches!(self.clock, ClockSetting::Fixed(_))
    }
}

/// The beginning of addresses: a scheme, a host, perhaps a path.
fn public_url(text: &str) -> Result<String, String> {
    let uri: Option<http::Uri> = text.parse().ok();
    let is_one = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
    });
    if is_one {
        Ok(text.to_owned())
    } else {
        Err("give an address such as `https://cms.test:8085`".to_owned())
    }
}

/// An address, also of a name. Where a name has several, one of IPv4 is meant: that is what most clients try first.
fn address(text: &str) -> Result<SocketAddr, String> {
    let form = "such as `127.0.0.1:8085` or `localhost:8085`";
    let found: Vec<SocketAddr> = match text.to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            return Err(format!("give a host and a port, {form}"));
        }
        Err(_) => return Err(format!("nobody knows the host; give one with a port, {form}")),
    };
    let first = found.iter().find(|address| address.is_ipv4()).or_else(|| found.first());
    first.copied().ok_or_else(|| format!("the host has no address; give one with a port, {form}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_have_a_scheme_and_a_host() {
        assert_eq!(public_url("https://cms.test:8085/api").unwrap(), "https://cms.test:8085/api");
        for wrong in ["", "cms.test", "cms.test:80", "ftp://cms.test", "/v3", "https://", "https://x/?a=b"] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_and_numbers_are_addresses() {
        assert_eq!(address("127.0.0.1:8085").unwrap().port(), 8085);
        assert!(address("[::1]:0").unwrap().ip().is_loopback());
        assert!(address("localhost:8085").unwrap().ip().is_loopback());
        for wrong in ["localhost", "8085", ":x", "no.such.host.invalid:1"] {
            assert!(address(wrong).unwrap_err().contains("localhost:8085"), "{wrong}");
        }
    }
}
