//! What `serve` says once it accepts connections.

use std::collections::BTreeMap;
use std::path::Path;

use cs_model::generated::SWITCHES;
use cs_model::{ApiKey, LimitId, Profile, Revealed, Secret};
use cs_server::ClockSetting;
use serde::Serialize;

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
    limits: BTreeMap<&'static str, Option<u32>>,
    switches: BTreeMap<&'static str, &'static str>,
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
            enforced: self.enforced(),
            off: self.off(),
            limits: LimitId::ALL.iter().map(|id| (id.name(), self.profile.limit(*id).value)).collect(),
            switches: self.switches().collect(),
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
        list(output, "enforced", &self.enforced())?;
        list(output, "off", &self.off())?;
        let numbers = LimitId::ALL.iter().filter_map(|id| Some((id.name(), self.profile.limit(*id).value?)));
        wrapped(output, "numbers", numbers.map(|(name, most)| format!("{name}={most}")))?;
        wrapped(output, "switches", self.switches().map(|(name, value)| format!("{name}={value}")))?;
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

    fn enforced(&self) -> Vec<String> {
        let mut enforced = vec!["scopes, roles, expiry".to_owned()];
        enforced.extend(self.profile.switches.unique_names.value.then(|| "unique names".to_owned()));
        let limits = [
            (LimitId::DeliveryTokensPerStack, "delivery tokens per stack"),
            (LimitId::ManagementTokensPerStack, "management tokens per stack"),
            (LimitId::AuthtokensPerUser, "sessions per user"),
        ];
        // Each process counts for itself; only a database can have several.
        let [reads, writes] = if self.store.starts_with("postgres") {
            [
                "reads per second and organization, counted by this process",
                "writes per second and organization, counted by this process",
            ]
        } else {
            ["reads per second and organization", "writes per second and organization"]
        };
        let rates = [(LimitId::ReadsPerSecond, reads), (LimitId::WritesPerSecond, writes)];
        enforced.extend(limits.into_iter().filter_map(|(id, what)| self.limit(id, what)));
        if self.args.counts_per_second() {
            enforced.extend(rates.into_iter().filter_map(|(id, what)| self.limit(id, what)));
        }
        enforced
    }

    /// What somebody may expect that is not enforced, and what turned it off.
    fn off(&self) -> Vec<String> {
        let mut off = Vec::new();
        if self.args.rules.no_rate_limit {
            off.push("limits per second (--no-rate-limit)".to_owned());
        } else if !self.args.counts_per_second() {
            off.push("limits per second (the clock stands)".to_owned());
        }
        let unlimited = LimitId::ALL.iter().filter(|id| self.profile.limit(**id).value.is_none());
        off.extend(unlimited.map(|id| format!("limit {} (no number)", id.name())));
        let off_switches = self.switches().filter(|(_, value)| *value == "false");
        off.extend(off_switches.map(|(name, _)| format!("switch {name}")));
        off
    }

    fn switches(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        SWITCHES.iter().map(|row| row.name).zip(self.profile.switches.values())
    }

    fn limit(&self, id: LimitId, what: &str) -> Option<String> {
        self.profile.limit(id).value.map(|most| format!("at most {most} {what}"))
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
