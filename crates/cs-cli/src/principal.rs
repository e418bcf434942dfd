//! From arguments to a principal.

use cs_model::Profile;
use cs_policy::{
    AccessFacts, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, OrganizationRole, Principal, RoleRules,
    StackRole, User,
};

use crate::args::can::choices::RoleArg;
use crate::args::can::names::{Modules, Names};
use crate::args::can::who::WhoArgs;
use crate::failure::Failure;
use crate::held::Held;
use crate::input;
use crate::output::Output;
use crate::problem::Problem;

/// Whoever the command line describes: what the token was given, if one is named, and what the options say.
pub(crate) fn principal(args: &WhoArgs, held: Option<&Held>, output: &Output) -> Result<Principal, Failure> {
    let kind = args.kind.map(Kind::from);
    let mut principal = match held {
        Some(held) => held.principal(kind)?,
        None => bare(kind.unwrap_or(Kind::Anonymous)),
    };
    match &mut principal {
        Principal::Delivery(facts) | Principal::Preview(facts) => {
            put(&mut facts.environments, args.environments());
            put(&mut facts.branches, args.branches());
            put(&mut facts.aliases, args.aliases());
        }
        Principal::Management(facts) => {
            put(&mut facts.scope, Modules::all(&args.scope));
            put(&mut facts.branches, args.branches());
            put(&mut facts.aliases, args.aliases());
            put(&mut facts.expires, args.expires.clone());
        }
        Principal::Authtoken(user) => *user = self::user(args, output)?,
        Principal::Access(facts) => facts.stack_created = args.stack_created,
        Principal::OAuth(facts) => {
            facts.scopes = Names::all(&args.oauth_scopes).unwrap_or_default().into_iter().collect();
        }
        Principal::Anonymous => {
            if args.says_how_the_user_enters() {
                output.note(
                    "note: who makes a request without credential is not known: --org-owner, --sso, --idp-login, \
                     --access-without-sso and --strict-mode change nothing",
                );
                output.note("hint: --as authtoken asks whether such a user may get an authtoken");
            }
        }
    }
    let known = held.and_then(|held| held.stack_without_branches);
    Ok(match args.stack_without_branches.or(known) {
        Some(without) => principal.stack_without_branches(without),
        None => principal.stack_inferred(),
    })
}

fn put<T>(fact: &mut T, said: Option<T>) {
    if let Some(said) = said {
        *fact = said;
    }
}

/// A principal that was given nothing.
fn bare(kind: Kind) -> Principal {
    match kind {
        Kind::Delivery => Principal::Delivery(DeliveryFacts::default()),
        Kind::Preview => Principal::Preview(DeliveryFacts::default()),
        Kind::Management => Principal::Management(ManagementFacts::default()),
        Kind::Authtoken => Principal::Authtoken(User::default()),
        Kind::Access => Principal::Access(AccessFacts::default()),
        Kind::OAuth => Principal::OAuth(OAuthFacts::default()),
        Kind::Anonymous => Principal::Anonymous,
    }
}

fn user(args: &WhoArgs, output: &Output) -> Result<User, Failure> {
    let mut rules = match &args.role_rules {
        Some(path) => role_rules(&path.display().to_string(), output)?,
        None => RoleRules::default(),
    };
    put(&mut rules.grants, Modules::all(&args.scope));
    put(&mut rules.branches, args.branches());
    put(&mut rules.aliases, args.aliases());
    let mut roles: Vec<StackRole> = args.role.iter().filter_map(|role| stack_role(*role, &rules)).collect();
    if args.role_rules.is_some() && !args.role.contains(&RoleArg::Custom) {
        roles.push(StackRole::Custom(rules));
    }
    if args.assumes_owner() {
        output.note("note: without --role the user is taken for the owner of the stack");
        roles.push(StackRole::Owner);
    }
    Ok(User {
        roles,
        organization: args.organization(),
        sso: args.sso,
        idp_login: args.idp_login,
        access_without_sso: args.access_without_sso,
        strict_mode: args.strict_mode,
        stack_created: args.stack_created,
        stack_without_branches: false,
    })
}

fn stack_role(role: RoleArg, rules: &RoleRules) -> Option<StackRole> {
    match role {
        RoleArg::Owner => Some(StackRole::Owner),
        RoleArg::Admin => Some(StackRole::Admin),
        RoleArg::Developer => Some(StackRole::Developer),
        RoleArg::ContentManager => Some(StackRole::ContentManager),
        RoleArg::Custom => Some(StackRole::Custom(rules.clone())),
        RoleArg::None => None,
    }
}

fn role_rules(path: &str, output: &Output) -> Result<RoleRules, Failure> {
    const RULE: &str = "role_rules";
    let text = input::text(path.as_ref())?;
    let (rules, left_out) = RoleRules::parse(&text)
        .map_err(|problems| Failure::invalid(Problem::all_in_file(path, RULE, &problems)))?;
    let warnings = left_out.iter().map(|item| {
        Problem::in_file(path, item.line, RULE, item.message.as_str())
            .fix("it is left out, so that no more is granted than the role grants")
            .warning()
    });
    output.warnings(&warnings.collect::<Vec<_>>());
    Ok(rules)
}

/// The facts of a user that make the difference: `owner`, `no role, owner of the organization`. Nothing for other kinds.
fn facts(principal: &Principal) -> Vec<&'static str> {
    let Principal::Authtoken(user) = principal else { return Vec::new() };
    let mut facts: Vec<&str> = user.roles.iter().map(role_name).collect();
    if facts.is_empty() {
        facts.push("no role");
    }
    match user.organization {
        OrganizationRole::Owner => facts.push("owner of the organization"),
        OrganizationRole::Admin => facts.push("admin of the organization"),
        OrganizationRole::Member => {}
    }
    facts
}

/// A principal with its profile, in words: `management (profile `seeds`)`, `authtoken (developer, profile `seeds`)`.
pub(crate) fn describe(principal: &Principal, profile: &Profile) -> String {
    let profile = format!("profile `{}`", profile.name);
    let facts: Vec<&str> = facts(principal).into_iter().chain([profile.as_str()]).collect();
    format!("{} ({})", principal.kind(), facts.join(", "))
}

/// The name of a role, as --role takes it.
pub(crate) const fn role_name(role: &StackRole) -> &'static str {
    match role {
        StackRole::Owner => "owner",
        StackRole::Admin => "admin",
        StackRole::Developer => "developer",
        StackRole::ContentManager => "content-manager",
        StackRole::Custom(_) => "custom",
    }
}
