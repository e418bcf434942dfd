//! The schema: credentials with their facts, requests with theirs, and the routes as actions.

use std::fmt::Write as _;

use cs_model::Profile;

use super::super::clause::subjects;
use super::super::text::cedar_string;
use super::policies::Policy;
use super::{cedar_action, entity_type};
use crate::Kind;

/// Facts of branches and aliases.
const BRANCHES: &str = "  // A stack without branches is all `main`, which then needs no grant.
  stack_without_branches: Bool,
  // Whether there is an entry for branches, for aliases: one for all, for some, or with an empty list. It is also the
  // right to read the list of them.
  has_branch_entry: Bool,
  has_alias_entry: Bool,
  branches: Set<String>,
  all_branches: Bool,
  aliases: Set<String>,
  all_aliases: Bool,
";
/// Facts of environments.
const ENVIRONMENTS: &str = "\
  environments: Set<String>,
  all_environments: Bool,
  // Whether there is more than one of them, or all.
  several_environments: Bool,
";

/// The age of the stack.
const STACK_CREATED: &str =
    "  // The day on which the stack was made, when it is known.\n  stack_created?: datetime,\n";

/// The facts of a request, beside its action and stack.
const REQUEST: &str = "\
// The facts of a request. Without `branch` it is for the default branch; with `alias`, `branch` is the one behind it,
// where that is known. `publish_request` is there when the request answers one.
type Request = {
  now: datetime,
  branch?: String,
  alias?: String,
  environment?: String,
  draft: Bool,
  publish_request?: String,
  stage_open_to_all: Bool,
  // Whether the access list of the stage, or the approvers of the publish rule, name the user or a role of theirs.
  user_named: Bool,
  approvers_named: Bool,
};
";

/// The group of the GETs that change something.
const STATE_CHANGE: &str = "state_change_through_get";

/// The schema for these policies.
pub(super) fn schema(profile: &Profile, policies: &[Policy]) -> String {
    let mut out = format!(
        "// Credentials, requests and routes of Contentstack; the groups of actions are those of the policies under the \
         profile `{}`.\n\nentity Stack;\n\n",
        profile.name
    );
    for kind in Kind::ALL {
        let facts = facts(kind);
        if facts.is_empty() {
            let _ = writeln!(out, "entity {};\n", entity_type(kind));
        } else {
            let _ = writeln!(out, "entity {} = {{\n{facts}}};\n", entity_type(kind));
        }
    }
    out.push_str(REQUEST);
    out.push_str("\n// Groups: the actions that a policy of this id is about.\n");
    let groups: Vec<&Policy> = policies.iter().filter(|policy| policy.has_group()).collect();
    for policy in &groups {
        let _ = writeln!(out, "action {};", cedar_string(&policy.id));
    }
    let _ = writeln!(
        out,
        "\n// GETs that change something: actions of their own.\naction {};",
        cedar_string(STATE_CHANGE)
    );
    out.push_str("\n// Routes, and what has no route.\n");
    let kinds = Kind::ALL.map(entity_type).join(", ");
    for subject in subjects() {
        let within: Vec<String> = groups
            .iter()
            .filter(|policy| policy.subjects.contains(&subject))
            .map(|policy| policy.id.as_str())
            .chain(subject.changes_through_get().then_some(STATE_CHANGE))
            .map(cedar_string)
            .collect();
        let within = if within.is_empty() { String::new() } else { format!(" in [{}]", within.join(", ")) };
        let _ = writeln!(
            out,
            "action {}{within} appliesTo {{ principal: [{kinds}], resource: Stack, context: Request }};",
            cedar_string(&cedar_action(subject))
        );
    }
    out
}

/// The attributes of a kind.
fn facts(kind: Kind) -> String {
    match kind {
        Kind::Delivery | Kind::Preview => format!("  stack: Stack,\n{ENVIRONMENTS}{BRANCHES}"),
        Kind::Management => format!(
            "  stack: Stack,\n  // Modules, or `$all`.\n  can_read: Set<String>,\n  can_write: Set<String>,\n{BRANCHES}  \
             // Its last day, or the moment of its end; neither when it never ends.\n  expires_on?: datetime,\n  \
             expires_at?: datetime,\n"
        ),
        Kind::Authtoken => format!(
            "  // The stack of these roles.\n  stack: Stack,\n  // Of owner, admin, developer, content_manager, custom.\n  \
             roles: Set<String>,\n  // What the custom roles grant together, and their exceptions.\n  \
             can_read: Set<String>,\n  can_write: Set<String>,\n  cannot_read: Set<String>,\n  \
             cannot_write: Set<String>,\n{BRANCHES}  // One of owner, admin, member.\n  organization_role: String,\n  \
             sso: Bool,\n  idp_login: Bool,\n  access_without_sso: Bool,\n  strict_mode: Bool,\n{STACK_CREATED}"
        ),
        Kind::Access => format!("  stack: Stack,\n{STACK_CREATED}"),
        Kind::OAuth => "  stack: Stack,\n  scopes: Set<String>,\n".to_owned(),
        Kind::Anonymous => String::new(),
    }
}
