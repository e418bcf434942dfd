//! A service, what it holds, and one flow after the other on it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::flaw::{Flaw, Flaws};
use cs_model::{Draft, RouteId, Secret, StackNames, TokenUid};
use cs_policy::oauth_scope;
use cs_server::demo::{self, Demo};
use cs_server::in_process::{InProcess, URL};
use cs_server::store::RedbStore;
use cs_server::{NewUser, Options, PasswordCost, Service};
use cs_tokens::blocking::{Client, StackClient};
use cs_tokens::credential::oauth::{MemoryGrantStore, OAuth, OAuthApp, OAuthGrant};
use cs_tokens::{Attempts, Credential, CredentialKind, Error};
use cs_transport::{Decorator as _, RetryLimits, Transport};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::canary::{self, Said, Spy};
use super::claims;
use super::flow::{Flow, Kept, Scene};

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
    /// Values that are never shown again.
    secrets: Vec<String>,
}

/// Everything that the stack shows and nobody else may.
fn shown(states: [&State; 2]) -> Vec<String> {
    let tokens = states.into_iter().flat_map(|state| state.delivery.values());
    let values = tokens.flat_map(|token| ["value", "preview"].map(|field| token[field].as_str()));
    values.flatten().map(str::to_owned).collect()
}

/// The tokens of the stack, by uid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) delivery: BTreeMap<String, Value>,
    pub(super) management: BTreeMap<String, Value>,
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
        let mut lab = Self { service, demo, visitor, session: authtoken, clean, start, secrets: Vec::new() };
        let foreign = lab.stack().delivery_tokens().create_with_preview(&claims::delivery("theirs")).unwrap();
        assert!(foreign.preview_token.is_some());
        let foreign = lab.stack().management_tokens().create(&claims::management("theirs")).unwrap();
        lab.secrets.extend(foreign.token.map(|value| value.reveal().to_owned()));
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

    /// Whether a grant that is kept gives another pair. It is used up by this.
    pub(super) fn refreshes(&self, kept: &Kept) -> bool {
        let mut grant = kept.grant();
        grant.expires_at = Timestamp::UNIX_EPOCH;
        let source = OAuth::new(app(), MemoryGrantStore::with(grant));
        let builder = Client::builder(self.transport()).base_url(URL).unpaced();
        builder.credential_source(Arc::new(source)).build().unwrap().prepare_credential().is_ok()
    }

    fn prepare(&self, flow: Flow) -> Scene {
        let stack = self.stack();
        let mut secrets = self.secrets.clone();
        let uid: Option<TokenUid> = match flow {
            Flow::UpdateDelivery
            | Flow::DeleteDelivery
            | Flow::ForceDelete
            | Flow::CreatePreview
            | Flow::Raw
            | Flow::Get => Some(stack.delivery_tokens().create(&claims::delivery("ours")).unwrap().uid),
            Flow::ReplacePreview | Flow::DeletePreview => {
                Some(stack.delivery_tokens().create_with_preview(&claims::delivery("ours")).unwrap().uid)
            }
            Flow::UpdateManagement | Flow::DeleteManagement => {
                let made = stack.management_tokens().create(&claims::management("ours")).unwrap();
                secrets.extend(made.token.map(|value| value.reveal().to_owned()));
                Some(made.uid)
            }
            _ => None,
        };
        let session = match flow {
            Flow::LogOut => self.service.admin(self.start).create_session(&self.visitor).unwrap(),
            _ => self.session.clone(),
        };
        let grant = match flow {
            Flow::Refresh => Some(self.grant(usize::MAX)),
            // To find it, and to see whether another process was faster.
            Flow::RefreshUnread => Some(self.grant(2)),
            _ => None,
        };
        for grant in grant.iter().map(Kept::grant) {
            secrets.extend([grant.access_token, grant.refresh_token].map(|value| value.reveal().to_owned()));
        }
        Scene { uid, session, api_key: self.demo.api_key.clone(), grant, secrets }
    }

    /// A grant for all that there is, whose access token is to be refreshed at once, in a store that can be read so often.
    fn grant(&self, reads: usize) -> Kept {
        let scopes: Vec<String> = RouteId::all().filter_map(oauth_scope).map(str::to_owned).collect();
        let demo = &self.demo;
        let admin = self.service.admin(self.start);
        let given = admin.create_oauth_token(&demo.owner_uid, &demo.organization_uid, &scopes, None).unwrap();
        let grant = OAuthGrant::new(given.access_token, given.refresh_token, Timestamp::UNIX_EPOCH);
        Kept::new(grant, reads)
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
    pub(super) async fn run<T: Transport + fmt::Debug + 'static>(
        &self,
        flow: Flow,
        plan: &[(usize, Flaw)],
        transport: T,
        url: &str,
    ) -> Result<(String, usize), String> {
        let single = if let [(_, flaw)] = plan { Some(*flaw) } else { None };
        self.run_with(flow, plan, single, transport, url).await
    }

    /// The same with nothing planned, where one thing goes wrong further on that is like `single`.
    pub(super) async fn run_with<T: Transport + fmt::Debug + 'static>(
        &self,
        flow: Flow,
        plan: &[(usize, Flaw)],
        single: Option<Flaw>,
        transport: T,
        url: &str,
    ) -> Result<(String, usize), String> {
        let scene = self.prepare(flow);
        let before = self.state();
        let said = canary::listen();
        let wire = Flaws::new(plan.to_vec()).around(Spy::default().around(transport));
        let client = client(&scene, wire, url, &said).map_err(|error| error.to_string())?;
        let result = flow.run(&client, &scene).await;
        if cfg!(feature = "trace") && !said.lock().unwrap().contains("route=") {
            return Err(format!("{flow:?} with {plan:?}: nothing is traced"));
        }
        let flaws = client.transport();
        flaws.decorator().settle(flaws.inner()).await;
        let after = self.state();
        let mut said = said.lock().unwrap().clone()
            + &format!("{client:?} {:?} {:?} {result:?}", client.stack(scene.api_key.clone()), scene.grant);
        if let Err(error) = &result {
            said.push_str(&format!("{:?}", error.fix()));
            let mut next: Option<&dyn std::error::Error> = Some(error);
            while let Some(error) = next {
                said.push_str(&format!("{error}\n"));
                next = error.source();
            }
        }
        let answers = flaws.inner().decorator().secrets();
        let known = [scene.session.reveal().to_owned(), demo::PASSWORD.to_owned()];
        for secret in known.iter().chain(&answers).chain(&shown([&before, &after])).chain(&scene.secrets) {
            if let Some(at) = said.find(secret) {
                let part = said[..at].lines().next_back().unwrap_or_default();
                return Err(format!("{flow:?} with {plan:?}: a secret is in what it says, after `{part}`"));
            }
        }
        let ended = result.as_ref().map_or_else(|error| error.code().to_owned(), |_| "done".to_owned());
        let checked = claims::check(self, flow, &scene, &before, &after, &result)
            .and_then(|()| single.map_or(Ok(()), |flaw| claims::is_mended(flow, flaw, &result)));
        self.tidy();
        match checked {
            Ok(()) => Ok((ended, flaws.decorator().passed())),
            Err(what) => {
                Err(format!("{flow:?} with {plan:?}: {what}; it ended with {ended}: {:?}", result.err()))
            }
        }
    }
}

