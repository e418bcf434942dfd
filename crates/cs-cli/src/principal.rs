//! From arguments to a principal.

use cs_model::generated::MODULES;
use cs_model::{Module, Plain, Profile, RouteId};
use cs_policy::{
    AccessFacts, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, OrganizationRole, Principal, RoleRules,
    StackRole, User, oauth_scope,
};

use crate::args::can::choices::{KindArg, RoleArg};
use crate::args::can::names::{Modules, Names};
use crate::args::can::who::WhoArgs;
use crate::failure::Failure;
use crate::held::Held;
use crate::input;
use crate::output::{Output, did_you_mean};
use crate::problem::Problem;

/// Whoever the command line describes: what the token was given, if one is named, and what the options say. Beside it,
/// what of its role's rules is not in it.
pub(crate) fn principal(
    args: &WhoArgs,
    held: Option<&Held>,
    output: &Output,
) -> Result<(Principal, Vec<Problem>), Failure> {
    let mut left_out = Vec::new();
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
        Principal::Authtoken(user) => (*user, left_out) = self::user(args, output)?,
        Principal::Access(facts) => facts.stack_created = args.stack_created,
        Principal::OAuth(facts) => {
            facts.scopes = Names::all(&args.oauth_scopes).unwrap_or_default().into_iter().collect();
        }
        Principal::Anonymous => {
            if args.says_how_the_user_enters() {
                output.note(
                    "note: who makes a request without credential is not known: --org-owner, --org-admin, --sso, \
                     --idp-login, --access-without-sso and --strict-mode change nothing here",
                );
                output.note("hint: POST /v3/user-session asks whether such a user may get an authtoken");
            }
        }
    }
    notice_unknown_names(args, output);
    let known = held.and_then(|held| held.stack_without_branches);
    let principal = match args.stack_without_branches.or(known) {
        Some(without) => principal.stack_without_branches(without),
        None => principal.stack_inferred(),
    };
    Ok((principal, left_out))
}

/// Names that no document knows are taken as they are, and may be slips.
fn notice_unknown_names(args: &WhoArgs, output: &Output) {
    let modules = Modules::all(&args.scope).unwrap_or_default();
    let others = modules.keys().filter_map(|module| match module {
        Module::Other(name) => Some(name),
        _ => None,
    });
    for name in others {
        let meant = did_you_mean(name, MODULES.iter().map(|row| row.name));
        output.note(format_args!(
            "note: no document knows the module `{}`{} (`cstok policy show --list` has all)",
            Plain(name),
            meant.map(|meant| format!(": {meant}")).unwrap_or_default()
        ));
    }
    for scope in Names::all(&args.oauth_scopes).unwrap_or_default() {
        let known: Vec<&str> = RouteId::all().filter_map(oauth_scope).collect();
        if !known.contains(&scope.as_str()) {
            output.note(format_args!("note: no request takes the OAuth scope `{}`", Plain(&scope)));
        }
    }
}

/// The user who logs in: without a credential, and with options that say something of the user.
pub(crate) fn who_logs_in(args: &WhoArgs) -> Option<User> {
    let nobody = args.kind == Some(KindArg::Anonymous) && args.says_how_the_user_enters();
    nobody.then(|| User { roles: Vec::new(), ..entering(args) })
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

fn user(args: &WhoArgs, output: &Output) -> Result<(User, Vec<Problem>), Failure> {
    let (mut rules, left_out) = match &args.role_rules {
        Some(path) => role_rules(&path.display().to_string(), output)?,
        None => (RoleRules::default(), Vec::new()),
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
    Ok((User { roles, ..entering(args) }, left_out))
}

/// The facts of a user but the roles.
fn entering(args: &WhoArgs) -> User {
    User {
        roles: Vec::new(),
        organization: args.organization(),
        sso: args.sso,
        idp_login: args.idp_login,
        access_without_sso: args.access_without_sso,
        strict_mode: args.strict_mode,
        stack_created: args.stack_created,
        stack_without_branches: false,
    }
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

/// The rules of a role in a file, and what of them is left out.
fn role_rules(path: &str, output: &Output) -> Result<(RoleRules, Vec<Problem>), Failure> {
    const RULE: &str = "role_rules";
    let text = input::text(path.as_ref())?;
    let (rules, left_out) = RoleRules::parse(&text)
        .map_err(|problems| Failure::invalid(Problem::all_in_file(path, RULE, &problems)))?;
    let warnings = left_out.iter().map(|item| {
        Problem::in_file(path, item.line, RULE, item.message.as_str())
            .fix("rules are judged for whole modules here: look at the role itself for single items")
            .warning()
    });
    let warnings: Vec<_> = warnings.collect();
    output.warnings(&warnings);
    Ok((rules, warnings))
}

/// The facts of a user that make the difference: `owner`, `no role, owner of the organization`. Nothing for other kinds.
fn facts(principal: &Principal) -> Vec<&'static str> {
    let Principal::Authtoken(user) = principal else { return Vec::new() };
    let mut facts: Vec<&str> = user.roles.iter().map(role_name).collect();
    if facts.is_empty() {
        facts.push("no role");
    }
    facts.extend(place(user.organization));
    facts
}

const fn place(role: OrganizationRole) -> Option<&'static str> {
    match role {
        OrganizationRole::Owner => Some("owner of the organization"),
        OrganizationRole::Admin => Some("admin of the organization"),
        OrganizationRole::Member => None,
    }
}

/// A user who logs in, in words: `anonymous (a user who logs in, profile `seeds`)`.
pub(crate) fn describe_login(user: &User, profile: &Profile) -> String {
    let place = place(user.organization).map_or_else(String::new, |place| format!("{place}, "));
    format!("{} (a user who logs in, {place}profile `{}`)", Kind::Anonymous, profile.name)
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
