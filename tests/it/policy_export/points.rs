//! Points: a principal and a request, over all values of the facts that rules read.
//!
//! Facts come in groups. Of names (branches, aliases, environments, modules) only membership is read, so a few stand for all:
//! one that is granted, one that is not, and those that mean something by themselves (`main`, `$all`).

use cs_model::{Access, Expiry, Grant, Module, ModuleId};
use cs_policy::{
    BodyFacts, Condition, Kind, ManagementFacts, OrganizationRole, Principal, PublishAnswer, Request,
    RoleRules, StackRole, Subject, User,
};

use super::principals::{self, Branches, access_tokens, delivery, oauth};

/// What is granted, by module.
type Scope = std::collections::BTreeMap<Module, Access>;

/// The time of all requests.
pub(super) const NOW: &str = "2026-11-21T12:00:00Z";

/// What the rules of a kind on a subject read.
pub(super) struct Reads {
    conditions: Vec<Condition>,
    pub(super) kind: Kind,
    pub(super) subject: Subject,
}

impl Reads {
    pub(super) fn of(kind: Kind, subject: Subject) -> Self {
        let rules = cs_policy::RULES.iter().filter(|rule| rule.about.covers(kind, subject));
        Self { conditions: rules.map(|rule| rule.when).collect(), kind, subject }
    }

    fn any(&self, conditions: &[Condition]) -> bool {
        conditions.iter().any(|condition| self.conditions.contains(condition))
    }

    fn modules_read(&self) -> bool {
        use Condition::*;
        self.any(&[ModuleNotGranted, WriteMissing, ReadMissing, ContentManager, CustomRoleLacks, EntryHidden])
    }

    pub(super) fn branches(&self) -> bool {
        self.any(&[Condition::BranchMissing, Condition::AliasMissing])
    }

    /// Modules whose grants matter: the subject's own, the one that grants it.
    fn modules(&self) -> Vec<Module> {
        let Subject::Route(route) = self.subject else { return Vec::new() };
        let (own, by) = (route.row().module, route.row().module.row().granted_by);
        let mut modules = vec![Module::Known(own)];
        if by != own {
            modules.push(Module::Known(by));
        }
        // Whose rules are about entries, beside those about the module.
        if self.any(&[Condition::EntryHidden]) {
            modules.insert(0, Module::Known(ModuleId::Entry));
        }
        modules
    }

    /// What subjects share that are alike in everything that is read: rules, modules, right, scope.
    pub(super) fn likeness(&self) -> String {
        let Subject::Route(route) = self.subject else { return format!("{:?}", self.subject) };
        let rules = cs_policy::RULES.iter().filter(|rule| rule.about.covers(self.kind, self.subject));
        let mut text = rules.map(|rule| rule.id).collect::<Vec<_>>().join(" ");
        if self.modules_read() {
            text.push_str(&format!(" {:?} {:?}", self.modules(), route.row().action.row().needs));
        }
        if self.any(&[Condition::OauthScopeMissing]) {
            text.push_str(&format!(" {:?}", cs_policy::oauth_scope(route)));
        }
        text
    }
}

/// How much of the space is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All values.
    Full,
    /// One value for each outcome.
    Outcomes,
}

/// Principals and requests of which every pair is a point.
pub(super) struct Block {
    pub(super) principals: Vec<Principal>,
    pub(super) requests: Vec<Request<'static>>,
}

/// The points of a kind on a subject.
pub(super) fn blocks(reads: &Reads, extent: Extent) -> Vec<Block> {
    let requests = || requests(reads, extent);
    let one = |principals| vec![Block { principals, requests: requests() }];
    match reads.kind {
        Kind::Delivery => one(delivery(reads.branches()).map(Principal::Delivery).collect()),
        Kind::Preview => one(delivery(reads.branches()).map(Principal::Preview).collect()),
        Kind::Management => management(reads, extent),
        Kind::Authtoken => users(reads, extent),
        Kind::Access => one(access_tokens()),
        Kind::OAuth => one(oauth(reads.subject)),
        Kind::Anonymous => one(vec![Principal::Anonymous]),
    }
}