fn app() -> OAuthApp {
    OAuthApp::new("app", "https://app.example/callback")
}

/// A client that says all that it can.
fn client<T: Transport + 'static>(
    scene: &Scene,
    wire: T,
    url: &str,
    said: &Said,
) -> Result<cs_tokens::Client<T>, Error> {
    let moment = Duration::from_millis(1);
    let mut limits = RetryLimits::default();
    (limits.first_wait, limits.window) = (moment, moment);
    let [recoveries, waits, cautions] = [0; 3].map(|_| Arc::clone(said));
    let builder = cs_tokens::Client::builder(wire)
        .base_url(url)
        .unpaced()
        .attempts(Attempts { pause: moment, ..Attempts::default() })
        .retry(limits)
        .on_recovery(move |event| recoveries.lock().unwrap().push_str(&format!("{event} {event:?}\n")))
        .on_wait(move |wait| waits.lock().unwrap().push_str(&format!("{wait:?}\n")))
        .on_caution(move |caution| cautions.lock().unwrap().push_str(&format!("{caution:?}\n")));
    let builder = match &scene.grant {
        Some(kept) => builder.credential_source(Arc::new(OAuth::new(app(), kept.clone()))),
        None => builder.credential(Credential::Authtoken(scene.session.clone())),
    };
    #[cfg(feature = "trace")]
    let builder = builder.traced();
    builder.build()
}
