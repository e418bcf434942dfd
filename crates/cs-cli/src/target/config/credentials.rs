//! What the configuration says of credentials: which variables and files hold them.

use cs_tokens::credential::lookup::{Environment, KeptFile};
use cs_tokens::credential::oauth::OAuthApp;

use crate::failure::Failure;
use crate::target::credential::Places;

/// The names of what holds a credential, of a target or of one of its stacks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    authtoken_env: Option<String>,
    management_token_env: Option<String>,
    oauth_token_env: Option<String>,
    authtoken_file: Option<String>,
    management_token_file: Option<String>,
    oauth_file: Option<String>,
    oauth_client_id: Option<String>,
    oauth_redirect_uri: Option<String>,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holds {
    /// The name of an environment variable.
    Variable,
    /// A file, beside the configuration when its path is relative.
    File,
    /// Any text.
    Text,
}

impl Credentials {
    /// Its keys in the file.
    pub(super) const KEYS: [&str; 8] = [
        "authtoken_env",
        "management_token_env",
        "oauth_token_env",
        "authtoken_file",
        "management_token_file",
        "oauth_file",
        "oauth_client_id",
        "oauth_redirect_uri",
    ];

    /// Where the value of each key goes.
    pub(super) fn slots(&mut self) -> [(&'static str, Holds, &mut Option<String>); 8] {
        use Holds::{File, Text, Variable};
        let [a, b, c, d, e, f, g, h] = Self::KEYS;
        [
            (a, Variable, &mut self.authtoken_env),
            (b, Variable, &mut self.management_token_env),
            (c, Variable, &mut self.oauth_token_env),
            (d, File, &mut self.authtoken_file),
            (e, File, &mut self.management_token_file),
            (f, File, &mut self.oauth_file),
            (g, Text, &mut self.oauth_client_id),
            (h, Text, &mut self.oauth_redirect_uri),
        ]
    }

    /// Whether any place is named.
    pub(crate) const fn are_named(&self) -> bool {
        self.authtoken_env.is_some()
            || self.management_token_env.is_some()
            || self.oauth_token_env.is_some()
            || self.authtoken_file.is_some()
            || self.management_token_file.is_some()
            || self.oauth_file.is_some()
    }

    /// The app of a grant; an error when only a part of it is named.
    pub(super) fn app(&self) -> Result<Option<OAuthApp>, &'static str> {
        match (&self.oauth_file, &self.oauth_client_id, &self.oauth_redirect_uri) {
            (None, None, None) => Ok(None),
            (Some(_), Some(id), Some(uri)) => Ok(Some(OAuthApp::new(id, uri))),
            _ => Err(
                "`oauth_file`, `oauth_client_id` and `oauth_redirect_uri` go together: a refresh names the app",
            ),
        }
    }

    /// The places that it names; the usual ones when it names none.
    pub(crate) fn places(&self) -> Result<Places, Failure> {
        if !self.are_named() {
            return Ok(Places::usual());
        }
        let environment = Environment {
            authtoken: self.authtoken_env.clone(),
            management: self.management_token_env.clone(),
            oauth: self.oauth_token_env.clone(),
            ..Environment::default()
        };
        let app = self.app().map_err(Failure::usage)?;
        let grant = self.oauth_file.as_ref().zip(app).map(|(file, app)| KeptFile::oauth_grant(file, app));
        let files = self.authtoken_file.iter().map(KeptFile::authtoken);
        let files =
            files.chain(self.management_token_file.iter().map(KeptFile::management_token)).chain(grant);
        Ok(Places { environment, files: files.collect(), configured: true })
    }
}
