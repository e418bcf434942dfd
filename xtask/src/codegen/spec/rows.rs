//! The rows of the files in `xtask/spec`. Unknown keys are refused, so a slip of the pen is found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::words::*;

macro_rules! file {
    ($name:ident { $($field:ident: $row:ty),+ }) => {
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name { $(#[serde(default)] pub(crate) $field: Vec<$row>),+ }
    };
}

file!(SourcesFile { source: SourceRow });
file!(ModulesFile { module: ModuleRow, action: ActionRow });
file!(RoutesFile { route: RouteRow });
file!(CollectionsFile { collection: CollectionRow });
file!(ErrorsFile { error: ErrorRow });
file!(RegionsFile { region: RegionRow });
file!(LimitsFile { limit: LimitRow, switch: SwitchRow });
file!(ContradictionsFile { contradiction: ContradictionRow });
file!(ViolationsFile { violation: ViolationRow });
file!(GapsFile { gap: GapRow });
file!(ExitsFile { exit: ExitRow });

/// A reference to a source document, written `document`, `document: place` or `{ source, place }`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "SourceForm")]
pub(crate) struct SourceRef {
    pub(crate) document: String,
    pub(crate) place: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SourceForm {
    Text(String),
    Table(SourceTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    source: String,
    #[serde(default)]
    place: String,
}

impl From<SourceForm> for SourceRef {
    fn from(form: SourceForm) -> Self {
        match form {
            SourceForm::Text(text) => {
                let (document, place) = text.split_once(": ").unwrap_or((&text, ""));
                Self { document: document.to_owned(), place: place.to_owned() }
            }
            SourceForm::Table(SourceTable { source, place }) => Self { document: source, place },
        }
    }
}

impl fmt::Display for SourceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.document)?;
        if self.place.is_empty() { Ok(()) } else { write!(f, ", {}", self.place) }
    }
}

/// A document that facts come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceRow {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) date: String,
    pub(crate) kind: SourceKind,
    pub(crate) says: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleRow {
    pub(crate) id: String,
    /// The module whose scope entry grants it; itself when absent.
    #[serde(default)]
    pub(crate) granted_by: Option<String>,
    pub(crate) management_scope: Documented,
    pub(crate) reach: Reach,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) note: String,
    pub(crate) sources: Vec<SourceRef>,
}

impl ModuleRow {
    pub(crate) fn granted_by(&self) -> &str {
        self.granted_by.as_deref().unwrap_or(&self.id)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionRow {
    pub(crate) id: String,
    pub(crate) needs: Needs,
    pub(crate) says: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteRow {
    pub(crate) api: Api,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) module: String,
    pub(crate) action: String,
    pub(crate) api_key: Documented,
    pub(crate) authtoken: Documented,
    pub(crate) management_token: Documented,
    #[serde(default = "Documented::no")]
    pub(crate) delivery_token: Documented,
    #[serde(default = "Documented::no")]
    pub(crate) preview_token: Documented,
    #[serde(default)]
    pub(crate) oauth_scope: String,
    pub(crate) branch_header: Documented,
    #[serde(default = "Documented::no")]
    pub(crate) environment: Documented,
    #[serde(default)]
    pub(crate) state_change: bool,
    #[serde(default)]
    pub(crate) note: String,
    pub(crate) sources: Vec<SourceRef>,
}

impl RouteRow {
    pub(crate) fn sort_key(&self) -> (Api, &str, Method) {
        (self.api, &self.path, self.method)
    }

    /// How messages name it.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.method.variant().to_uppercase(), self.path)
    }
}

/// Routes that list, make, show, change and delete documents of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectionRow {
    pub(crate) path: String,
    /// How notices name one.
    pub(crate) title: String,
    pub(crate) one: String,
    pub(crate) many: String,
    /// A document is sent without an envelope.
    #[serde(default)]
    pub(crate) bare: bool,
    pub(crate) id: NamedBy,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) versioned: bool,
    #[serde(default = "CollectionRow::ok")]
    pub(crate) deleted: u16,
    pub(crate) not_found: String,
    pub(crate) invalid: String,
    pub(crate) sources: Vec<SourceRef>,
}

