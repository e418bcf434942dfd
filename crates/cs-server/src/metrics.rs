//! Numbers for Prometheus (feature `server`): what came in, what became of it, how long it took.
//!
//! | name | kind | labels |
//! |---|---|---|
//! | `cstok_requests_total` | counter | `method`, `route`, `status` |
//! | `cstok_request_duration_seconds` | histogram | `method`, `route` |
//! | `cstok_rate_limited_total` | counter | |
//! | `cstok_faults_total` | counter | `fault` |
//! | `cstok_connections` | gauge | |
//! | `cstok_connections_accepted_total` | counter | |
//! | `cstok_connections_evicted_total` | counter | |
//! | `cstok_tls_handshakes_failed_total` | counter | |
//! | `cstok_store_transactions_total` | counter | `mode`, `outcome` |
//! | `cstok_store_transaction_duration_seconds` | histogram | `mode` |
//! | `cstok_access_log_dropped_total`, `cstok_access_log_failed_total` | counter | |
//!
//! `route` is a template of the route table, or empty for a path that no document knows: no label is the client's own
//! word. No number holds a secret.

mod metered;

use std::sync::atomic::Ordering;
use std::time::Duration;

use cs_model::{Method, RouteId};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::access_log::AccessLog;
use crate::trace::Trace;

pub use metered::Metered;

/// The media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// The numbers of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Durations<RouteLabels>,
    rate_limited: Counter,
    faults: Family<FaultLabels, Counter>,
    pub(crate) connections: Gauge,
    pub(crate) accepted: Counter,
    pub(crate) evicted: Counter,
    pub(crate) handshakes_failed: Counter,
    transactions: Family<TransactionLabels, Counter>,
    transaction_durations: Durations<ModeLabels>,
    log_dropped: Counter,
    log_failed: Counter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabels {
    fault: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransactionLabels {
    mode: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModeLabels {
    mode: &'static str,
}

/// In seconds: from a tenth of a millisecond to ten seconds.
const BUCKETS: [f64; 11] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 10.0];

fn durations() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("cstok"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            rate_limited: Counter::default(),
            faults: Family::default(),
            connections: Gauge::default(),
            accepted: Counter::default(),
            evicted: Counter::default(),
            handshakes_failed: Counter::default(),
            transactions: Family::default(),
            transaction_durations: Family::new_with_constructor(durations),
            log_dropped: Counter::default(),
            log_failed: Counter::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("requests", "Requests that were answered", self.requests.clone());
        to.register(
            "request_duration_seconds",
            "Time from a request's head to its answer",
            self.durations.clone(),
        );
        to.register("rate_limited", "Requests beyond a limit per second", self.rate_limited.clone());
        to.register("faults", "Planned faults that happened", self.faults.clone());
        to.register("connections", "Open connections", self.connections.clone());
        to.register("connections_accepted", "Connections that were accepted", self.accepted.clone());
        to.register(
            "connections_evicted",
            "Idle connections that were closed to make room",
            self.evicted.clone(),
        );
        to.register("tls_handshakes_failed", "TLS handshakes that failed", self.handshakes_failed.clone());
        to.register("store_transactions", "Transactions of the store", self.transactions.clone());
        to.register(
            "store_transaction_duration_seconds",
            "Time of a transaction, retries with it",
            self.transaction_durations.clone(),
        );
        to.register(
            "access_log_dropped",
            "Lines left out of the access log because its queue was full",
            self.log_dropped.clone(),
        );
        to.register(
            "access_log_failed",
            "Lines of the access log that could not be written",
            self.log_failed.clone(),
        );
    }

    /// All of them as text, in the form of OpenMetrics, which Prometheus reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }

    pub(crate) fn answered(&self, method: &http::Method, status: u16, took: Duration, trace: &Trace) {
        // An unknown method would be a label of the client's own making.
        let method = Method::parse(method.as_str()).map_or("other", Method::as_str);
        let route = trace.route.map_or("", |route: RouteId| route.row().template);
        self.requests.get_or_create(&RequestLabels { method, route, status }).inc();
        self.durations.get_or_create(&RouteLabels { method, route }).observe(took.as_secs_f64());
        if trace.rate_limited {
            self.rate_limited.inc();
        }
    }

    pub(crate) fn fault(&self, fault: &'static str) {
        self.faults.get_or_create(&FaultLabels { fault }).inc();
    }

    /// Brings in what the access log counts for itself.
    pub(crate) fn take_over(&self, log: &AccessLog) {
        self.log_dropped.inner().store(log.dropped(), Ordering::Relaxed);
        self.log_failed.inner().store(log.failed(), Ordering::Relaxed);
    }
}
