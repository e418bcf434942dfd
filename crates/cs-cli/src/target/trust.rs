//! The HTTP client: whom it trusts, and the proxy that the environment names.

use cs_transport::{Settings, SettingsError, UreqTransport};

use crate::failure::Failure;

/// Names a file with certificates of authorities to trust, too: that of `cstok serve --tls --ca-out`, say.
pub(crate) const CA_FILE: &str = "CSTOK_CA_FILE";

/// The HTTP client.
pub(crate) fn transport() -> Result<UreqTransport, Failure> {
    UreqTransport::new(&settings()?).map_err(|error| {
        let failure = Failure::usage("the HTTP client cannot be set up").caused_by(&error);
        match error {
            SettingsError::ExtraCa => failure.hint(format!("{CA_FILE} names the file of certificates")),
            SettingsError::Proxy => failure.hint("the proxy is named by HTTPS_PROXY or ALL_PROXY"),
            _ => failure,
        }
    })
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    if let Some(path) = std::env::var_os(CA_FILE).filter(|path| !path.is_empty()) {
        settings.extra_ca_pem = std::fs::read(&path).map_err(|error| {
            Failure::usage(format!("the file `{}`, named by {CA_FILE}, cannot be read", path.display()))
                .caused_by(&error)
        })?;
    }
    Ok(settings)
}
