//! Declared tokens as rows of a table.

use cs_model::{Grant, StackNames, TokenUid};
use serde::Serialize;

use crate::declaration::{DeclaredDelivery, DeclaredManagement, Kind};
use crate::sink::Sink;

/// One declared token, for a table. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its uid; `None` until it exists.
    pub uid: Option<TokenUid>,
    /// What it reaches: environments of a delivery token, modules with `r`, `w`, `rw` of a management token.
    pub scope: Vec<String>,
    /// Its branches.
    pub branches: Vec<String>,
    /// Whether the file says `all` of them.
    pub all_branches: bool,
    /// Its branch aliases.
    pub aliases: Vec<String>,
    /// Whether the file says `all` of them.
    pub all_aliases: bool,
    /// When it ends: `never`, a date or a time.
    pub expires: String,
    /// Whether it has ended.
    pub expired: bool,
    /// Whether it has a preview token.
    pub preview: bool,
    /// Where its values are written.
    pub sinks: Vec<Sink>,
}

fn resolved(grant: &Grant, existing: &std::collections::BTreeSet<String>) -> Vec<String> {
    grant.names(existing).map(str::to_owned).collect()
}

impl Row {
    pub(crate) fn delivery(block: &DeclaredDelivery, uid: Option<&TokenUid>, names: &StackNames) -> Self {
        let draft = &block.draft;
        Self {
            name: draft.name.clone(),
            kind: Kind::Delivery,
            uid: uid.cloned(),
            scope: draft.environments.iter().cloned().collect(),
            branches: resolved(&draft.branches, &names.branches),
            all_branches: draft.branches == Grant::All,
            aliases: resolved(&draft.aliases, &names.aliases),
            all_aliases: draft.aliases == Grant::All,
            expires: "never".to_owned(),
            expired: false,
            preview: block.preview,
            sinks: block.sink.iter().chain(&block.preview_sink).cloned().collect(),
        }
    }

    pub(crate) fn management(block: &DeclaredManagement, uid: Option<&TokenUid>, names: &StackNames) -> Self {
        let draft = &block.draft;
        Self {
            name: draft.name.clone(),
            kind: Kind::Management,
            uid: uid.cloned(),
            scope: draft
                .modules
                .iter()
                .map(|(module, access)| format!("{module}:{}", access.short()))
                .collect(),
            branches: resolved(&draft.branches, &names.branches),
            all_branches: draft.branches == Grant::All,
            aliases: resolved(&draft.aliases, &names.aliases),
            all_aliases: draft.aliases == Grant::All,
            expires: draft.expiry.to_string(),
            expired: false,
            preview: false,
            sinks: block.sink.iter().cloned().collect(),
        }
    }
}
