//! The plan of an organization: the limits of the profile, under the names by which the vendor's command line reads them
//! (CLI, `contentstack-config`).

use cs_model::Profile;
use cs_model::generated::LimitId;
use serde_json::{Value, json};

/// Uid and name of a feature, and the limit that it stands for.
const FEATURES: [(&str, &str, LimitId); 4] = [
    ("getLimit", "GET requests per second", LimitId::ReadsPerSecond),
    ("limit", "POST, PUT and DELETE requests per second", LimitId::WritesPerSecond),
    ("bulkLimit", "Bulk requests per second", LimitId::BulkPerSecond),
    ("branches", "Branches per stack", LimitId::BranchesPerStack),
];

/// The plan as answers show it. What the profile gives no number for is left out.
pub(super) fn shape(profile: &Profile) -> Value {
    let features = FEATURES.iter().filter_map(|(uid, name, id)| {
        let limit = profile.limit(*id).value?;
        Some(json!({
            "uid": uid,
            "name": name,
            "enabled": true,
            "limit": limit,
            "max_limit": limit,
        }))
    });
    json!({ "plan_id": profile.name, "name": profile.name, "features": features.collect::<Vec<_>>() })
}
