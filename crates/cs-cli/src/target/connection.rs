//! An open target: a client with its credential, and the stack to work on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cs_model::{ApiKey, OrganizationUid, Profile};
use cs_tokens::credential::lookup::Lookup;
use cs_tokens::{Caution, Credential, CredentialKind, Provided, Recovery, Wait, blocking};
use cs_transport::BlockingTransport;
use serde::Serialize;

use super::credential;
use super::local::{Access, Local};
use super::session::Session;
use super::{API_KEY, Place, Target};
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::prompt;
use crate::style::{self, Styled};

/// Whatever carries requests: HTTP, or a call within this program.
pub(crate) type Wire = Arc<dyn BlockingTransport>;
/// The client of every command.
pub(crate) type Client = blocking::Client<Wire>;
/// One stack of it.
pub(crate) type StackClient<'a> = blocking::StackClient<'a, Wire>;

/// An open target. Dropping it ends a session that was made for this command only.
pub(crate) struct Connection {
    target: Target,
    wire: Wire,
    client: Client,
    /// Where the credential comes from, in words.
    whence: String,
    local: Option<Arc<Local>>,
    /// Whether the client's session was made for this command, and ends with it.
    ends_session: bool,
}

/// The target of a command, in its JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct TargetShown<'a> {
    name: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a ApiKey>,
    profile: &'a str,
    /// Which one, and where it comes from: `authtoken from `cstok login``.
    credential: String,
    credential_kind: &'static str,
}

impl Connection {
    /// Opens a target with the credential that it finds: an environment variable, a session that was kept, or, on the
    /// local target, a session of the demo owner for this command alone. Says on standard error where it works.
    pub(crate) fn open(target: Target, output: &Output) -> Result<Self, Failure> {
        Self::opened(target, Access::Write, output, |this| Err(this.no_credential()))
    }

    /// The same for a command that only reads: on the local target it makes no store where there is none.
    pub(crate) fn open_to_read(target: Target, output: &Output) -> Result<Self, Failure> {
        Self::opened(target, Access::Read, output, |this| Err(this.no_credential()))
    }

    /// The same to find out what is wrong with a target: that there is no credential for it may be that.
    pub(crate) fn open_to_examine(target: Target, output: &Output) -> Result<Self, Failure> {
        Self::opened(target, Access::Read, output, |_| Ok(()))
    }

    fn opened(
        target: Target,
        access: Access,
        output: &Output,
        without_credential: impl FnOnce(&Self) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut connection = Self::open_without_credential(target, access)?;
        // Before what may fail because of it.
        if let Some(unnamed) = &connection.target.unnamed {
            output.setting(format_args!("note: {unnamed}"));
        }
        connection.authenticate(output)?;
        if connection.client.credential_kind() == CredentialKind::None {
            without_credential(&connection)?;
        }
        let described = connection.describe_all(output);
        output.setting(Styled(style::QUIET, format_args!("target: {described}")));
        if access == Access::Read && connection.is_in_memory() {
            output.setting(
                "note: there is no local store yet, so this is about what a new one has; --region, --url or --target \
                 name another target",
            );
        }
        Ok(connection)
    }

    /// Opens a target without a credential, to log in.
    pub(crate) fn open_anonymous(target: Target, access: Access, output: &Output) -> Result<Self, Failure> {
        let connection = Self::open_without_credential(target, access)?;
        output.setting(Styled(style::QUIET, format_args!("target: {}", connection.describe())));
        Ok(connection)
    }

    fn open_without_credential(target: Target, access: Access) -> Result<Self, Failure> {
        let (wire, local): (Wire, Option<Arc<Local>>) = match &target.place {
            Place::Local => {
                let local = Local::shared(access, &target.profile)?;
                (local.wire(), Some(local))
            }
            Place::Url(_) => (Arc::new(super::trust::transport()?), None),
        };
        let client = build(&wire, &target, Credential::None)?;
        Ok(Self { target, wire, client, whence: String::new(), local, ends_session: false })
    }

