//! Conditions as expressions of SQL, over `p` (a row of `cs_credential`), `l` (a row of `cs_request`) and `r` (its route).

use cs_model::Profile;
use cs_model::profile::DayEdge;

use super::super::wanted::ALL_MODULES;
use super::super::wanted::{ENTRY_WORDS, MAIN};
use super::Dialect;
use crate::Condition;
use crate::generated::ACCESS_TOKENS_UNTIL;

/// When a condition holds.
pub(super) fn truth(profile: &Profile, dialect: Dialect, condition: Condition) -> String {
    let role = |name: &str| dialect.has("p.roles", &format!("'{name}'"));
    let owner = "p.organization_role = 'owner'";
    match condition {
        Condition::Always => "true".to_owned(),
        Condition::Expired => {
            let last_day = match profile.switches.expiry_day.value {
                DayEdge::Start => "p.expires_on",
                DayEdge::End => "(p.expires_on + 1)",
            };
            format!("p.expires_at <= l.requested_at OR CAST({last_day} AS timestamp) <= l.requested_at")
        }
        Condition::ModuleNotGranted => "NOT l.reads AND NOT l.writes".to_owned(),
        Condition::WriteMissing => "r.writes AND l.reads AND NOT l.writes".to_owned(),
        Condition::ReadMissing => "NOT r.writes AND l.writes AND NOT l.reads".to_owned(),
        Condition::BranchMissing => "p.bound AND l.alias IS NULL AND NOT l.branch_granted".to_owned(),
        Condition::AliasMissing => {
            let covered = if profile.switches.branch_covers_alias.value {
                " AND NOT (l.branch IS NOT NULL AND l.branch_granted)"
            } else {
                ""
            };
            format!(
                "p.bound AND l.alias IS NOT NULL AND NOT p.all_aliases AND NOT {}{covered}",
                dialect.has("p.aliases", "l.alias")
            )
        }
        Condition::EnvironmentMissing => format!(
            "NOT p.all_environments AND ({} = 0 OR l.environment IS NOT NULL AND NOT {})",
            dialect.length("p.environments"),
            dialect.has("p.environments", "l.environment")
        ),
        Condition::EnvironmentNotNamed => "l.environment IS NULL".to_owned(),
        Condition::SeveralEnvironments => {
            format!("p.all_environments OR {} > 1", dialect.length("p.environments"))
        }
        Condition::Draft => "l.draft".to_owned(),
        Condition::OtherStack => "l.stack <> p.stack".to_owned(),
        Condition::NoRole => "p.rank = 0".to_owned(),
        Condition::OrganizationOwnerWithoutRole => format!("p.rank = 0 AND {owner}"),
        Condition::NotOwner => "p.rank < 5".to_owned(),
        Condition::BelowAdmin => "p.rank < 4".to_owned(),
        Condition::BelowDeveloper => "p.rank < 3".to_owned(),
        Condition::Developer => "p.rank = 3".to_owned(),
        Condition::ContentManager => "p.rank = 2 AND NOT l.granted".to_owned(),
        Condition::CustomRoleLacks => {
            format!("{} AND (p.rank < 4 AND l.closed OR p.rank = 1 AND NOT l.granted)", role("custom"))
        }
        Condition::NotOrganizationAdmin => "p.organization_role NOT IN ('owner', 'admin')".to_owned(),
        Condition::NotOrganizationOwner => format!("NOT ({owner})"),
        Condition::Sso => "p.sso".to_owned(),
        Condition::IdpLogin => "p.idp_login".to_owned(),
        Condition::SsoWithoutPermission => format!("p.sso AND NOT p.access_without_sso AND NOT ({owner})"),
        Condition::SsoWithPermission => {
            format!("p.sso AND NOT p.idp_login AND ({owner} OR p.access_without_sso AND NOT p.strict_mode)")
        }
        Condition::SsoStrictMode => {
            format!("p.sso AND p.strict_mode AND p.access_without_sso AND NOT ({owner})")
        }
        Condition::StackTooNew => format!("p.stack_created >= DATE '{ACCESS_TOKENS_UNTIL}'"),
        Condition::StackOfLastDay => format!("p.stack_created = DATE '{ACCESS_TOKENS_UNTIL}'"),
        Condition::OauthScopeMissing => {
            format!("r.oauth_scope IS NULL OR NOT {}", dialect.has("p.oauth_scopes", "r.oauth_scope"))
        }
        Condition::EntryHidden => {
            let any = |list: &str| ENTRY_WORDS.map(|word| dialect.has(list, &format!("'{word}'"))).join(" OR ");
            format!(
                "{} AND (p.rank < 4 AND ({}) OR p.rank = 1 AND NOT ({} OR {}))",
                role("custom"),
                any("p.cannot_read"),
                any("p.can_read"),
                any("p.can_write")
            )
        }
        Condition::StageClosed => {
            "p.rank BETWEEN 1 AND 3 AND l.publish_request IS NULL AND NOT l.stage_open_to_all AND NOT l.user_named"
                .to_owned()
        }
        Condition::NotApprover => {
            "p.rank BETWEEN 1 AND 3 AND l.publish_request IS NOT NULL AND NOT l.user_named".to_owned()
        }
        Condition::StageChange => "l.publish_request IS NULL".to_owned(),
        Condition::StageOpenToAll => "l.publish_request IS NULL AND l.stage_open_to_all".to_owned(),
        Condition::PublishRequest => "l.publish_request IS NOT NULL".to_owned(),
        Condition::ApproversNamed => "l.approvers_named".to_owned(),
    }
}

