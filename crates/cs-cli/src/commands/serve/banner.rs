//! What `serve` says once it accepts connections.

use cs_model::{ApiKey, LimitId, Profile, Revealed, Secret};
use serde::Serialize;

use super::DemoSession;
use crate::failure::Failure;
use crate::output::Output;
use crate::style::{self, Styled};

/// Everything that a user of the server needs to know.
pub(crate) struct Banner<'a> {
    pub(crate) url: String,
    pub(crate) store: String,
    pub(crate) profile: &'a Profile,
    pub(crate) rate_limit: bool,
    pub(crate) session: Option<&'a DemoSession>,
}

/// The first JSON line.
#[derive(Serialize)]
struct Line<'a> {
    url: &'a str,
    organization_uid: Option<&'a str>,
    api_key: Option<&'a ApiKey>,
    email: Option<&'a str>,
    password: Option<&'a str>,
    authtoken: Option<&'a Secret>,
    store: &'a str,
    profile: &'a str,
}

impl Banner<'_> {
    /// Prints it: as a JSON line, or for people.
    pub(crate) fn print(&self, output: &Output) -> Result<(), Failure> {
        let demo = self.session.map(|session| &session.demo);
        let line = Line {
            url: &self.url,
            organization_uid: demo.map(|demo| demo.organization_uid.as_str()),
            api_key: demo.map(|demo| &demo.api_key),
            email: demo.map(|demo| demo.email.as_str()),
            password: demo.map(|demo| demo.password.as_str()),
            authtoken: self.session.map(|session| &session.authtoken),
            store: &self.store,
            profile: &self.profile.name,
        };
        // The line is what scripts log in with; its secret is one of the demo.
        output.json_line(&Revealed(&line))?;
        output.print(Styled(style::STRONG, format_args!("serving the token API on {}", self.url)))?;
        self.facts(output)?;
        match self.session {
            Some(session) => self.demo(session, output)?,
            None => {
                output.print("\nWithout --demo, what is in the store is all there is: an empty one has nobody who could log in.")?;
            }
        }
        output.print("\nCtrl-C ends it.")
    }

    fn facts(&self, output: &Output) -> Result<(), Failure> {
        let gone = if self.store == "memory" { " (gone at the end)" } else { "" };
        output.print(format_args!("\n  store     {}{gone}", self.store))?;
        output.print(format_args!("  profile   {}", self.profile.name))?;
        let tokens = [
            self.limit(LimitId::DeliveryTokensPerStack, "delivery tokens"),
            self.limit(LimitId::ManagementTokensPerStack, "management tokens per stack"),
            self.limit(LimitId::AuthtokensPerUser, "sessions per user"),
        ];
        let rates = [
            self.limit(LimitId::ReadsPerSecond, "reads"),
            self.limit(LimitId::WritesPerSecond, "writes per second and organization"),
        ];
        output.print("  enforced  scopes, roles, expiry, unique names")?;
        let join =
            |limits: &[Option<String>]| limits.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        output.print(format_args!("            at most {}", join(&tokens)))?;
        if self.rate_limit {
            output.print(format_args!("            at most {}", join(&rates)))?;
        }
        if !self.rate_limit {
            output.print("  off       limits per second (--no-rate-limit)")?;
        }
        Ok(())
    }

    fn limit(&self, id: LimitId, what: &str) -> Option<String> {
        self.profile.limit(id).value.map(|most| format!("{most} {what}"))
    }

    fn demo(&self, session: &DemoSession, output: &Output) -> Result<(), Failure> {
        let DemoSession { demo, authtoken } = session;
        let (url, api_key, authtoken) = (&self.url, &demo.api_key, authtoken.reveal());
        let host = url.trim_start_matches("http://");
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        output.print(format_args!(
            "
  organization  {}
  stack         {api_key}, with branches main and development, aliases deploy and release,
                environments production and staging
  e-mail        {}
  password      {}
  authtoken     {authtoken}

Try, in another terminal:
  curl {url}/v3/stacks/delivery_tokens -H 'api_key: {api_key}' -H 'authtoken: {authtoken}'

  export CONTENTSTACK_API_KEY={api_key} CONTENTSTACK_AUTHTOKEN={authtoken}
  cstok apply examples/shop.toml --url {url}

  JavaScript, @contentstack/management:
    client({{ host: '{name}', port: {port}, insecure: true, authtoken: '{authtoken}' }})
  Python, contentstack-management:
    Client(host='{host}', scheme='http://', authtoken='{authtoken}')",
            demo.organization_uid, demo.email, demo.password,
        ))
    }
}
