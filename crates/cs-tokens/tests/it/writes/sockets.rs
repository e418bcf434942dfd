//! The same over sockets, with both HTTP clients.

use std::sync::Arc;

use crate::flaw::Flaw;
use cs_server::http::{Server, Tls};
use cs_transport::{Proxy, Ready, ReqwestTransport, Settings, Transport, UreqTransport, ready};
use tokio::runtime::Runtime;

use super::flow::Flow;
use super::lab::Lab;

/// Serves a lab on a free port of loopback, for as long as the runtime is there. Gives back its URL and what a client needs
/// to reach it.
fn serve(lab: &Lab, runtime: &Runtime, is_tls: bool) -> (String, Settings) {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    let mut server = Server::new(Arc::clone(&lab.service));
    if is_tls {
        let tls = Tls::generate(jiff::Timestamp::now(), &[]).unwrap();
        settings.extra_ca_pem = tls.authority().unwrap().into();
        server = server.tls(tls);
    }
    runtime.spawn(server.serve(listener, std::future::pending()));
    (format!("{}://{address}", if is_tls { "https" } else { "http" }), settings)
}

/// The flows that differ on the wire.
const FLOWS: [Flow; 9] = [
    Flow::CreateWithPreview,
    Flow::UpdateDelivery,
    Flow::DeleteDelivery,
    Flow::CreateManagement,
    Flow::UpdateManagement,
    Flow::ReplacePreview,
    Flow::DeletePreview,
    Flow::LogIn,
    Flow::LogOut,
];

/// One fault at every step; gives back how many cases there were.
async fn every_fault<T: Transport>(lab: &Lab, url: &str, transport: &T) -> usize {
    let mut cases = 0;
    for flow in FLOWS {
        let (_, steps) = lab.run(flow, &[], transport, url).await.unwrap();
        // What is waited out is waited out in real time here.
        for flaw in Flaw::ALL.into_iter().filter(|flaw| *flaw != Flaw::TooManyWait) {
            for step in 0..steps {
                lab.run(flow, &[(step, flaw)], transport, url).await.unwrap();
                cases += 1;
            }
        }
    }
    cases
}

fn with_ureq(is_tls: bool) {
    let (lab, runtime) = (Lab::of_today(), Runtime::new().unwrap());
    let (url, settings) = serve(&lab, &runtime, is_tls);
    let transport = Ready(UreqTransport::new(&settings).unwrap());
    let cases = ready(every_fault(&lab, &url, &transport)).unwrap();
    println!("one fault, {url} with ureq: {cases} cases");
    assert!(cases > 200, "{cases}");
}

fn with_reqwest(is_tls: bool) {
    let (lab, runtime) = (Lab::of_today(), Runtime::new().unwrap());
    let (url, settings) = serve(&lab, &runtime, is_tls);
    let transport = ReqwestTransport::new(&settings).unwrap();
    let cases = runtime.block_on(every_fault(&lab, &url, &transport));
    println!("one fault, {url} with reqwest: {cases} cases");
    assert!(cases > 200, "{cases}");
}

#[test]
fn over_a_socket_with_ureq() {
    with_ureq(false);
}

#[test]
fn over_tls_with_ureq() {
    with_ureq(true);
}

#[test]
fn over_a_socket_with_reqwest() {
    with_reqwest(false);
}

#[test]
fn over_tls_with_reqwest() {
    with_reqwest(true);
}
