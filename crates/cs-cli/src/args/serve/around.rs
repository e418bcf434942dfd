//! Arguments of `serve` about what is around the service: TLS and logs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// TLS.
#[derive(Args, Debug)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsArgs {
    /// Serve https, with a certificate that is made at the start unless --tls-cert names one
    ///
    /// It is for `localhost`, `127.0.0.1`, `::1`, the address of --listen and each --tls-name.
    #[arg(long)]
    pub(crate) tls: bool,

    /// A certificate in PEM form, with those between it and its authority behind it
    #[arg(long, value_name = "FILE", requires_all = ["tls", "tls_key"])]
    pub(crate) tls_cert: Option<PathBuf>,

    /// Its private key in PEM form
    #[arg(long, value_name = "FILE", requires_all = ["tls", "tls_cert"])]
    pub(crate) tls_key: Option<PathBuf>,

    /// One more name or address that the certificate is for; may be repeated
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls", conflicts_with = "tls_cert")]
    pub(crate) tls_names: Vec<String>,

    /// Write the certificate of the authority to this file: clients are to trust it
    ///
    /// An earlier certificate is replaced, anything else is not. curl: --cacert FILE. Node.js: NODE_EXTRA_CA_CERTS=FILE. Python requests: REQUESTS_CA_BUNDLE=FILE.
    #[arg(long, value_name = "FILE", requires = "tls", conflicts_with = "tls_cert")]
    pub(crate) ca_out: Option<PathBuf>,
}

/// Logs and numbers.
#[derive(Args, Debug)]
#[command(next_help_heading = "Logs and numbers")]
pub(crate) struct LogArgs {
    /// Append one JSON line for each request to this file, without secrets
    ///
    /// A line has time, method, path, route, api_key, organization, principal, principal_uid, branch, environment, status,
    /// error_code, verdict, rules and duration_us. The file can be read by its owner only.
    #[arg(long, value_name = "FILE")]
    pub(crate) access_log: Option<PathBuf>,

    /// Show numbers for Prometheus at /metrics, to whoever asks
    ///
    /// The admin API shows them, too, to whoever has its token.
    #[arg(long)]
    pub(crate) metrics: bool,

    /// The form of what the server says of itself on standard error
    #[arg(long = "log", value_name = "FORM", value_enum, default_value_t = LogForm::Text)]
    pub(crate) form: LogForm,

    /// How much the server says of itself
    #[arg(long = "log-level", value_name = "LEVEL", value_enum, default_value_t = LogLevel::Warn)]
    pub(crate) level: LogLevel,
}

/// The form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Lines for people
    Text,
    /// A JSON object on each line
    Json,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// Nothing
    Off,
    /// What went wrong on this side, such as a store that fails
    Error,
    /// What may become wrong
    Warn,
    /// Starts, ends, handshakes that failed
    Info,
    /// Connections that broke
    Debug,
}
