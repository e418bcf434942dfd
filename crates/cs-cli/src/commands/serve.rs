//! `cstok serve`

mod banner;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use cs_model::Profile;
use cs_server::demo::{self, Demo};
use cs_server::store::{RedbStore, Store};
use cs_server::{Options, Service};
use jiff::Timestamp;

use self::banner::Banner;
use crate::args::TargetArgs;
use crate::args::serve::ServeArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::target;

/// Serves until a signal ends it.
pub(crate) fn run(args: &ServeArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    check(args, target)?;
    let profile = target::profile(target.profile.as_deref())?;
    let listener = listen(args.listen)?;
    let address =
        listener.local_addr().map_err(|error| Failure::unexpected("the socket has no address", &error))?;
    let store = open(&args.store)?;
    let place = store.describe();
    let service = Arc::new(Service::new(store, options(&profile, args)));
    cs_server::http::may_serve(&service, address)?;
    let session = if args.demo { Some(DemoSession::start(&service)?) } else { None };
    let banner = Banner {
        url: format!("http://{address}"),
        store: place,
        profile: &profile,
        rate_limit: !args.no_rate_limit,
        session: session.as_ref(),
    };
    let outcome = serve(listener, &service, || banner.print(output), output);
    if let Some(session) = session {
        session.end(&service);
    }
    outcome.map(|()| Exit::Ok)
}

fn check(args: &ServeArgs, target: &TargetArgs) -> Result<(), Failure> {
    if target.target.is_some() || target.url.is_some() || target.region.is_some() || target.stack.is_some() {
        return Err(Failure::usage(
            "`serve` is itself the API, so --target, --url, --region and --stack mean nothing to it",
        ));
    }
    if args.demo && !args.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "--demo has a password that everybody knows, and {} can be reached from other machines",
            args.listen
        ))
        .hint("listen on a loopback address, such as 127.0.0.1:8085, or leave --demo out"));
    }
    Ok(())
}

fn options(profile: &Profile, args: &ServeArgs) -> Options {
    let options = Options::default().profile(profile.clone());
    if args.no_rate_limit { options.no_rate_limit() } else { options }
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            Failure::new(Exit::NoAnswer, "address.in_use", format!("{address} is in use by another process"))
                .hint("end it, or choose another port: --listen 127.0.0.1:0 takes a free one")
        }
        _ => Failure::unexpected(format!("cannot listen on {address}"), &error),
    })
}

fn open(store: &Path) -> Result<RedbStore, Failure> {
    Ok(if store == Path::new("memory") { RedbStore::memory()? } else { RedbStore::open(store)? })
}

/// The demo stack and a session of its owner.
#[derive(Debug)]
pub(crate) struct DemoSession {
    demo: Demo,
    authtoken: cs_model::Secret,
}

impl DemoSession {
    fn start(service: &Service) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let demo = demo::ensure(service, now)?;
        let authtoken = demo::session(service, now, &demo)?;
        Ok(Self { demo, authtoken })
    }

    /// Ends it, so that sessions do not pile up in a store that is kept.
    fn end(&self, service: &Service) {
        // At worst the next sessions push it out.
        let _ = service.admin(Timestamp::now()).end_session(&self.authtoken);
    }
}

/// Runs the server; `ready` is called once it accepts connections.
fn serve(
    listener: TcpListener,
    service: &Arc<Service>,
    ready: impl FnOnce() -> Result<(), Failure>,
    output: &Output,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected("the server cannot be started", &error))?;
    runtime.block_on(async {
        let failed = |error: std::io::Error| Failure::unexpected("the server failed", &error);
        // Before anyone is told that it is ready, because then the first signal may come.
        let mut signals = Signals::listen().map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        ready()?;
        let stop = async move {
            signals.next().await;
            say("stopping: running requests are finished first");
            tokio::spawn(async move {
                signals.next().await;
                // Whoever asks twice does not want to wait for requests that hang.
                std::process::exit(i32::from(Exit::Unexpected.number()));
            });
        };
        Ok::<(), Failure>(cs_server::http::serve(listener, Arc::clone(service), stop).await?)
    })?;
    output.note("stopped");
    Ok(())
}

/// The signals that end the server.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        // Without the handler the process ends by the system's default, which is an end, too.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
