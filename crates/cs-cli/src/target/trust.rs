//! Whom the HTTP client trusts.

use cs_transport::Settings;

use crate::failure::Failure;

/// Names a file with certificates of authorities to trust, too: that of `cstok serve --tls --ca-out`, say.
pub(crate) const CA_FILE: &str = "CSTOK_CA_FILE";

/// The settings of the HTTP client.
pub(crate) fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    if let Some(path) = std::env::var_os(CA_FILE).filter(|path| !path.is_empty()) {
        settings.extra_ca_pem = std::fs::read(&path).map_err(|error| {
            Failure::usage(format!("the file `{}`, named by {CA_FILE}, cannot be read", path.display()))
                .caused_by(&error)
        })?;
    }
    Ok(settings)
}
