//! What `serve` says once it accepts connections.

mod rules;

use std::collections::BTreeMap;
use std::path::Path;

use cs_model::{ApiKey, LimitId, Profile, Revealed, Secret};
use cs_server::ClockSetting;
use serde::Serialize;

use self::rules::Rules;
use super::DemoSession;
use super::admin::Admin;
use crate::args::serve::ServeArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::style::{self, Styled};

/// Everything that a user of the server needs to know.
pub(crate) struct Banner<'a> {
    pub(crate) args: &'a ServeArgs,
    pub(crate) admin: Option<&'a Admin>,
    pub(crate) url: String,
    pub(crate) store: String,
    pub(crate) profile: &'a Profile,
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
    clock: String,
    enforced: Vec<String>,
    off: Vec<String>,
    known: Vec<String>,
    limits: BTreeMap<&'static str, Option<u32>>,
    switches: BTreeMap<&'static str, &'static str>,
    readings: BTreeMap<&'static str, &'static str>,
    ca: Option<&'a Path>,
    access_log: Option<&'a Path>,
    metrics: Option<String>,
    admin_url: Option<&'a str>,
    admin_token: Option<&'a Secret>,
}

impl Banner<'_> {
    /// Prints it: as a JSON line, or for people.
    pub(crate) fn print(&self, output: &Output) -> Result<(), Failure> {
        let demo = self.session.map(|session| &session.demo);
        let rules = self.rules();
        let line = Line {
            url: &self.url,
            organization_uid: demo.map(|demo| demo.organization_uid.as_str()),
            api_key: demo.map(|demo| &demo.api_key),
            email: demo.map(|demo| demo.email.as_str()),
            password: demo.map(|demo| demo.password.as_str()),
            authtoken: self.session.map(|session| &session.authtoken),
            store: &self.store,
            profile: &self.profile.name,
            clock: self.args.clock.to_string(),
            enforced: rules.enforced(),
            off: rules.off(),
            known: rules.known(),
            limits: LimitId::ALL.iter().map(|id| (id.name(), self.profile.limit(*id).value)).collect(),
            switches: rules.switches().collect(),
            readings: rules.readings(),
            ca: self.args.tls.ca_out.as_deref(),
            access_log: self.args.logs.access_log.as_deref(),
            metrics: self.metrics(),
            admin_url: self.admin.map(|admin| admin.url.as_str()),
            admin_token: self.admin.and_then(|admin| admin.token.as_ref()),
        };
        // The line is what scripts log in with; its secrets are those of the demo and of this run.
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
        if self.args.clock != ClockSetting::Real {
            output.print(format_args!("  clock     {}", self.args.clock))?;
        }
        let rules = self.rules();
        list(output, "enforced", &rules.enforced())?;
        list(output, "known", &rules.known())?;
        list(output, "off", &rules.off())?;
        wrapped(output, "switches", rules.switches().map(|(name, value)| format!("{name}={value}")))?;
        let readings = rules.readings();
        let read_as = |answer: &str| {
            let of_it: Vec<String> =
                readings.iter().filter(|(_, is)| **is == answer).map(|(id, _)| (*id).to_owned()).collect();
            of_it.into_iter()
        };
        wrapped(output, "allows", read_as("allow"))?;
        wrapped(output, "denies", read_as("deny"))?;
        let path = |name: &str, path: Option<&Path>| match path {
            Some(path) => output.print(format_args!("  {name:<9} {}", path.display())),
            None => Ok(()),
        };
        path("CA", self.args.tls.ca_out.as_deref())?;
        path("requests", self.args.logs.access_log.as_deref())?;
        if let Some(url) = self.metrics() {
            output.print(format_args!("  metrics   {url}"))?;
        }
        if let Some(Admin { url, token, .. }) = self.admin {
            output.print(format_args!("  admin     {url}"))?;
            let how = token.as_ref().map_or_else(
                || "with the token that was given".to_owned(),
                |token| format!("authorization: Bearer {}", token.reveal()),
            );
            output.print(format_args!("            {how}"))?;
        }
        Ok(())
    }

    fn metrics(&self) -> Option<String> {
        self.args.logs.metrics.then(|| format!("{}{}", self.url, cs_server::http::METRICS))
    }

    fn rules(&self) -> Rules<'_> {
        let uncounted = if self.args.rules.no_rate_limit {
            Some("--no-rate-limit")
        } else {
            (!self.args.counts_per_second()).then_some("the clock stands")
        };
        Rules { profile: self.profile, uncounted, is_shared: self.store.starts_with("postgres") }
    }

    fn demo(&self, session: &DemoSession, output: &Output) -> Result<(), Failure> {
        let DemoSession { demo, authtoken } = session;
        let (url, api_key, authtoken) = (&self.url, &demo.api_key, authtoken.reveal());
        let (scheme, host) = url.split_once("://").unwrap_or(("http", url));
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        let ca = self.args.tls.ca_out.as_deref().map(|path| path.display().to_string());
        // What makes each client trust the authority, or speak plain HTTP.
        let [curl, node, insecure, python, cstok] = match (scheme, &ca) {
            ("https", Some(ca)) => [
                format!(" --cacert {ca}"),
                format!(" (NODE_EXTRA_CA_CERTS={ca})"),
                String::new(),
                format!(" (REQUESTS_CA_BUNDLE={ca})"),
                format!("CSTOK_CA_FILE={ca} "),
            ],
            ("https", None) => Default::default(),
            _ => [String::new(), String::new(), " insecure: true,".to_owned(), String::new(), String::new()],
        };
        output.print(format_args!(
            "
  organization  {}
  stack         {api_key}, with branches main and development, aliases deploy and release,
                environments production and staging
  e-mail        {}
  password      {}
  authtoken     {authtoken}

Try, in another terminal:
  curl{curl} {url}/v3/stacks/delivery_tokens -H 'api_key: {api_key}' -H 'authtoken: {authtoken}'

  export CONTENTSTACK_API_KEY={api_key} CONTENTSTACK_AUTHTOKEN={authtoken}
  {cstok}cstok apply examples/shop.toml --url {url}

  JavaScript, @contentstack/management{node}:
    client({{ host: '{name}', port: {port},{insecure} authtoken: '{authtoken}' }})
  Python, contentstack-management{python}:
    Client(host='{host}', scheme='{scheme}://', authtoken='{authtoken}')",
            demo.organization_uid, demo.email, demo.password,
        ))
    }
}

/// Prints a list under a name: one to a line.
fn list(output: &Output, name: &str, items: &[String]) -> Result<(), Failure> {
    for (index, item) in items.iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        output.print(format_args!("  {name:<9} {item}"))?;
    }
    Ok(())
}

/// Prints a long list under a name: as many to a line as a terminal of 100 columns has room for.
fn wrapped(output: &Output, name: &str, items: impl Iterator<Item = String>) -> Result<(), Failure> {
    const ROOM: usize = 84;
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + item.len() <= ROOM => {
                line.push_str(", ");
                line.push_str(&item);
            }
            _ => lines.push(item),
        }
    }
    list(output, name, &lines)
}
