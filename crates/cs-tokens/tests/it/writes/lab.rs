//! A service, what it holds, and one flow after the other on it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::flaw::{Flaw, Flaws};
use cs_model::{Draft, Secret, StackNames, TokenUid};
use cs_server::demo::{self, Demo};
use cs_server::in_process::{InProcess, URL};
use cs_server::store::RedbStore;
use cs_server::{NewUser, Options, PasswordCost, Service};
use cs_tokens::blocking::{Client, StackClient};
use cs_tokens::{Attempts, Credential, CredentialKind};
use cs_transport::{Decorator as _, RetryLimits, Transport};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::claims;
use super::flow::{Flow, Scene};

pub(super) const VISITOR: &str = "visitor@demo.invalid";
pub(super) const START: &str = "2026-11-21T12:00:00Z";
/// How much later a flow runs: what it works on is older then than any doubt about clocks.
const LATER: SignedDuration = SignedDuration::from_mins(1);

/// A service with the demo stack, in which somebody else has tokens, too.
pub(super) struct Lab {
    pub(super) service: Arc<Service>,
    pub(super) demo: Demo,
    /// Who logs in and out; a user may have twenty sessions only, and the owner needs theirs.
    visitor: String,
    session: Secret,
    clean: Client<Arc<InProcess>>,
    start: Timestamp,
}

/// Everything that nobody may see.
fn secrets(scene: &Scene, before: &State, after: &State) -> Vec<String> {
    let mut secrets = vec![scene.session.reveal().to_owned(), demo::PASSWORD.to_owned()];
    for token in before.delivery.values().chain(after.delivery.values()) {
        let values = ["value", "preview"].into_iter().filter_map(|field| token[field].as_str());
        secrets.extend(values.map(str::to_owned));
    }
    secrets
}

/// The tokens of the stack, by uid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) delivery: BTreeMap<String, Value>,
    pub(super) management: BTreeMap<String, Value>,
}

/// Has all that is traced on this thread, on which the flow is polled, put to what it says.
fn traced(said: &Arc<Mutex<String>>) -> tracing::subscriber::DefaultGuard {
    let said = Arc::clone(said);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || Into(Arc::clone(&said)))
        .finish();
    tracing::subscriber::set_default(subscriber)
}

/// Writes traces into a text.
struct Into(Arc<Mutex<String>>);

impl std::io::Write for Into {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lab {
    pub(super) fn new() -> Self {
        Self::at(START.parse().unwrap())
    }

    /// One that began a minute ago, for a service that keeps the system's time.
    pub(super) fn of_today() -> Self {
        Self::at(Timestamp::now() - LATER)
    }

    fn at(start: Timestamp) -> Self {
        let service = Arc::new(Service::new(
            RedbStore::memory().unwrap(),
            Options::default().no_rate_limit().password_cost(PasswordCost::Light),
        ));
        let demo = demo::ensure(&service, start).unwrap();
        let authtoken = demo::session(&service, start, &demo).unwrap();
        let clean = Client::builder(Arc::new(InProcess::at(Arc::clone(&service), start)))
            .base_url(URL)
            .unpaced()
            .credential(Credential::Authtoken(authtoken.clone()))
            .build()
            .unwrap();
        let visitor = NewUser::new(VISITOR, Secret::new(demo::PASSWORD));
        let visitor = service.admin(start).create_user(&visitor).unwrap();
        let lab = Self { service, demo, visitor, session: authtoken, clean, start };
        let foreign = lab.stack().delivery_tokens().create_with_preview(&claims::delivery("theirs")).unwrap();
        assert!(foreign.preview_token.is_some());
        lab.stack().management_tokens().create(&claims::management("theirs")).unwrap();
        lab
    }

    /// A way to it in process, some time after what it holds was made.
    pub(super) fn transport(&self) -> InProcess {
        InProcess::at(Arc::clone(&self.service), self.start + LATER)
    }

    /// A session of the owner.
    pub(super) fn session(&self) -> Secret {
        self.session.clone()
    }

    /// The stack, by a client that nothing happens to.
    pub(super) fn stack(&self) -> StackClient<'_, Arc<InProcess>> {
        self.clean.stack(self.demo.api_key.clone())
    }

