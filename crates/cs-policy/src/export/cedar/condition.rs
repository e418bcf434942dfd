//! Conditions as expressions of Cedar, over the facts of the principal and of the request.

use cs_model::profile::DayEdge;
use cs_model::{ModuleId, Profile};

use super::super::text::cedar_string;
use super::super::wanted::{ENTRY_WORDS, MAIN, Wanted};
use crate::generated::ACCESS_TOKENS_UNTIL;
use crate::{Condition, Kind};

/// When a condition holds.
pub(super) enum Truth {
    Always,
    Never,
    If(String),
}

/// When a condition holds for a kind on a subject that wants this.
pub(super) fn truth(profile: &Profile, kind: Kind, condition: Condition, wanted: &Wanted) -> Truth {
    let grants = Grants { kind, wanted };
    let text = match condition {
        Condition::Always => return Truth::Always,
        Condition::Expired => expired(profile),
        Condition::ModuleNotGranted => format!("!({} || {})", grants.reads(), grants.writes()),
        Condition::WriteMissing if wanted.writes => format!("{} && !{}", grants.reads(), grants.writes()),
        Condition::ReadMissing if !wanted.writes => format!("{} && !{}", grants.writes(), grants.reads()),
        Condition::WriteMissing | Condition::ReadMissing => return Truth::Never,
        Condition::BranchMissing => {
            let Some(bound) = bound(kind) else { return Truth::Never };
            format!("{bound}!(context has alias) && !{}", branch_granted())
        }
        Condition::AliasMissing => {
            let Some(bound) = bound(kind) else { return Truth::Never };
            format!("{bound}context has alias && !({})", alias_granted(profile))
        }
        Condition::EnvironmentMissing => {
            "!principal.all_environments && (principal.environments.isEmpty() || context has environment && !principal.environments.contains(context.environment))"
                .to_owned()
        }
        Condition::EnvironmentNotNamed => "!(context has environment)".to_owned(),
        // Cedar cannot count, so it is told.
        Condition::SeveralEnvironments => "principal.several_environments".to_owned(),
        Condition::Draft => "context.draft".to_owned(),
        Condition::OtherStack => "principal.stack != resource".to_owned(),
        Condition::NoRole => "principal.roles.isEmpty()".to_owned(),
        Condition::OrganizationOwnerWithoutRole => {
            "principal.roles.isEmpty() && principal.organization_role == \"owner\"".to_owned()
        }
        Condition::NotOwner => not_in_roles(&["owner"]),
        Condition::BelowAdmin => not_in_roles(&["owner", "admin"]),
        Condition::BelowDeveloper => not_in_roles(&["owner", "admin", "developer"]),
        Condition::Developer => {
            format!("principal.roles.contains(\"developer\") && {}", not_in_roles(&["owner", "admin"]))
        }
        Condition::ContentManager => format!(
            "principal.roles.contains(\"content_manager\") && {} && !{}",
            not_in_roles(&["owner", "admin", "developer"]),
            grants.granted()
        ),
        Condition::CustomRoleLacks => format!(
            "{} && {} || {CUSTOM_ONLY} && !{}",
            not_in_roles(&["owner", "admin"]),
            grants.closed(),
            grants.granted()
        ),
        Condition::NotOrganizationAdmin => {
            "principal.organization_role != \"owner\" && principal.organization_role != \"admin\"".to_owned()
        }
        Condition::NotOrganizationOwner => "principal.organization_role != \"owner\"".to_owned(),
        Condition::Sso => "principal.sso".to_owned(),
        Condition::IdpLogin => "principal.idp_login".to_owned(),
        Condition::SsoWithoutPermission => {
            "principal.sso && !principal.access_without_sso && principal.organization_role != \"owner\"".to_owned()
        }
        Condition::SsoWithPermission => {
            "principal.sso && !principal.idp_login && (principal.organization_role == \"owner\" || principal.access_without_sso && !principal.strict_mode)"
                .to_owned()
        }
        Condition::SsoStrictMode => {
            "principal.sso && principal.strict_mode && principal.access_without_sso && principal.organization_role != \"owner\""
                .to_owned()
        }
        Condition::StackTooNew => format!(
            "principal has stack_created && principal.stack_created >= datetime(\"{ACCESS_TOKENS_UNTIL}\")"
        ),
        Condition::StackOfLastDay => format!(
            "principal has stack_created && principal.stack_created == datetime(\"{ACCESS_TOKENS_UNTIL}\")"
        ),
        Condition::OauthScopeMissing => match wanted.scope {
            Some(scope) => format!("!principal.scopes.contains({})", cedar_string(scope)),
            None => return Truth::Always,
        },
        Condition::EntryHidden => {
            let words = set(&ENTRY_WORDS);
            let any = |list: &str| format!("principal.{list}.containsAny({words})");
            format!(
                "{} && {} || {CUSTOM_ONLY} && !({} || {})",
                not_in_roles(&["owner", "admin"]),
                any("cannot_read"),
                any("can_read"),
                any("can_write")
            )
        }
        Condition::StageClosed => format!(
            "{} && !(context has publish_request) && !context.stage_open_to_all && !context.user_named",
            role_below_admin()
        ),
        Condition::NotApprover => {
            format!("{} && context has publish_request && !context.user_named", role_below_admin())
        }
        Condition::StageChange => "!(context has publish_request)".to_owned(),
        Condition::StageOpenToAll => "!(context has publish_request) && context.stage_open_to_all".to_owned(),
        Condition::PublishRequest => "context has publish_request".to_owned(),
        Condition::ApproversNamed => "context.approvers_named".to_owned(),
    };
    Truth::If(text)
}