impl CollectionRow {
    const fn ok() -> u16 {
        200
    }

    /// The place of the route with this method, on the collection or on one document of it.
    pub(crate) fn route(&self, routes: &[RouteRow], method: Method, of_one: bool) -> Option<usize> {
        routes.iter().position(|row| {
            let rest = row.path.strip_prefix(&self.path);
            let is_one = |rest: &str| {
                rest.strip_prefix("/{").is_some_and(|rest| !rest.contains('/') && rest.ends_with("uid}"))
            };
            row.api == Api::Management
                && row.method == method
                && rest.is_some_and(|rest| if of_one { is_one(rest) } else { rest.is_empty() })
        })
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorRow {
    pub(crate) id: String,
    pub(crate) statuses: Vec<u16>,
    #[serde(default)]
    pub(crate) code: Option<u32>,
    /// The number that our service sends where nobody has written the vendor's down.
    #[serde(default)]
    pub(crate) service_code: Option<u32>,
    /// The status or the number is our choice.
    #[serde(default)]
    pub(crate) chosen: bool,
    #[serde(default)]
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) fix: String,
    pub(crate) sources: Vec<SourceRef>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) management: String,
    pub(crate) delivery: String,
    pub(crate) preview: String,
    pub(crate) graphql: String,
    pub(crate) graphql_preview: String,
    pub(crate) developer_hub: String,
    #[serde(default)]
    pub(crate) note: String,
    pub(crate) sources: Vec<SourceRef>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitRow {
    pub(crate) id: String,
    pub(crate) says: String,
    /// What it comes to, with `{}` for the number.
    pub(crate) shown: String,
    /// `always`, `per_time`, `errors` or `unless:CONTRADICTION`.
    pub(crate) served: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchRow {
    pub(crate) id: String,
    pub(crate) says: String,
    /// The type of its field in `Switches`.
    #[serde(rename = "type")]
    pub(crate) rust_type: String,
    /// The values it can have; `true` and `false` for a question.
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContradictionRow {
    pub(crate) id: String,
    /// A question to which `allow` in a profile means yes.
    pub(crate) question: String,
    /// What acts on the answer: `rule`, `service`, `limit:ID`, `switch:ID`.
    pub(crate) decided_by: Vec<String>,
    pub(crate) claims: Vec<ClaimRow>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRow {
    pub(crate) says: String,
    pub(crate) source: SourceRef,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileFile {
    pub(crate) name: String,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, ProfileLimit>,
    #[serde(default)]
    pub(crate) switches: BTreeMap<String, ProfileSwitch>,
    #[serde(default)]
    pub(crate) readings: BTreeMap<String, ProfileReading>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileLimit {
    /// Absent when the documents give no number.
    #[serde(default)]
    pub(crate) value: Option<u32>,
    pub(crate) at_limit: AtLimit,
    pub(crate) level: Level,
    pub(crate) source: SourceRef,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileSwitch {
    pub(crate) value: String,
    pub(crate) source: SourceRef,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileReading {
    pub(crate) client: ClientReading,
    pub(crate) service: ServiceReading,
    pub(crate) why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViolationRow {
    pub(crate) id: String,
    pub(crate) level: Level,
    pub(crate) says: String,
    pub(crate) fix: String,
    pub(crate) sources: Vec<SourceRef>,
}

/// How the program ends; the number is the place of the row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExitRow {
    pub(crate) id: String,
    /// Where it is not the place of the row.
    #[serde(default)]
    pub(crate) number: Option<u8>,
    pub(crate) says: String,
    #[serde(default)]
    pub(crate) cause: String,
    #[serde(default)]
    pub(crate) fix: String,
}

/// A question that no document answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GapRow {
    pub(crate) id: String,
    pub(crate) question: String,
    /// What this project does about it.
    pub(crate) ours: String,
    pub(crate) sources: Vec<SourceRef>,
}
