//! The rows of `rules.toml`.

use serde::Deserialize;

use crate::codegen::rust::pascal;
use crate::codegen::spec::{Api, Documented, Needs, Reach, SourceRef};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesFile {
    #[serde(default)]
    pub(super) constants: Constants,
    #[serde(default)]
    pub(super) operation: Vec<OperationRow>,
    #[serde(default)]
    pub(super) oauth_area: Vec<OauthAreaRow>,
    #[serde(default)]
    pub(super) oauth_scope: Vec<OauthScopeRow>,
    #[serde(default)]
    pub(super) rule: Vec<RuleRow>,
}

impl RulesFile {
    /// The id of every rule, with its sources.
    pub(crate) fn cited(&self) -> impl Iterator<Item = (&str, &[SourceRef])> {
        self.rule.iter().map(|row| (row.id.as_str(), row.sources.as_slice()))
    }

    /// What the tables of rules and operations cite.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &SourceRef> {
        let operations = self.operation.iter().flat_map(|row| &row.sources);
        operations.chain(self.rule.iter().flat_map(|row| &row.sources))
    }

    /// Whether the reading of this contradiction decides as a rule.
    pub(crate) fn decides(&self, contradiction: &str) -> bool {
        self.rule.iter().any(|row| row.contradiction.as_deref() == Some(contradiction))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constants {
    /// `YYYY-MM-DD`
    pub(super) access_tokens_until: String,
    pub(super) default_branch: String,
}

/// Something that has no route.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationRow {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) sources: Vec<SourceRef>,
}

/// The OAuth scopes of modules, or of single routes, for routes whose scope is not named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OauthAreaRow {
    #[serde(default)]
    pub(super) modules: Vec<String>,
    /// `METHOD PATH`: these come before the module.
    #[serde(default)]
    pub(super) routes: Vec<String>,
    #[serde(default)]
    pub(super) read: Option<String>,
    #[serde(default)]
    pub(super) write: Option<String>,
    pub(super) sources: Vec<SourceRef>,
}

/// A scope that a document names and no route takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OauthScopeRow {
    pub(super) scope: String,
    pub(super) sources: Vec<SourceRef>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleRow {
    pub(super) id: String,
    pub(super) says: String,
    pub(super) effect: Effect,
    #[serde(default)]
    pub(super) contradiction: Option<String>,
    #[serde(default)]
    pub(super) replaces: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    #[serde(default)]
    pub(super) apis: Vec<Api>,
    #[serde(default)]
    pub(super) modules: Vec<String>,
    #[serde(default)]
    pub(super) not_modules: Vec<String>,
    #[serde(default)]
    pub(super) actions: Vec<String>,
    #[serde(default)]
    pub(super) routes: Vec<String>,
    #[serde(default)]
    pub(super) documented: Vec<Documented>,
    #[serde(default)]
    pub(super) needs: Option<Needs>,
    #[serde(default)]
    pub(super) reach: Vec<Reach>,
    #[serde(default)]
    pub(super) api_key: Vec<Documented>,
    #[serde(default)]
    pub(super) branch_header: Vec<Documented>,
    #[serde(default)]
    pub(super) environment: Vec<Documented>,
    #[serde(default)]
    pub(super) state_change: Option<bool>,
    #[serde(default)]
    pub(super) credential_free: Option<bool>,
    #[serde(default)]
    pub(super) operations: Vec<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    #[serde(default = "always")]
    pub(super) when: String,
    #[serde(default)]
    pub(super) fix: String,
    pub(super) sources: Vec<SourceRef>,
    #[serde(default)]
    pub(super) conflicts: Vec<String>,
}

fn always() -> String {
    "always".to_owned()
}

impl RuleRow {
    /// Whether it names operations and nothing about routes: then it is about no route.
    pub(super) fn operations_only(&self) -> bool {
        !self.operations.is_empty()
            && self.apis.is_empty()
            && self.modules.is_empty()
            && self.not_modules.is_empty()
            && self.actions.is_empty()
            && self.routes.is_empty()
            && self.documented.is_empty()
            && self.needs.is_none()
            && self.reach.is_empty()
            && self.api_key.is_empty()
            && self.branch_header.is_empty()
            && self.environment.is_empty()
            && self.state_change.is_none()
            && self.credential_free.is_none()
    }

    /// The name of its constant: `MANAGEMENT_TOKENS_MODULE`.
    pub(super) fn constant(&self) -> String {
        self.id.replace('.', "_").to_uppercase()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Effect {
    Allow,
    Forbid,
    Needs,
    Contradiction,
    Warning,
    Note,
}

impl RuleRow {
    /// Its effect, as Rust.
    pub(super) fn effect(&self) -> String {
        match (self.effect, &self.contradiction) {
            (Effect::Contradiction, Some(id)) => {
                format!("Effect::Contradiction(ContradictionId::{})", pascal(id))
            }
            (effect, _) => format!("Effect::{effect:?}"),
        }
    }
}

/// A kind of credential, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Delivery,
    Preview,
    Management,
    Authtoken,
    Access,
    #[serde(rename = "oauth")]
    OAuth,
    Anonymous,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Delivery,
        Self::Preview,
        Self::Management,
        Self::Authtoken,
        Self::Access,
        Self::OAuth,
        Self::Anonymous,
    ];

    /// What the reference page calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Delivery => "delivery token",
            Self::Preview => "preview token",
            Self::Management => "management token",
            Self::Authtoken => "authtoken",
            Self::Access => "legacy access token",
            Self::OAuth => "OAuth token",
            Self::Anonymous => "no credential",
        }
    }
}