    fn authenticate(&mut self, output: &Output) -> Result<(), Failure> {
        let (credential, whence) = match &self.local {
            Some(local) => {
                let unused = self.target.places.set();
                if !unused.is_empty() {
                    output.setting(format_args!(
                        "note: {} is set, but target `local` does not use it; name a target with --region, --url or --target",
                        unused.join(", ")
                    ));
                }
                // A session that was kept is none of a store in memory.
                let kept = if local.path().is_some() { kept(self.url())? } else { None };
                match kept {
                    Some(found) => found,
                    None => {
                        self.ends_session = true;
                        (Credential::Authtoken(local.session()?).into(), "of the demo owner".to_owned())
                    }
                }
            }
            None => match self.find(output)? {
                Some(found) => found,
                None => return Ok(()),
            },
        };
        self.client = build(&self.wire, &self.target, credential)?;
        self.whence = whence;
        Ok(())
    }

    /// The credential of a target: from the places that are named for it, from `cstok login`, from the keyring, or from
    /// whoever sits at the terminal.
    fn find(&self, output: &Output) -> Result<Option<(Provided, String)>, Failure> {
        if let Some(found) = self.target.places.find()? {
            return Ok(Some((found.credential, found.whence)));
        }
        if let Some(kept) = kept(self.url())? {
            return Ok(Some(kept));
        }
        let lookup = Lookup::new();
        #[cfg(feature = "keyring")]
        let lookup = lookup.keyring(cs_tokens::credential::lookup::Keyring::new("cstok", self.url()));
        let is_interactive = output.is_interactive();
        let lookup = lookup.prompt(|| {
            let place = self.describe();
            if is_interactive { prompt::authtoken(&place) } else { Ok(prompt::typed_authtoken(&place)) }
        });
        let found = lookup.find().map_err(|error| credential::failure(&error))?;
        Ok(found.map(|found| (found.credential, found.whence)))
    }

    /// Finds a credential or asks for one, which is then there for each stack of the target. Nothing typed is none.
    pub(crate) fn ask(&self, output: &Output) -> Result<(), Failure> {
        self.find(output).map(drop)
    }

    /// That there is none, and how to come by one.
    pub(crate) fn no_credential(&self) -> Failure {
        Failure::usage(format!("there is no credential for {}", self.describe()))
            .hints(self.target.login_hints())
    }

    /// The client.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// A client of the same API with another credential.
    pub(crate) fn client_with(&self, credential: Credential) -> Result<Client, Failure> {
        build(&self.wire, &self.target, credential)
    }