/// All requests that differ in what is read, and one that differs in everything else.
fn requests(reads: &Reads, extent: Extent) -> Vec<Request<'static>> {
    let mut requests = vec![Request::new("", "")];
    let mut vary = |values: Vec<fn(&mut Request<'static>)>| {
        requests = requests
            .iter()
            .flat_map(|request| {
                values.iter().map(|change| {
                    let mut request = *request;
                    change(&mut request);
                    request
                })
            })
            .collect();
    };
    if reads.branches() {
        vary(vec![|_| {}, |r| r.branch = Some("main"), |r| r.branch = Some("development"), |r| {
            r.branch = Some("next");
        }]);
        vary(vec![|_| {}, |r| r.alias = Some("deploy"), |r| r.alias = Some("other")]);
    }
    if reads.any(&[Condition::OtherStack]) {
        vary(vec![|_| {}, |r| r.other_stack = true]);
    }
    if reads.any(&[Condition::EnvironmentMissing]) {
        vary(vec![|_| {}, |r| r.environment = Some("production"), |r| r.environment = Some("staging")]);
    }
    if reads.any(&[Condition::Draft]) {
        vary(vec![|_| {}, |r| r.draft = true]);
    }
    if reads.any(&[
        Condition::StageChange,
        Condition::StageOpenToAll,
        Condition::StageClosed,
        Condition::PublishRequest,
        Condition::NotApprover,
    ]) {
        vary(vec![|_| {}, |r| r.body.publish_request = Some(PublishAnswer::Accept), |r| {
            r.body.publish_request = Some(PublishAnswer::Reject);
        }]);
        vary(vec![|_| {}, |r| r.body.stage_open_to_all = true]);
        vary(vec![|_| {}, |r| r.body.user_named = true]);
    }
    if reads.any(&[Condition::ApproversNamed]) {
        vary(vec![|_| {}, |r| r.body.approvers_named = true]);
    }
    if extent == Extent::Outcomes {
        return thin(requests);
    }
    // What no rule of the kind reads here must change nothing.
    let body =
        BodyFacts { stage_open_to_all: true, user_named: true, publish_request: None, approvers_named: true };
    let mut unread =
        Request { branch: Some("next"), environment: Some("staging"), draft: true, ..Request::new("", "") };
    unread.body = body;
    requests.push(unread);
    requests
}

