//! The certificate that is served.

use std::net::SocketAddr;

use cs_server::http::{Tls, TlsError};
use jiff::Timestamp;

use crate::args::serve::around::TlsArgs;
use crate::failure::Failure;

/// The certificate, if https is asked for; its authority is written where it is asked for.
pub(super) fn prepare(args: &TlsArgs, address: SocketAddr) -> Result<Option<Tls>, Failure> {
    if !args.tls {
        return Ok(None);
    }
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Tls::from_files(certificate, key),
        _ => {
            let ip = address.ip().to_canonical();
            let mut names = args.tls_names.clone();
            if !ip.is_unspecified() {
                names.push(ip.to_string());
            }
            // By the system's time, whatever the service's clock shows: clients go by theirs.
            Tls::generate(Timestamp::now(), &names)
        }
    };
    let tls = tls.map_err(|error| failure(&error))?;
    if let Some(path) = &args.ca_out {
        tls.write_authority(path).map_err(|error| failure(&error))?;
    }
    Ok(Some(tls))
}

fn failure(error: &TlsError) -> Failure {
    let failure = match error {
        TlsError::Write { .. } => {
            return Failure::unexpected("the authority's certificate is not kept", error);
        }
        TlsError::Generate(_) => Failure::usage(error.to_string())
            .hint("give names such as `cms.test` and addresses such as `10.0.0.7` with --tls-name"),
        _ => Failure::usage(error.to_string()),
    };
    match std::error::Error::source(error) {
        Some(source) => failure.caused_by(source),
        None => failure,
    }
}
