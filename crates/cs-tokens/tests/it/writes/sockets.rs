//! The same over sockets, with both HTTP clients.

use std::sync::Arc;
use std::time::Duration;

use crate::flaw::Flaw;
use cs_server::faults::{Fault, FaultPlan, Faults};
use cs_server::http::{Server, Tls};
use cs_transport::{Proxy, Ready, ReqwestTransport, Settings, Transport, UreqTransport, ready};
use tokio::runtime::Runtime;

use super::flow::Flow;
use super::lab::Lab;

/// Serves a lab on a free port of loopback, for as long as the runtime is there. Gives back its URL, what a client needs to
/// reach it, and what goes wrong on the service's side.
fn serve(lab: &Lab, runtime: &Runtime, is_tls: bool) -> (String, Settings, Arc<Faults>) {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let mut settings = Settings::default();
    settings.proxy = Proxy::Direct;
    let faults = Arc::new(Faults::default());
    let mut server = Server::new(Arc::clone(&lab.service)).faults(Arc::clone(&faults));
    if is_tls {
        let tls = Tls::generate(jiff::Timestamp::now(), &[]).unwrap();
        settings.extra_ca_pem = tls.authority().unwrap().into();
        server = server.tls(tls);
    }
    runtime.spawn(server.serve(listener, std::future::pending()));
    (format!("{}://{address}", if is_tls { "https" } else { "http" }), settings, faults)
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
async fn every_flaw<T: Transport + std::fmt::Debug + Clone + 'static>(
    lab: &Lab,
    url: &str,
    transport: &T,
) -> usize {
    let mut cases = 0;
    for flow in FLOWS {
        let (_, steps) = lab.run(flow, &[], transport.clone(), url).await.unwrap();
        // What is waited out is waited out in real time here.
        for flaw in Flaw::ALL.into_iter().filter(|flaw| *flaw != Flaw::TooManyWait) {
            for step in 0..steps {
                lab.run(flow, &[(step, flaw)], transport.clone(), url).await.unwrap();
                cases += 1;
            }
        }
    }
    cases
}

/// What goes wrong on the socket itself, so that it is the HTTP client that finds out and says what it was.
const CUT: [Fault; 4] = [Fault::NoConnection, Fault::LoseRequest, Fault::LoseAnswer, Fault::Truncate];

/// Each of these at every step of every one of these flows; gives back how many cases there were.
async fn every_fault<T: Transport + std::fmt::Debug + Clone + 'static>(
    lab: &Lab,
    (url, faults): (&str, &Faults),
    transport: &T,
    (flows, kinds): (&[Flow], &[Fault]),
) -> usize {
    let mut cases = 0;
    for flow in flows {
        let (_, steps) = lab.run(*flow, &[], transport.clone(), url).await.unwrap();
        for fault in kinds {
            for step in 0..steps {
                faults.add(FaultPlan::new(*fault).after(u32::try_from(step).unwrap()).times(1));
                let outcome = lab.run_with(*flow, &[], Some(Flaw::AnswerLost), transport.clone(), url).await;
                // What has happened as often as planned is planned no more.
                assert_eq!(faults.clear(), 0, "{flow:?}: {fault:?} at {step} did not happen");
                outcome.unwrap_or_else(|what| panic!("{fault:?} at {step}: {what}"));
                cases += 1;
            }
        }
    }
    cases
}

/// An answer that takes longer than a client waits; each of these is waited for, so there are few of them.
const LONG: Duration = Duration::from_secs(4);
const SLOW: [Fault; 2] = [Fault::Slow(LONG), Fault::SlowBody(LONG)];
const SLOW_FLOWS: [Flow; 3] = [Flow::CreateManagement, Flow::UpdateDelivery, Flow::LogOut];
const PATIENCE: Duration = Duration::from_millis(1_000);

fn with_ureq(is_tls: bool) {
    let (lab, runtime) = (Lab::of_today(), Runtime::new().unwrap());
    let (url, mut settings, faults) = serve(&lab, &runtime, is_tls);
    let transport = Ready(UreqTransport::new(&settings).unwrap());
    settings.total_limit = PATIENCE;
    let hasty = Ready(UreqTransport::new(&settings).unwrap());
    let cases = ready(async {
        let place = (url.as_str(), &*faults);
        every_flaw(&lab, &url, &transport).await
            + every_fault(&lab, place, &transport, (&Flow::ALL, &CUT)).await
            + every_fault(&lab, place, &hasty, (&SLOW_FLOWS, &SLOW)).await
    });
    let cases = cases.unwrap();
    println!("one fault, {url} with ureq: {cases} cases");
    assert!(cases > 400, "{cases}");
}

fn with_reqwest(is_tls: bool) {
    let (lab, runtime) = (Lab::of_today(), Runtime::new().unwrap());
    let (url, mut settings, faults) = serve(&lab, &runtime, is_tls);
    let transport = ReqwestTransport::new(&settings).unwrap();
    settings.total_limit = PATIENCE;
    let hasty = ReqwestTransport::new(&settings).unwrap();
    let cases = runtime.block_on(async {
        let place = (url.as_str(), &*faults);
        every_flaw(&lab, &url, &transport).await
            + every_fault(&lab, place, &transport, (&Flow::ALL, &CUT)).await
            + every_fault(&lab, place, &hasty, (&SLOW_FLOWS, &SLOW)).await
    });
    println!("one fault, {url} with reqwest: {cases} cases");
    assert!(cases > 400, "{cases}");
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