/// Half of the branches say the same as the other half.
fn thin(requests: Vec<Request<'static>>) -> Vec<Request<'static>> {
    requests.into_iter().filter(|r| !matches!((r.branch, r.alias), (Some("main" | "next"), _))).collect()
}

const ACCESSES: [Option<Access>; 4] =
    [None, Some(Access::Read), Some(Access::Write), Some(Access::ReadWrite)];

/// Every way to grant these modules and `$all`.
fn scopes(modules: &[Module]) -> Vec<Scope> {
    let mut scopes = vec![Scope::new()];
    for module in modules.iter().chain([&Module::All]) {
        scopes = scopes
            .iter()
            .flat_map(|scope| {
                ACCESSES.map(|access| {
                    let mut scope = scope.clone();
                    if let Some(access) = access {
                        scope.insert(module.clone(), access);
                    }
                    scope
                })
            })
            .collect();
    }
    // A grant of something else is no grant.
    scopes.push(
        [(Module::Known(ModuleId::Webhook), Access::ReadWrite), (Module::from("brand_new"), Access::Read)]
            .into(),
    );
    scopes
}

/// One scope for each outcome: nothing, reading, writing, both, all.
fn few_scopes(modules: &[Module]) -> Vec<Scope> {
    let own = modules.first().cloned().unwrap_or(Module::All);
    let mut scopes: Vec<_> = [Access::Read, Access::Write, Access::ReadWrite]
        .map(|access| Scope::from([(own.clone(), access)]))
        .into();
    scopes.push(Scope::new());
    scopes.push([(Module::All, Access::ReadWrite)].into());
    scopes
}

/// Management tokens in two blocks: every scope with every branch grant and request; every end with a scope for each
/// outcome and every request.
fn management(reads: &Reads, extent: Extent) -> Vec<Block> {
    let full = extent == Extent::Full;
    let few = match reads.modules_read() {
        false => vec![Scope::from([(Module::All, Access::ReadWrite)])],
        true => few_scopes(&reads.modules()),
    };
    let all = if full && reads.modules_read() { scopes(&reads.modules()) } else { few.clone() };
    // The grants of branches also give the right to read the list of branches.
    let listed = reads
        .modules()
        .iter()
        .any(|module| matches!(module, Module::Known(ModuleId::Branch | ModuleId::BranchAlias)));
    let grants = principals::branches(reads.branches() || listed, full);
    let expired = reads.any(&[Condition::Expired]);
    let tokens = |scopes: &[Scope], grants: &[Branches], expiries: &[Expiry]| {
        let mut tokens = Vec::new();
        for scope in scopes {
            for of in grants {
                tokens.extend(expiries.iter().map(|expires| {
                    Principal::Management(ManagementFacts {
                        scope: scope.clone(),
                        branches: of.branches.clone(),
                        aliases: of.aliases.clone(),
                        stack_without_branches: of.without,
                        expires: expires.clone(),
                    })
                }));
            }
        }
        tokens
    };
    let mut blocks = vec![Block {
        principals: tokens(&all, &grants, &principals::expiries(expired && !full, false)),
        requests: requests(reads, extent),
    }];
    if full && expired {
        let principals = tokens(&few, &grants[..1], &principals::expiries(true, true));
        blocks.push(Block { principals, requests: requests(reads, extent) });
    }
    blocks
}

/// Users in blocks, because the rules of a custom role have too many values to be multiplied with all others: every set of
/// roles, in every place of the organization; custom roles with every branch grant, beside every other role, with rules for
/// each outcome; and with every grant and exceptions. The first two with every request.
fn users(reads: &Reads, extent: Extent) -> Vec<Block> {
    use Condition::*;
    let full = extent == Extent::Full;
    let single_sign_on = reads.any(&[Sso, IdpLogin, SsoWithoutPermission, SsoStrictMode]);
    let organizations = single_sign_on
        || reads.any(&[OrganizationOwnerWithoutRole, NotOrganizationAdmin, NotOrganizationOwner]);
    let sets: &[u8] = if full { &principals::ROLE_SETS } else { &principals::ONE_ROLE };
    let mut people = principals::users(None, sets, organizations, single_sign_on);
    let modules = reads.modules();
    let closed: Scope = modules.iter().take(1).map(|module| (module.clone(), Access::ReadWrite)).collect();
    let rules = |grants: &Scope, except: &Scope| RoleRules {
        grants: grants.clone(),
        except: except.clone(),
        ..RoleRules::default()
    };
    let mut each = vec![rules(&Scope::new(), &Scope::new())];
    if reads.modules_read() {
        let (none, all) = (Scope::new(), Scope::from([(Module::All, Access::ReadWrite)]));
        each = vec![rules(&none, &none), rules(&all, &none), rules(&none, &closed), rules(&all, &closed)];
    }
    for rules in each {
        people.extend(principals::users(Some(&rules), sets, false, false));
        for of in principals::branches(reads.branches(), full) {
            let rules = RoleRules { branches: of.branches, aliases: of.aliases, ..rules.clone() };
            let users = principals::users(Some(&rules), &principals::ONE_ROLE, false, false);
            people.extend(users.into_iter().map(|user| user.stack_without_branches(of.without)));
        }
    }
    if reads.any(&[StackTooNew]) {
        people = people.into_iter().flat_map(|user| principals::ages(&user)).collect();
    }
    let mut blocks = vec![Block { principals: people, requests: requests(reads, extent) }];
    if full && reads.modules_read() {
        let mut people = vec![several_roles()];
        for grants in scopes(&modules) {
            for except in few_scopes(&modules) {
                let rules = RoleRules { branches: Grant::All, ..rules(&grants, &except) };
                people.extend(principals::users(Some(&rules), &principals::ONE_ROLE, false, false));
            }
        }
        blocks.push(Block { principals: people, requests: vec![Request::new("", "")] });
    }
    blocks
}

/// A user whose two custom roles add up.
fn several_roles() -> Principal {
    let role = |module: ModuleId, branch: &str, except: ModuleId| {
        StackRole::Custom(RoleRules {
            grants: [(Module::Known(module), Access::ReadWrite)].into(),
            except: [(Module::Known(except), Access::Write)].into(),
            branches: Grant::only([branch]),
            aliases: Grant::only([branch]),
        })
    };
    Principal::Authtoken(User {
        roles: vec![
            role(ModuleId::Entry, "main", ModuleId::Asset),
            role(ModuleId::ContentType, "development", ModuleId::Entry),
        ],
        organization: OrganizationRole::Owner,
        ..User::default()
    })
}

/// Never, and the ends around the time of the requests.
pub(super) fn ends() -> Vec<Expiry> {
    ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-21T11:59:59.999Z", NOW, "2026-11-21T12:00:00.001Z"]
        .iter()
        .map(|text| text.parse().unwrap())
        .chain([Expiry::Never])
        .collect()
}
