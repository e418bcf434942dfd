//! The target inside this program: the service over a file in the data directory, with its demo stack.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cs_model::{ApiKey, Profile, Secret};
use cs_server::demo::{self, Demo};
use cs_server::in_process::InProcess;
use cs_server::store::RedbStore;
use cs_server::{Options, Service};
use jiff::Timestamp;

use super::connection::Wire;
use crate::failure::Failure;
use crate::paths;

/// The service, running as long as this value. The file belongs to this process meanwhile.
pub(crate) struct Local {
    path: PathBuf,
    service: Arc<Service>,
    demo: Demo,
}

impl Local {
    /// An address that no request can leave for: `.invalid` belongs to nobody (RFC 2606).
    pub(crate) const URL: &'static str = "https://local.invalid";

    /// Opens the store, and makes the demo stack when it is missing. Waits briefly for a process that has the file open.
    pub(crate) fn open(profile: &Profile) -> Result<Self, Failure> {
        let path = paths::data_dir()?.join("local.redb");
        let store = RedbStore::open(&path)?;
        // Nobody else works on it, so nobody is protected by a limit per second.
        let service =
            Arc::new(Service::new(store, Options::default().profile(profile.clone()).no_rate_limit()));
        let demo = demo::ensure(&service, Timestamp::now())?;
        Ok(Self { path, service, demo })
    }

    /// A transport to it.
    pub(crate) fn wire(&self) -> Wire {
        Arc::new(InProcess::new(Arc::clone(&self.service)))
    }

    /// A new session of the demo owner.
    pub(crate) fn session(&self) -> Result<Secret, Failure> {
        Ok(demo::session(&self.service, Timestamp::now(), &self.demo)?)
    }

    /// The demo stack.
    pub(crate) const fn api_key(&self) -> &ApiKey {
        &self.demo.api_key
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