/// The columns that conditions read of a credential beside those of the table.
pub(super) fn of_credential(dialect: Dialect) -> String {
    let role = |name: &str| dialect.has("p.roles", &format!("'{name}'"));
    let entry = |stated: &str, all: &str, list: &str| {
        format!("p.{stated} OR p.{all} OR {} > 0", dialect.length(list))
    };
    let branch_entry = entry("has_branch_entry", "all_branches", "p.branches");
    let alias_entry = entry("has_alias_entry", "all_aliases", "p.aliases");
    format!(
        "    -- The highest role: each may what the ones below it may.\n    \
         CASE WHEN {} THEN 5 WHEN {} THEN 4 WHEN {} THEN 3 WHEN {} THEN 2 WHEN {} THEN 1 ELSE 0 END AS rank,\n    \
         -- An entry with an empty list is one, too: it limits to nothing.\n    \
         {branch_entry} AS branch_entry, {alias_entry} AS alias_entry",
        role("owner"),
        role("admin"),
        role("developer"),
        role("content_manager"),
        role("custom"),
    )
}

/// Whether branches limit the credential.
pub(super) const BOUND: &str =
    "p.kind IN ('delivery', 'preview', 'management') OR p.kind = 'authtoken' AND p.rank = 1";

/// The columns that conditions read of a request beside those of the table, before `granted` and `closed`.
pub(super) fn of_request(dialect: Dialect) -> String {
    let any = |list: &str| {
        let has = |item: &str| dialect.has(list, item);
        format!("{} OR {} OR {}", has("r.module"), has("r.granted_by"), has(&format!("'{ALL_MODULES}'")))
    };
    let branch = format!("COALESCE(l.branch, '{MAIN}')");
    format!(
        "    -- The scope entries that name branches and aliases are themselves grants to read these modules.\n    \
         {} OR p.kind = 'management' AND (r.module = 'branch' AND p.branch_entry\n      \
         OR r.module = 'branch_alias' AND p.alias_entry) AS reads,\n    \
         {} AS writes,\n    \
         p.all_branches OR {} OR p.stack_without_branches AND {branch} = '{MAIN}' AS branch_granted,\n    \
         CASE WHEN r.writes THEN {} ELSE {} END AS closed",
        any("p.can_read"),
        any("p.can_write"),
        dialect.has("p.branches", &branch),
        any("p.cannot_write"),
        any("p.cannot_read"),
    )
}
