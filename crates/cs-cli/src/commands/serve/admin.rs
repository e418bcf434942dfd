//! The admin API beside the service.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use cs_model::Secret;
use cs_server::access_log::AccessLog;
use cs_server::admin_http::{AdminServer, AdminServerError};
use cs_server::faults::Faults;
use cs_server::metrics::Metrics;
use cs_server::{Clock, Service};

use super::listen;
use crate::args::serve::admin::AdminArgs;
use crate::failure::Failure;

/// Holds the token of the admin API.
const TOKEN: &str = "CSTOK_ADMIN_TOKEN";

/// An admin API that is going to be served.
pub(super) struct Admin {
    pub(super) server: AdminServer,
    pub(super) listener: TcpListener,
    pub(super) url: String,
    /// The token, if it was made here: whoever gave one knows it.
    pub(super) token: Option<Secret>,
}

/// What the admin API works on.
pub(super) struct Works<'a> {
    pub(super) service: &'a Arc<Service>,
    pub(super) clock: &'a Arc<Clock>,
    pub(super) faults: &'a Arc<Faults>,
    pub(super) metrics: Option<&'a Arc<Metrics>>,
    pub(super) access_log: Option<&'a Arc<AccessLog>>,
}

/// Makes it ready, if it is asked for.
pub(super) fn prepare(args: &AdminArgs, works: &Works<'_>) -> Result<Option<Admin>, Failure> {
    let Some(address) = args.admin else { return Ok(None) };
    let given = given(args)?;
    if given.is_none() && !address.ip().to_canonical().is_loopback() {
        return Err(Failure::usage(format!(
            "the admin API on {address} can be reached from other machines, and nobody chose its token"
        ))
        .hint(format!("give one with --admin-token-file or {TOKEN}, or listen on a loopback address")));
    }
    let (token, made) = match given {
        Some(token) => (token, None),
        None => {
            let token = AdminServer::draw_token()?;
            (token.clone(), Some(token))
        }
    };
    let Works { service, clock, faults, metrics, access_log } = works;
    let server = AdminServer::new(Arc::clone(service), &token, Arc::clone(clock), Arc::clone(faults));
    let mut server = server.map_err(|error| match error {
        AdminServerError::Store(error) => error.into(),
        other => Failure::usage(other.to_string()),
    })?;
    if let Some(metrics) = metrics {
        server = server.metrics(Arc::clone(metrics), access_log.cloned());
    }
    let listener = listen(address, "--admin")?;
    let url = format!("http://{}", local(&listener)?);
    Ok(Some(Admin { server, listener, url, token: made }))
}

fn local(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::unexpected("the socket has no address", &error))
}

/// The token from the file or the environment.
fn given(args: &AdminArgs) -> Result<Option<Secret>, Failure> {
    let text = match &args.admin_token_file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("the file `{}` with the admin token cannot be read", path.display()))
                .caused_by(&error)
        })?),
        None => std::env::var(TOKEN).ok().filter(|text| !text.is_empty()),
    };
    Ok(text.map(|text| Secret::new(text.trim())))
}
