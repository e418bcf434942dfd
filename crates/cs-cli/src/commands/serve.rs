//! `cstok serve`

mod admin;
mod banner;
mod files;
mod log;
mod signals;
mod store;
mod tls;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use cs_model::Profile;
use cs_server::access_log::AccessLog;
use cs_server::demo::{self, Demo};
use cs_server::faults::Faults;
use cs_server::http::Server;
use cs_server::metrics::{Metered, Metrics};
use cs_server::store::Store;
use cs_server::{Clock, Options, Service};

use self::admin::{Admin, Works};
use self::banner::Banner;
use self::signals::Signals;
use self::store::Place;
use crate::args::TargetArgs;
use crate::args::serve::ServeArgs;
use crate::args::serve::around::LogForm;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::target;

/// Serves until a signal ends it.
pub(crate) fn run(args: &ServeArgs, target: &TargetArgs, output: &Output) -> Result<Exit, Failure> {
    check(args)?;
    log::start(&args.logs);
    let profile = args.rules.apply(target::profile(target.profile.as_deref())?);
    let place = Place::read(&args.store)?;
    files::check(args, &place)?;
    let listener = listen(args.listen, "--listen")?;
    let address =
        listener.local_addr().map_err(|error| Failure::unexpected("the socket has no address", &error))?;
    let tls = tls::prepare(&args.tls, address)?;
    let access_log = access_log(args)?;
    let metrics = (args.logs.metrics || args.admin.admin.is_some()).then(Arc::<Metrics>::default);
    let store = place.open()?;
    let place = store.describe();
    let url = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    let service = Arc::new(service(store, metrics.as_ref(), options(&profile, args, &url)));
    cs_server::http::may_serve(&service, address)?;
    let clock = Arc::new(Clock::new(args.clock));
    let session = if args.demo { Some(DemoSession::start(&service, &clock)?) } else { None };
    let faults = Arc::<Faults>::default();
    let works = Works {
        service: &service,
        clock: &clock,
        faults: &faults,
        metrics: metrics.as_ref(),
        access_log: access_log.as_ref(),
    };
    // Behind the session, so that a reset does not end it.
    let admin = admin::prepare(&args.admin, &works)?;
    let banner = Banner {
        args,
        admin: admin.as_ref(),
        url,
        store: place,
        profile: &profile,
        session: session.as_ref(),
    };
    let mut server = Server::new(Arc::clone(&service)).clock(Arc::clone(&clock)).faults(faults);
    if let Some(log) = &access_log {
        server = server.access_log(Arc::clone(log));
    }
    if let Some(metrics) = metrics {
        server = server.metrics(metrics);
    }
    if args.logs.metrics {
        server = server.show_metrics();
    }
    if let Some(tls) = tls {
        server = server.tls(tls);
    }
    let printed = || banner.print(output);
    let outcome = serve(server, listener, access_log, admin.as_ref(), args.logs.form, printed);
    if let Some(session) = session {
        session.end(&service, &clock);
    }
    outcome.map(|()| Exit::Ok)
}

fn check(args: &ServeArgs) -> Result<(), Failure> {
    if args.demo && !args.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "--demo has a password that everybody knows, and {} can be reached from other machines",
            args.listen
        ))
        .hint("listen on a loopback address, such as 127.0.0.1:8085, or leave --demo out"));
    }
    Ok(())
}

fn options(profile: &Profile, args: &ServeArgs, url: &str) -> Options {
    let options =
        Options::default().profile(profile.clone()).public_url(args.public_url.as_deref().unwrap_or(url));
    if args.counts_per_second() { options } else { options.no_rate_limit() }
}

/// The service, over a store whose transactions are counted if anything is.
fn service(store: impl Store + 'static, metrics: Option<&Arc<Metrics>>, options: Options) -> Service {
    match metrics {
        Some(metrics) => Service::new(Metered::new(store, Arc::clone(metrics)), options),
        None => Service::new(store, options),
    }
}

fn access_log(args: &ServeArgs) -> Result<Option<Arc<AccessLog>>, Failure> {
    let Some(path) = &args.logs.access_log else { return Ok(None) };
    let log = AccessLog::open(path).map_err(|error| {
        Failure::unexpected(format!("the access log `{}` cannot be written", path.display()), &error)
    })?;
    Ok(Some(Arc::new(log)))
}

/// `option` is the one that names the address.
fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            Failure::new(Exit::NoAnswer, "address.in_use", format!("{address} is in use by another process"))
                .hint(format!("end it, or choose another port: {option} 127.0.0.1:0 takes a free one"))
        }
        _ => Failure::unexpected(format!("cannot listen on {address}"), &error),
    })
}

/// The demo stack and a session of its owner.
#[derive(Debug)]
pub(crate) struct DemoSession {
    demo: Demo,
    authtoken: cs_model::Secret,
}

impl DemoSession {
    fn start(service: &Service, clock: &Clock) -> Result<Self, Failure> {
        let now = clock.now();
        let demo = demo::ensure(service, now)?;
        let authtoken = demo::session(service, now, &demo)?;
        Ok(Self { demo, authtoken })
    }

    /// Ends it, so that sessions do not pile up in a store that is kept.
    fn end(&self, service: &Service, clock: &Clock) {
        // At worst the next sessions push it out.
        let _ = service.admin(clock.now()).end_session(&self.authtoken);
    }
}

/// Runs the server; `ready` is called once it accepts connections.
fn serve(
    server: Server,
    listener: TcpListener,
    access_log: Option<Arc<AccessLog>>,
    admin: Option<&Admin>,
    form: LogForm,
    ready: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected("the server cannot be started", &error))?;
    runtime.block_on(async {
        let failed = |error: std::io::Error| Failure::unexpected("the server failed", &error);
        // Before anyone is told that it is ready, because then the first signal may come.
        let mut signals = Signals::listen().map_err(failed)?;
        if let Some(log) = access_log {
            signals::at_hangup(move || log.reopen()).map_err(failed)?;
        }
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        if let Some(admin) = admin {
            let listener = admin.listener.try_clone().map_err(failed)?;
            let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
            // Ends with the runtime: nothing that it does is waited for.
            tokio::spawn(admin.server.clone().serve(listener, std::future::pending()));
        }
        ready()?;
        let stop = async move {
            signals.next().await;
            log::note(form, "stopping: running requests are finished first");
            tokio::spawn(async move {
                signals.next().await;
                // Whoever asks twice does not want to wait for requests that hang.
                std::process::exit(i32::from(Exit::Unexpected.number()));
            });
        };
        Ok::<(), Failure>(server.serve(listener, stop).await?)
    })?;
    log::note(form, "stopped");
    Ok(())
}