    /// The stack to work on.
    pub(crate) fn stack(&self) -> Result<StackClient<'_>, Failure> {
        self.api_key().map(|api_key| self.client.stack(api_key.clone())).ok_or_else(|| {
            Failure::usage("no stack is named")
                .hint(format!("give --stack API_KEY, set {API_KEY}, or name it in the configuration"))
        })
    }

    /// Works on the stack that a file names. What the command line names wins; what the configuration or the environment
    /// names must be the same.
    pub(crate) fn prefer_stack(&mut self, api_key: &ApiKey, output: &Output) -> Result<(), Failure> {
        let Some(named) = self.api_key() else {
            self.target.api_key = Some(api_key.clone());
            return Ok(());
        };
        if named == api_key {
            return Ok(());
        }
        let message = format!("the file is about stack {api_key}, and the command works on stack {named}");
        if self.target.stack_given {
            output.note(format_args!("note: {message}"));
            return Ok(());
        }
        Err(Failure::usage(message).hint(format!("choose one: --stack {api_key} or --stack {named}")))
    }

    /// The API key of the stack to work on, when one is named.
    pub(crate) fn api_key(&self) -> Option<&ApiKey> {
        self.target.api_key.as_ref().or_else(|| self.local.as_deref().map(Local::api_key))
    }

    /// What stands in sinks for the stack to work on: what the target calls it, or else its API key.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.api_key().map(|api_key| self.target.name_of(api_key))
    }

    /// Where the API is: a URL.
    pub(crate) fn url(&self) -> &str {
        self.client.url()
    }

    /// The organization of its stacks, where the configuration says it.
    pub(crate) const fn organization(&self) -> Option<&OrganizationUid> {
        self.target.organization.as_ref()
    }

    /// The profile.
    pub(crate) const fn profile(&self) -> &Profile {
        &self.target.profile
    }

    /// Whether this is the target inside this program.
    pub(crate) fn is_local(&self) -> bool {
        self.target.is_local()
    }

    /// Whether its stack is of a store in memory, and gone with this command.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.local.as_ref().is_some_and(|local| local.path().is_none())
    }

    /// The stack to work on, where it is more than a passing one.
    fn lasting_stack(&self) -> Option<&ApiKey> {
        self.api_key().filter(|_| self.target.api_key.is_some() || !self.is_in_memory())
    }

    /// The target.
    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// The options that name the target, with a blank before them: ` --region eu`. For hints.
    pub(crate) fn options(&self) -> &str {
        &self.target.options
    }

    /// Where the credential comes from, in words.
    pub(crate) fn whence(&self) -> &str {
        &self.whence
    }

    /// The target in words: `local`, `eu (https://eu-api.contentstack.com)`.
    pub(crate) fn describe(&self) -> String {
        match &self.local {
            Some(local) => match local.path() {
                Some(path) => format!("local ({})", path.display()),
                None => "local (in memory)".to_owned(),
            },
            None if self.target.name == self.url() => self.url().to_owned(),
            None => format!("{} ({})", self.target.name, self.url()),
        }
    }

    fn describe_all(&self, output: &Output) -> String {
        let named = self.lasting_stack().filter(|_| !output.is_of_many());
        let stack = named.map(|key| format!(", stack {key}")).unwrap_or_default();
        let who = self.credential();
        format!("{}{stack}, {who}, profile {}", self.describe(), self.target.profile.name)
    }

    /// The credential in words: which one, and where it comes from.
    fn credential(&self) -> String {
        match self.client.credential_kind() {
            CredentialKind::None => "no credential".to_owned(),
            kind => format!("{kind} {}", self.whence),
        }
    }

    /// The target for a JSON document.
    pub(crate) fn shown(&self) -> TargetShown<'_> {
        TargetShown {
            name: &self.target.name,
            url: self.url(),
            api_key: self.lasting_stack(),
            profile: &self.target.profile.name,
            credential: self.credential(),
            credential_kind: self.client.credential_kind().name(),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.ends_session {
            // A session that stays behind does no harm: it is the oldest, and the first to be evicted.
            let _ = self.client.log_out();
        }
    }
}

/// The session that is kept for an address.
fn kept(url: &str) -> Result<Option<(Provided, String)>, Failure> {
    let session = Session::find(url)?;
    Ok(session
        .map(|session| (Credential::Authtoken(session.authtoken).into(), "from `cstok login`".to_owned())))
}

fn build(wire: &Wire, target: &Target, credential: impl Into<Provided>) -> Result<Client, Failure> {
    let url = match &target.place {
        Place::Local => Local::URL,
        Place::Url(url) => url,
    };
    let builder = blocking::Client::builder(Arc::clone(wire));
    let builder = match &target.organization {
        Some(uid) => builder.organization(uid.clone()),
        None => builder,
    };
    let client = builder
        .base_url(url)
        // Its stacks may have credentials of their own, and be of one organization all the same.
        .one_pace(&target.name)
        .credential_source(credential)
        .profile(target.profile.clone())
        .user_agent(concat!("cstok/", env!("CARGO_PKG_VERSION")))
        .on_caution(tell_once())
        .on_wait(tell_wait)
        .on_recovery(tell_recovery)
        .traced()
        .build()?;
    Ok(client)
}

/// Says why nothing seems to happen.
fn tell_wait(wait: &Wait) {
    let Wait { operation, duration, is_waited_out, .. } = wait;
    let seconds = duration.as_secs();
    say(if *is_waited_out {
        format!(
            "note: the API refused {operation} for its rate (429); waiting {seconds} s, then trying again"
        )
    } else {
        format!(
            "note: the API refused {operation} for its rate (429) and asks to wait {seconds} s, which is too long to wait here"
        )
    });
}

/// Says what became of a request whose answer was lost.
fn tell_recovery(recovery: &Recovery) {
    let kind = if recovery.what.leaves_work() { "warning" } else { "note" };
    say(format!("{kind}: {recovery}"));
}

/// Says what the rules have to say about requests, each thing once.
fn tell_once() -> impl Fn(&Caution) + Send + Sync + 'static {
    let told = Mutex::new(BTreeSet::new());
    move |caution| {
        let text = format!("note: {}: {} [{}]", caution.operation, caution.says, caution.rule);
        if told.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone()) {
            say(text);
        }
    }
}
