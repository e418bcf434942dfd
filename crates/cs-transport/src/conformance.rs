//! The suite that every transport has to pass.
//!
//! [`all()`] lists scripts. Each runs against any [`Transport`] and a [`Peer`], a small HTTP/1.1 server on
//! loopback that echoes, answers, stalls, breaks off and lies, as the path of the request asks. There are
//! three groups:
//!
//! - [`refusals()`]: requests that must not leave. They fit every transport, also one without sockets.
//! - [`answers()`]: what the peer gets and what comes back. They fit a transport in memory that answers with
//!   [`respond()`].
//! - [`faults()`]: limits, broken connections and wrong answers. They need a real connection, and a client
//!   built from [`settings()`].
//!
//! Every script also demands that no error shows what the request carries.
//!
//! # Examples
//!
//! ```
//! use cs_transport::conformance::{self, Peer};
//! use cs_transport::{Ready, from_fn, ready};
//!
//! let in_memory = Ready(from_fn(|request| Ok(conformance::respond(&request))));
//! let peer = Peer::start()?;
//! for script in conformance::refusals().iter().chain(conformance::answers()) {
//!     ready(script.run(&in_memory, &peer))??;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod echo;
mod failure;
mod faults;
mod peer;
mod refusals;
mod respond;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use self::echo::Echo;
pub use self::failure::Failure;
pub use self::peer::{Peer, Stream};
pub use self::respond::respond;
use crate::{Proxy, Settings, Transport};

/// The future of a running script.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// One thing that a transport has to do right.
#[derive(Clone, Copy)]
pub struct Script {
    name: &'static str,
    run: for<'a> fn(&'a dyn Transport, &'a Peer) -> Running<'a>,
}

impl Script {
    /// What the transport has to do, in snake case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs the script. The future awaits the transport and nothing else.
    pub fn run<'a>(&self, transport: &'a dyn Transport, peer: &'a Peer) -> Running<'a> {
        (self.run)(transport, peer)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Script").field(&self.name).finish()
    }
}

/// Every script: [`refusals()`], [`answers()`] and [`faults()`].
pub fn all() -> impl Iterator<Item = &'static Script> {
    refusals().iter().chain(answers()).chain(faults())
}

/// Requests that must not leave.
pub fn refusals() -> &'static [Script] {
    refusals::SCRIPTS
}

/// What the peer gets, and what comes back.
pub fn answers() -> &'static [Script] {
    answers::SCRIPTS
}

/// Limits, broken connections and wrong answers.
pub fn faults() -> &'static [Script] {
    faults::SCRIPTS
}

/// What a client must be built from to run [`faults()`]: short time limits, small size limits, no proxy.
pub fn settings() -> Settings {
    Settings {
        connect_limit: Duration::from_millis(700),
        total_limit: Duration::from_millis(1_500),
        body_limit: BODY_LIMIT,
        head_limit: HEAD_LIMIT,
        proxy: Proxy::Direct,
        ..Settings::default()
    }
}

/// [`Settings::body_limit`] of [`settings()`].
const BODY_LIMIT: usize = 64 * 1024;

/// [`Settings::head_limit`] of [`settings()`].
const HEAD_LIMIT: usize = 16 * 1024;

/// Makes a table of the async functions of a module.
macro_rules! scripts {
    ($($name:ident),+ $(,)?) => {
        pub(super) const SCRIPTS: &[Script] = &[
            $(Script { name: stringify!($name), run: |transport, peer| Box::pin($name(transport, peer)) }),+
        ];
    };
}
use scripts;
