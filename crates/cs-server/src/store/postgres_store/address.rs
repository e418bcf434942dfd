//! Which database: the URL, read.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;

use cs_model::Secret;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::store::StoreError;

/// The address of a PostgreSQL database: `postgres://user:password@host:port/database`, with the parameters of libpq.
///
/// `sslmode` is `disable` or `verify-full`; `require` is taken for the latter, because a connection that is encrypted to
/// nobody knows whom protects no secret, and what may fall back to none (`allow`, `prefer`) is refused. Without it,
/// connections within this machine are not encrypted and all others are. `sslrootcert` names a file with the certificates
/// (PEM) to trust instead of those that browsers trust.
///
/// `Debug` and `Display` show no password.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: Config,
    /// The file with the certificates to trust.
    pub(super) roots: Option<PathBuf>,
}

impl PostgresAddress {
    /// Whether this looks like an address of a database, and not like a path.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// [`StoreError::Address`], which does not quote the text: it may hold a password.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = |reason| StoreError::Address { reason };
        if !Self::is_one(url) {
            return Err(wrong("it does not begin with `postgres://`"));
        }
        let (mut mode, mut roots) = (None, None);
        let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut rest = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value_text = percent_decode_str(value).decode_utf8_lossy().into_owned();
            match name {
                "sslmode" => mode = Some(value_text),
                "sslrootcert" => roots = Some(PathBuf::from(value_text)),
                _ => rest.push(parameter),
            }
        }
        let plain = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
        let mut config = Config::from_str(&plain).map_err(|_| {
            wrong("it is not `postgres://user:password@host:port/database`; encode what is special in a password, such as `%40` for `@`")
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        config.ssl_mode(match mode.as_deref() {
            None if is_local(&config) => SslMode::Disable,
            Some("disable") => SslMode::Disable,
            None | Some("require" | "verify-full") => SslMode::Require,
            Some("allow" | "prefer" | "verify-ca") => {
                return Err(wrong(
                    "its `sslmode` must be `disable` or `verify-full`: others trust anybody who answers",
                ));
            }
            Some(_) => return Err(wrong("its `sslmode` must be `disable` or `verify-full`")),
        });
        Ok(Self { config, roots })
    }

    /// Uses a password where the URL has none.
    #[must_use]
    pub fn or_password(mut self, password: &Secret) -> Self {
        if self.config.get_password().is_none() {
            self.config.password(password.reveal());
        }
        self
    }
}

/// Whether all hosts are this machine.
fn is_local(config: &Config) -> bool {
    let is_loopback = |name: &str| {
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => is_loopback(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    // An address is where the connection really goes.
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() { hosts } else { addresses.iter().all(std::net::IpAddr::is_loopback) }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "[{name}]")?,
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            if let Some(port) = ports.get(index).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresAddress").field(&self.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        PostgresAddress::parse(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        assert_eq!(mode("postgres://u@localhost/d"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1:5433/d"), SslMode::Disable);
        assert_eq!(mode("postgresql:///d?host=/tmp"), SslMode::Disable);
        assert_eq!(mode("postgres://u@db.example.invalid/d"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example.invalid/d?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://u@localhost/d?sslmode=verify-full&connect_timeout=3"), SslMode::Require);
        assert_eq!(mode("postgres://u@localhost/d?hostaddr=192.0.2.1"), SslMode::Require);
        for refused in ["prefer", "allow", "verify-ca", "yes"] {
            let error = PostgresAddress::parse(&format!("postgres://u@localhost/d?sslmode={refused}"));
            assert!(error.unwrap_err().to_string().contains("verify-full"), "{refused}");
        }
    }

    #[test]
    fn no_text_shows_the_password() {
        let address = PostgresAddress::parse("postgres://u:canary@db.example.invalid:5433/d").unwrap();
        assert_eq!(address.to_string(), "postgres://u@db.example.invalid:5433/d");
        assert_eq!(format!("{address:?}"), "PostgresAddress(\"postgres://u@db.example.invalid:5433/d\")");
        for wrong in
            ["postgres://u:canary@h:port/d", "postgres://u:canary@h/d?canary=canary", "mysql://u:canary@h/d"]
        {
            let error = PostgresAddress::parse(wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{wrong}");
        }
    }

    #[test]
    fn a_password_may_come_from_elsewhere() {
        let password = |url: &str| {
            let address = PostgresAddress::parse(url).unwrap().or_password(&Secret::new("other"));
            address.config.get_password().map(<[u8]>::to_vec)
        };
        assert_eq!(password("postgres://u@h/d").unwrap(), b"other");
        assert_eq!(password("postgres://u:own@h/d").unwrap(), b"own");
    }
}