    pub(super) fn state(&self) -> State {
        let names = StackNames::default();
        let mut state = State::default();
        for token in self.stack().delivery_tokens().list().unwrap() {
            let token = self.stack().delivery_tokens().get(&token.uid).unwrap();
            let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.reveal().to_owned());
            let value = json!({
                "body": token.to_draft().body(&names),
                "value": text(&token.token),
                "preview": text(&token.preview_token),
            });
            state.delivery.insert(token.uid.to_string(), value);
        }
        for token in self.stack().management_tokens().list().unwrap() {
            state.management.insert(token.uid.to_string(), json!({ "body": token.to_draft().body(&names) }));
        }
        state
    }

    /// Whether a credential is one that the service knows.
    pub(super) fn is_alive(&self, credential: Credential) -> bool {
        let client =
            Client::builder(self.transport()).base_url(URL).unpaced().credential(credential).build().unwrap();
        let asked = match client.credential_kind() {
            CredentialKind::Authtoken => client.user().map(|_| ()),
            _ => client.stack(self.demo.api_key.clone()).names().map(|_| ()),
        };
        !asked.is_err_and(|error| error.api_error().is_some_and(cs_model::ApiError::is_authentication))
    }

    fn prepare(&self, flow: Flow) -> Scene {
        let stack = self.stack();
        let uid: Option<TokenUid> = match flow {
            Flow::UpdateDelivery
            | Flow::DeleteDelivery
            | Flow::ForceDelete
            | Flow::CreatePreview
            | Flow::Get => Some(stack.delivery_tokens().create(&claims::delivery("ours")).unwrap().uid),
            Flow::ReplacePreview | Flow::DeletePreview => {
                Some(stack.delivery_tokens().create_with_preview(&claims::delivery("ours")).unwrap().uid)
            }
            Flow::UpdateManagement | Flow::DeleteManagement => {
                Some(stack.management_tokens().create(&claims::management("ours")).unwrap().uid)
            }
            _ => None,
        };
        let session = match flow {
            Flow::LogOut => self.service.admin(self.start).create_session(&self.visitor).unwrap(),
            _ => self.session.clone(),
        };
        Scene { uid, session, api_key: self.demo.api_key.clone() }
    }

    /// Removes what is ours.
    pub(super) fn tidy(&self) {
        let stack = self.stack();
        for token in stack.delivery_tokens().list().unwrap() {
            if token.name != "theirs" {
                stack.delivery_tokens().delete(&token.uid).unwrap();
            }
        }
        for token in stack.management_tokens().list().unwrap() {
            if token.name != "theirs" {
                stack.management_tokens().delete(&token.uid).unwrap();
            }
        }
    }

    /// Runs a flow over a transport while the planned things happen. Gives back how it ended and how many requests it
    /// took, or what the result claims and the service does not hold.
    pub(super) async fn run<T: Transport>(
        &self,
        flow: Flow,
        plan: &[(usize, Flaw)],
        transport: T,
        url: &str,
    ) -> Result<(String, usize), String> {
        let scene = self.prepare(flow);
        let before = self.state();
        let moment = Duration::from_millis(1);
        let mut limits = RetryLimits::default();
        (limits.first_wait, limits.window) = (moment, moment);
        let said = Arc::new(Mutex::new(String::new()));
        let (recoveries, waits) = (Arc::clone(&said), Arc::clone(&said));
        let builder = cs_tokens::Client::builder(Flaws::new(plan.to_vec()).around(transport))
            .base_url(url)
            .unpaced()
            .credential(Credential::Authtoken(scene.session.clone()))
            .attempts(Attempts { pause: moment, ..Attempts::default() })
            .retry(limits)
            .on_recovery(move |event| recoveries.lock().unwrap().push_str(&format!("{event} {event:?}\n")))
            .on_wait(move |wait| waits.lock().unwrap().push_str(&format!("{wait:?}\n")));
        #[cfg(feature = "trace")]
        let builder = builder.traced();
        let client = builder.build().map_err(|error| error.to_string())?;
        let traced = traced(&said);
        let result = flow.run(&client, &scene).await;
        drop(traced);
        if cfg!(feature = "trace") && !said.lock().unwrap().contains("route=") {
            return Err(format!("{flow:?} with {plan:?}: nothing is traced"));
        }
        let flaws = client.transport();
        flaws.decorator().settle(flaws.inner()).await;
        let after = self.state();
        let mut said = said.lock().unwrap().clone() + &format!("{:?}", client.credential_kind());
        if let Err(error) = &result {
            said.push_str(&format!("{error:?} {:?}", error.fix()));
            let mut next: Option<&dyn std::error::Error> = Some(error);
            while let Some(error) = next {
                said.push_str(&format!("{error}\n"));
                next = error.source();
            }
        }
        for secret in secrets(&scene, &before, &after) {
            if said.contains(&secret) {
                return Err(format!("{flow:?} with {plan:?}: a secret is in what it says"));
            }
        }
        let ended = result.as_ref().map_or_else(|error| error.code().to_owned(), |_| "done".to_owned());
        let checked = claims::check(self, flow, &scene, &before, &after, &result).and_then(|()| {
            if let [(_, flaw)] = plan { claims::is_mended(flow, *flaw, &result) } else { Ok(()) }
        });
        self.tidy();
        match checked {
            Ok(()) => Ok((ended, flaws.decorator().passed())),
            Err(what) => {
                Err(format!("{flow:?} with {plan:?}: {what}; it ended with {ended}: {:?}", result.err()))
            }
        }
    }
}
