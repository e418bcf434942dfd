//! The load of the measurements: every kind of credential on every documented route, in a mixed order.

use std::ops::Range;

use cs_model::{Access, Expiry, Grant, Module, ModuleId, Profile, RouteId};
use cs_policy::{
    AccessFacts, Context, DeliveryFacts, ManagementFacts, NamedBranch, OAuthFacts, Prepared, Principal,
    Request, RoleRules, StackRole, oauth_scope,
};
use jiff::{SignedDuration, Timestamp};

use crate::paths;

/// The branches that requests name: none, one that most principals were granted, one that they were not.
pub const BRANCHES: [Option<&str>; 3] = [None, Some("main"), Some("next")];

/// When everything is asked: noon of 2026-11-21.
const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

/// How far from that the tokens that end do so.
const NOTICE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The stack that a load is about.
#[derive(Debug)]
pub struct Load {
    /// Who asks: all kinds, and for kinds with grants several, from narrow to wide.
    pub principals: Vec<Principal>,
    /// The same, made ready.
    pub prepared: Vec<Prepared>,
    /// What is asked, in a mixed order.
    pub questions: Vec<Question>,
    /// The paths of all questions in their order, as a log has them.
    pub log: String,
    /// When.
    pub now: Timestamp,
}

/// One question, with what each of the measured functions takes.
#[derive(Clone, Debug)]
pub struct Question {
    /// The place of the principal.
    pub principal: u16,
    /// The place of the branch in [`BRANCHES`].
    pub branch: u16,
    /// The route.
    pub route: RouteId,
    /// The facts of the request with the numbers of the principal.
    pub context: Context,
    /// Where its path is in the log.
    pub path: Range<u32>,
}

impl Default for Load {
    fn default() -> Self {
        Self::new()
    }
}

impl Load {
    /// Every principal on every route, each with one of the branches in turn.
    #[must_use]
    pub fn new() -> Self {
        Self::of(1)
    }

    /// The same with so many times the principals, each with tables of its own.
    #[must_use]
    pub fn of(times: usize) -> Self {
        let principals: Vec<Principal> = (0..times).flat_map(|_| principals()).collect();
        let prepared: Vec<Prepared> =
            principals.iter().map(|one| Prepared::new(one).tabulated(&Profile::seeds())).collect();
        let mut questions = Vec::new();
        for (number, ready) in prepared.iter().enumerate() {
            for route in RouteId::all() {
                let branch = (number + route.index()) % BRANCHES.len();
                let named = BRANCHES[branch].map(|name| ready.branch(name));
                questions.push(Question {
                    principal: number as u16,
                    branch: branch as u16,
                    route,
                    context: Context {
                        branch: named.map_or(NamedBranch::NotNamed, NamedBranch::Branch),
                        ..Context::default()
                    },
                    path: 0..0,
                });
            }
        }
        shuffle(&mut questions);
        let mut log = String::new();
        for question in &mut questions {
            let start = log.len() as u32;
            log.push_str(&paths::of(question.route.row().template));
            question.path = start..log.len() as u32;
        }
        Self { principals, prepared, questions, log, now: NOW }
    }

    /// The path of a question.
    #[must_use]
    pub fn path(&self, question: &Question) -> &str {
        &self.log[question.path.start as usize..question.path.end as usize]
    }

    /// A question as a log line has it.
    #[must_use]
    pub fn request(&self, question: &Question) -> Request<'_> {
        let route = question.route.row();
        let mut request = Request::new(route.method.as_str(), self.path(question)).on(route.api);
        request.branch = BRANCHES[usize::from(question.branch)];
        request
    }
}

fn principals() -> Vec<Principal> {
    let management = |scope: &[(Module, Access)], branches: Grant, expires: Expiry| {
        Principal::Management(ManagementFacts {
            scope: scope.iter().cloned().collect(),
            branches,
            aliases: Grant::None,
            expires,
            ..ManagementFacts::default()
        })
    };
    let (before, after) = (Expiry::at(NOW - NOTICE), Expiry::at(NOW + NOTICE));
    let known = Module::Known;
    let delivery = DeliveryFacts {
        environments: Grant::only(["production"]),
        branches: Grant::only(["main"]),
        aliases: Grant::None,
        ..DeliveryFacts::default()
    };
    let editor = RoleRules {
        grants: [(known(ModuleId::Entry), Access::ReadWrite), (known(ModuleId::ContentType), Access::Read)]
            .into(),
        branches: Grant::only(["main"]),
        ..RoleRules::default()
    };
    let scopes = RouteId::all().filter_map(oauth_scope).filter(|scope| scope.ends_with(":read"));
    vec![
        Principal::Delivery(delivery.clone()),
        Principal::Preview(delivery),
        management(&[(known(ModuleId::Entry), Access::Read)], Grant::only(["main"]), after.clone()),
        management(
            &[(known(ModuleId::Entry), Access::ReadWrite), (known(ModuleId::Asset), Access::ReadWrite)],
            Grant::only(["main", "next"]),
            after,
        ),
        management(&[(known(ModuleId::Webhook), Access::ReadWrite)], Grant::only(["main"]), before),
        management(&[(Module::All, Access::ReadWrite)], Grant::All, Expiry::Never),
        Principal::user(StackRole::Owner),
        Principal::user(StackRole::Developer),
        Principal::user(StackRole::ContentManager),
        Principal::user(StackRole::Custom(editor)),
        Principal::Access(AccessFacts::default()),
        Principal::OAuth(OAuthFacts { scopes: scopes.map(str::to_owned).collect() }),
        Principal::Anonymous,
    ]
}

/// A fixed mixed order: the same in every run and for everything that is measured.
fn shuffle<T>(items: &mut [T]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..items.len()).rev() {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(last, (state % (last as u64 + 1)) as usize);
    }
}
