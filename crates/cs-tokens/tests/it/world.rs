//! A demo stack in memory, a client that talks to it, and a folder for env files.

use std::path::Path;
use std::sync::Arc;

use cs_model::{ApiKey, Profile, RouteId, Secret};
use cs_server::in_process::{Fault, InProcess, URL};
use cs_server::store::RedbStore;
use cs_server::{Options, Service, demo};
use cs_tokens::blocking::{Client, StackClient};
use cs_tokens::{Action, Applied, Credential, Declaration, Plan, PlanError, PlanOptions, Sinks};
use jiff::Timestamp;
use tempfile::TempDir;

/// When every story begins.
pub(crate) const START: &str = "2026-11-21T12:00:00Z";

pub(crate) struct World {
    pub(crate) client: Client<Arc<InProcess>>,
    pub(crate) transport: Arc<InProcess>,
    pub(crate) api_key: ApiKey,
    pub(crate) authtoken: Secret,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Profile::seeds())
    }

    pub(crate) fn with(profile: Profile) -> Self {
        let start: Timestamp = START.parse().unwrap();
        let options = Options::default().profile(profile.clone());
        let service = Arc::new(Service::new(RedbStore::memory().unwrap(), options));
        let demo = demo::ensure(&service, start).unwrap();
        let authtoken = demo::session(&service, start, &demo).unwrap();
        let transport = Arc::new(InProcess::at(service, start));
        let client = Client::builder(Arc::clone(&transport))
            .base_url(URL)
            .credential(Credential::Authtoken(authtoken.clone()))
            .profile(profile)
            .build()
            .unwrap();
        Self { client, transport, api_key: demo.api_key, authtoken, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn stack(&self) -> StackClient<'_, Arc<InProcess>> {
        self.client.stack(self.api_key.clone())
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }

    /// The value of a variable of an env file.
    pub(crate) fn value(&self, file: &str, variable: &str) -> String {
        let text = self.read(file);
        let line = text.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("`{file}` has no `{variable}`")).to_owned()
    }

    pub(crate) fn try_plan(&self, text: &str, options: PlanOptions) -> Result<(Plan, Sinks), PlanError> {
        let declaration = Declaration::read("shop.toml", text);
        let sinks = Sinks::read(self.path(), &declaration);
        self.stack().plan(&declaration, &sinks, options).map(|plan| (plan, sinks))
    }

    pub(crate) fn plan(&self, text: &str) -> Plan {
        self.try_plan(text, PlanOptions::default()).unwrap().0
    }

    /// What is wrong with a text, one line each.
    pub(crate) fn problems(&self, text: &str) -> Vec<String> {
        match self.try_plan(text, PlanOptions::default()) {
            Ok((plan, _)) => plan.warnings.iter().map(ToString::to_string).collect(),
            Err(PlanError::Problems(problems)) => problems.items().iter().map(ToString::to_string).collect(),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Plans that a write goes wrong, and that nothing can be found out about it: all looks fail.
    pub(crate) fn cut_off(&self, write: RouteId, fault: Fault, look: RouteId) {
        self.transport.fail_next_on(write, fault);
        // Three looks, each sent four times.
        for _ in 0..12 {
            self.transport.fail_next_on(look, Fault::LoseRequest);
        }
    }

    pub(crate) fn apply(&self, text: &str) -> Applied {
        self.apply_with(text, PlanOptions::default())
    }

    pub(crate) fn apply_with(&self, text: &str, options: PlanOptions) -> Applied {
        let (plan, sinks) = self.try_plan(text, options).unwrap();
        self.stack().apply(&plan, &sinks, &mut |_| {}).unwrap()
    }

    /// Applies, insists that all went well, and that nothing is left to do.
    pub(crate) fn settle(&self, text: &str) {
        let applied = self.apply(text);
        assert!(applied.is_complete(), "{:?}", applied.failed);
        assert!(!self.plan(text).has_changes, "{}", lines(&self.plan(text)));
    }
}

/// A plan as one would read it: a line for each step.
pub(crate) fn lines(plan: &Plan) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        out.push_str(&format!("{} {} {}", step.action, step.kind, step.name));
        if step.action != Action::Create {
            for change in &step.changes {
                out.push_str(&format!("\n    {change}"));
            }
        }
        if let Some(why) = &step.why {
            out.push_str(&format!("\n    {why}"));
        }
        for note in &step.notes {
            out.push_str(&format!("\n    note: {note}"));
        }
        if let Some(since) = step.expired_since {
            out.push_str(&format!("\n    expired since {since}"));
        }
        out.push('\n');
    }
    out
}
