//! Documents: what collections hold, of any module, in one form.

use cs_model::facts::Reach;
use cs_model::generated::ModuleId;
use serde_json::Value;

use crate::store::{StoreError, Tx, keys, scan_json};

/// Stands for the branch of what is the same in all branches.
const ALL_BRANCHES: &str = "-";

/// The branch under which documents of a module are kept.
pub(crate) fn shelf(module: ModuleId, branch: &str) -> &str {
    match module.row().reach {
        Reach::Branch => branch,
        _ => ALL_BRANCHES,
    }
}

/// All documents of a module, whatever they are below of.
pub(crate) fn all_of(
    tx: &mut dyn Tx,
    api_key: &str,
    branch: &str,
    module: ModuleId,
) -> Result<Vec<Value>, StoreError> {
    let rows = scan_json(tx, &keys::documents(api_key, shelf(module, branch), module.name()))?;
    Ok(rows.into_iter().map(|(_, document)| document).collect())
}