/// Custom roles are all that the user has.
const CUSTOM_ONLY: &str = "principal.roles.contains(\"custom\") && \
     !principal.roles.containsAny([\"owner\", \"admin\", \"developer\", \"content_manager\"])";

/// The stack has no branches, and is all `main`.
const WITHOUT_BRANCHES: &str = "principal.stack_without_branches";

fn expired(profile: &Profile) -> String {
    let last_day = match profile.switches.expiry_day.value {
        DayEdge::Start => "principal.expires_on",
        DayEdge::End => "principal.expires_on.offset(duration(\"1d\"))",
    };
    format!(
        "principal has expires_on && {last_day} <= context.now || \
         principal has expires_at && principal.expires_at <= context.now"
    )
}

/// What must hold for branches to limit a principal of this kind; `None` when they never do.
fn bound(kind: Kind) -> Option<String> {
    match kind {
        Kind::Delivery | Kind::Preview | Kind::Management => Some(String::new()),
        Kind::Authtoken => Some(format!("{CUSTOM_ONLY} && ")),
        Kind::Access | Kind::OAuth | Kind::Anonymous => None,
    }
}

fn branch_granted() -> String {
    let named = |name: &str, is_main: &str| {
        format!("principal.branches.contains({name}) || {is_main}{WITHOUT_BRANCHES}")
    };
    let main = cedar_string(MAIN);
    format!(
        "(principal.all_branches || (if context has branch then ({}) else ({})))",
        named("context.branch", &format!("context.branch == {main} && ")),
        named(&main, "")
    )
}

fn alias_granted(profile: &Profile) -> String {
    let alias = "principal.all_aliases || principal.aliases.contains(context.alias)";
    if profile.switches.branch_covers_alias.value {
        format!("{alias} || context has branch && {}", branch_granted())
    } else {
        alias.to_owned()
    }
}

fn not_in_roles(roles: &[&str]) -> String {
    match roles {
        [only] => format!("!principal.roles.contains({})", cedar_string(only)),
        several => format!("!principal.roles.containsAny({})", set(several)),
    }
}

/// The user has a role in the stack, and it is below admin.
fn role_below_admin() -> String {
    format!("!principal.roles.isEmpty() && {}", not_in_roles(&["owner", "admin"]))
}

fn set(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| cedar_string(word)).collect();
    format!("[{}]", words.join(", "))
}

/// What a scope or custom roles grant of the modules of a subject.
struct Grants<'a> {
    kind: Kind,
    wanted: &'a Wanted,
}

impl Grants<'_> {
    fn any(&self, attribute: &str) -> String {
        match self.wanted.words().as_slice() {
            // What no module stands for, no scope grants.
            [] => "false".to_owned(),
            words => format!("principal.{attribute}.containsAny({})", set(words)),
        }
    }

    fn reads(&self) -> String {
        let mut parts = vec![self.any("can_read")];
        // The scope entries that name branches and aliases are themselves grants to read these modules.
        if self.kind == Kind::Management {
            if self.wanted.modules.contains(&ModuleId::Branch) {
                parts.push("principal.has_branch_entry".to_owned());
            }
            if self.wanted.modules.contains(&ModuleId::BranchAlias) {
                parts.push("principal.has_alias_entry".to_owned());
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(" || ")) }
    }

    fn writes(&self) -> String {
        self.any("can_write")
    }

    fn granted(&self) -> String {
        if self.wanted.writes { self.writes() } else { self.reads() }
    }

    fn closed(&self) -> String {
        self.any(if self.wanted.writes { "cannot_write" } else { "cannot_read" })
    }
}
