//! What the rows of growth share: the sizes, a clock, and a service within this process.
//!
//! In scope: how times change with size, each row at once, ten times and a hundred times its size. Out of scope: peers; the
//! programs of each area have them.
#![forbid(unsafe_code)]

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use cs_bench_rows::{Bound, Table, grown};
use cs_model::{
    Access, Against, Checked, Draft, Grant, LimitId, ManagementTokenDraft, ModuleId, Profile, Secret,
    TokenUid,
};
use cs_server::in_process::{InProcess, URL};
use cs_server::store::Store;
use cs_server::{Options, Service, demo};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;
use jiff::Timestamp;

/// How many times the size.
pub const TIMES: [usize; 3] = [1, 10, 100];

/// Noon of 2026-11-21: nothing here depends on when it runs.
pub const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

/// How long each size is measured.
const LONG: Duration = Duration::from_millis(300);

/// The least number of runs, however long they take.
const RUNS: u32 = 3;

/// The fastest of many runs, in microseconds for one of `items`: other work on the machine only adds.
///
/// # Errors
///
/// As the first run that fails.
pub fn fastest(items: usize, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let (began, mut best, mut runs) = (Instant::now(), Duration::MAX, 0);
    while runs < RUNS || began.elapsed() < LONG {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed());
        runs += 1;
    }
    Ok(best.as_secs_f64() * 1e6 / items as f64)
}

/// Adds the row of a size.
pub fn row(table: &mut Table, what: &str, count: usize, of: impl Display, times: usize, micros: f64) {
    table.alone(&grown(what, count, of, times), "us", micros, Bound::None);
}

/// A service whose stacks may hold any number of tokens, at any rate, with its demo stack.
#[derive(Debug)]
pub struct Place {
    /// The service.
    pub service: Arc<Service>,
    /// Its demo stack and the owner of it.
    pub demo: demo::Demo,
    /// A session of the owner.
    pub session: Secret,
}

impl Place {
    /// Over a store.
    ///
    /// # Errors
    ///
    /// When the demo stack cannot be made.
    pub fn over(store: impl Store + 'static) -> Result<Self> {
        let limits = [LimitId::ManagementTokensPerStack, LimitId::DeliveryTokensPerStack];
        let profile = limits.into_iter().fold(Profile::seeds(), |it, id| it.with_limit(id, None, "measured"));
        let service = Arc::new(Service::new(store, Options::default().profile(profile).no_rate_limit()));
        let demo = demo::ensure(&service, NOW)?;
        let session = demo::session(&service, NOW, &demo)?;
        Ok(Self { service, demo, session })
    }

    /// A client of it that keeps no pace, as no time passes.
    ///
    /// # Errors
    ///
    /// Never, as long as the URL is one.
    pub fn client(&self) -> Result<Client<InProcess>> {
        let transport = InProcess::at(Arc::clone(&self.service), NOW);
        let credential = Credential::Authtoken(self.session.clone());
        Ok(Client::builder(transport).base_url(URL).credential(credential).unpaced().build()?)
    }
}

impl Place {
    /// Makes so many management tokens in the demo stack, and answers the uid of the last.
    ///
    /// # Errors
    ///
    /// When one is refused, and when none is asked for.
    pub fn fill(&self, count: usize) -> Result<TokenUid> {
        let client = self.client()?;
        let stack = client.stack(self.demo.api_key.clone());
        let mut last = None;
        for number in 0..count {
            last = Some(stack.management_tokens().create(&draft(&format!("token {number}"))?)?.uid);
        }
        last.context("no token was made")
    }
}

/// A management token that is made.
///
/// # Errors
///
/// When the rules refuse it.
pub fn draft(name: &str) -> Result<Checked<ManagementTokenDraft>> {
    let draft =
        ManagementTokenDraft::new(name).module(ModuleId::Entry, Access::Read).branches(Grant::only(["main"]));
    draft
        .check(&Against::new(&Profile::seeds(), NOW))
        .map_err(|violations| anyhow::anyhow!("the draft is refused: {violations}"))
}
