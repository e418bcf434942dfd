//! The target inside this program: the service over a file in the data directory, with its demo stack.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use cs_model::{ApiKey, Profile, Secret};
use cs_server::demo::{self, Demo};
use cs_server::in_process::InProcess;
use cs_server::store::{MemoryStore, RedbStore, Store, StoreError};
use cs_server::{Options, Service};
use jiff::Timestamp;

use super::connection::Wire;
use crate::failure::Failure;
use crate::paths;

/// The store that is open in this process: a file belongs to one at a time, and one command may work on many stacks.
static OPEN: Mutex<Weak<Local>> = Mutex::new(Weak::new());

/// The file in the data directory.
const FILE: &str = "local.redb";

/// What a command does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It reads, and makes no file: where there is none it reads what a new one would have.
    Read,
    /// It changes something.
    Write,
}

/// The service, running as long as this value. The file belongs to this process meanwhile.
pub(crate) struct Local {
    /// The file; none where there is none yet, and what is read is in memory.
    path: Option<PathBuf>,
    service: Arc<Service>,
    demo: Demo,
}

impl Local {
    /// An address that no request can leave for: `.invalid` belongs to nobody (RFC 2606).
    pub(crate) const URL: &'static str = "https://local.invalid";

    /// The store: the one that is open already, or else it is opened.
    pub(crate) fn shared(access: Access, profile: &Profile) -> Result<Arc<Self>, Failure> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(local) = open.upgrade().filter(|local| access == Access::Read || local.path.is_some()) {
            return Ok(local);
        }
        let local = Arc::new(match access {
            Access::Read => Self::open_to_read(profile)?,
            Access::Write => Self::open(profile)?,
        });
        *open = Arc::downgrade(&local);
        Ok(local)
    }

    /// Opens the store, and makes the demo stack when it is missing. Waits briefly for a process that has the file open.
    fn open(profile: &Profile) -> Result<Self, Failure> {
        let path = paths::made_data_dir()?.join(FILE);
        let store = RedbStore::open(&path).map_err(|error| not_ours(error, &path))?;
        Self::over(store, Some(path), profile)
    }

    /// The same for a command that only reads.
    fn open_to_read(profile: &Profile) -> Result<Self, Failure> {
        let is_missing = matches!(paths::data_dir()?.join(FILE).try_exists(), Ok(false));
        if is_missing { Self::over(MemoryStore::new(), None, profile) } else { Self::open(profile) }
    }

    fn over(store: impl Store + 'static, path: Option<PathBuf>, profile: &Profile) -> Result<Self, Failure> {
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

    /// The file, if there is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// A store that this user may not open is a matter of which folder is named.
fn not_ours(error: StoreError, path: &Path) -> Failure {
    // The engine's errors do not tell, so the system is asked once more.
    let opened = OpenOptions::new().read(true).write(true).open(path).map(drop);
    let opened = match (opened, path.parent()) {
        (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound => {
            tempfile::tempfile_in(folder).map(drop)
        }
        (opened, _) => opened,
    };
    if matches!(opened, Err(denied) if denied.kind() == ErrorKind::PermissionDenied) {
        let message = format!("the store `{}` cannot be opened by this user", path.display());
        return Failure::usage(message).hint(format!("name another folder with {}", paths::DATA_DIR));
    }
    error.into()
}
