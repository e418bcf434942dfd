//! The service on a socket, with or without TLS, and a proxy in front of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cs_server::demo::{self, Demo};
use cs_server::http::{Server, Tls};
use cs_server::store::RedbStore;
use cs_server::{Options, Service};
use cs_tests::FaultProxy;
use cs_transport::{Proxy, Settings};
use jiff::Timestamp;

/// A service, the way around the proxy and the way through it.
pub(super) struct World {
    pub(super) demo: Demo,
    pub(super) proxy: FaultProxy,
    pub(super) direct: String,
    pub(super) through: String,
    pub(super) settings: Settings,
}

impl World {
    pub(super) fn new(is_secure: bool) -> Self {
        let service =
            Arc::new(Service::new(RedbStore::memory().unwrap(), Options::default().no_rate_limit()));
        let demo = demo::ensure(&service, Timestamp::now()).unwrap();
        let mut server = Server::new(service);
        let mut settings = Settings::default();
        settings.proxy = Proxy::Direct;
        settings.total_limit = Duration::from_millis(1_500);
        if is_secure {
            let tls = Tls::generate(Timestamp::now(), &[]).unwrap();
            settings.extra_ca_pem = tls.authority().unwrap().as_bytes().to_vec();
            server = server.tls(tls);
        }
        let address = serve(server);
        let proxy = FaultProxy::start(address).unwrap();
        let scheme = if is_secure { "https" } else { "http" };
        let url = |address: SocketAddr| format!("{scheme}://{address}");
        Self { demo, direct: url(address), through: url(proxy.address()), proxy, settings }
    }
}

/// Serves for the life of the test process.
fn serve(server: Server) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            server.serve(listener, std::future::pending()).await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
