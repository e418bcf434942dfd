//! A generated access log: the same lines each time, with the verdicts that `decide` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cs_model::{Access, Api, Expiry, Grant, Module, ModuleId, Profile, RouteId};
use cs_policy::{
    AccessFacts, BodyFacts, DeliveryFacts, ManagementFacts, OAuthFacts, OrganizationRole, Prepared,
    Principal, PublishAnswer, Request, RoleRules, StackRole, User, decide_prepared, oauth_scope, why,
};
use jiff::Timestamp;

/// The API key of every principal's stack.
pub(super) const STACK: &str = "blt_own";

/// Numbers that look random and are the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}

/// A line of the log.
pub(super) struct Line {
    at: Timestamp,
    /// `None` without credential; beyond the principals for one that nobody knows.
    principal: Option<usize>,
    api: Api,
    method: &'static str,
    path: String,
    other_stack: bool,
    branch: Option<&'static str>,
    alias: Option<&'static str>,
    environment: Option<&'static str>,
    draft: bool,
    body: BodyFacts,
}

/// What is expected of a line, and what an engine answers: verdict, rules, warnings.
pub(super) type Answer = (String, String, String);

pub(super) struct Log {
    pub(super) principals: Vec<Principal>,
    pub(super) lines: Vec<Line>,
}

impl Log {
    pub(super) fn generate(lines: usize, principals: usize) -> Self {
        let mut dice = Dice(20_261_121);
        let principals: Vec<Principal> = (0..principals).map(|_| principal(&mut dice)).collect();
        let routes: Vec<RouteId> = RouteId::all().collect();
        let lines = (0..lines).map(|_| line(&mut dice, &routes, principals.len())).collect();
        Self { principals, lines }
    }

    /// As the table `cs_access_log` takes it.
    pub(super) fn csv(&self) -> String {
        let mut text = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            let quoted = |value: &str| format!("\"{}\"", value.replace('"', "\"\""));
            let maybe = |value: Option<&str>| value.map(quoted).unwrap_or_default();
            let answer = line.body.publish_request.map(|answer| match answer {
                PublishAnswer::Accept => "accept",
                PublishAnswer::Reject => "reject",
            });
            let _ = writeln!(
                text,
                "{number},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                line.at.strftime("%Y-%m-%d %H:%M:%S.%6f"),
                maybe(line.principal.map(name).as_deref()),
                line.api.name(),
                line.method,
                quoted(&line.path),
                quoted(if line.other_stack { "blt_other" } else { STACK }),
                maybe(line.branch),
                maybe(line.alias),
                maybe(line.environment),
                line.draft,
                maybe(answer),
                line.body.stage_open_to_all,
                line.body.user_named,
                line.body.approvers_named,
            );
        }
        text
    }

    /// What `decide` says of each line.
    pub(super) fn expected(&self, profile: &Profile) -> Vec<Answer> {
        let prepared: Vec<Prepared> = self.principals.iter().map(Prepared::new).collect();
        let nobody = Prepared::new(&Principal::Anonymous);
        let answer = |line: &Line| {
            let principal = match line.principal {
                None => &nobody,
                Some(number) => match prepared.get(number) {
                    Some(principal) => principal,
                    None => return ("unknown_principal".to_owned(), String::new(), String::new()),
                },
            };
            let request = Request {
                api: line.api,
                method: line.method,
                path: &line.path,
                other_stack: line.other_stack,
                branch: line.branch,
                alias: line.alias,
                environment: line.environment,
                draft: line.draft,
                body: line.body,
            };
            let decision = decide_prepared(profile, principal, &request, line.at);
            let ids = |rules: &mut dyn Iterator<Item = &'static cs_policy::Rule>| {
                rules.map(|rule| rule.id).collect::<Vec<_>>().join(" ")
            };
            let (reasons, warnings) = (ids(&mut why(&decision)), ids(&mut decision.warnings()));
            (decision.verdict().to_string(), reasons, warnings)
        };
        self.lines.iter().map(answer).collect()
    }

    /// A line in words, for a difference.
    pub(super) fn describe(&self, number: usize) -> String {
        let line = &self.lines[number];
        let principal = line.principal.and_then(|number| self.principals.get(number));
        format!(
            "line {number}: {principal:?} {} {} {:?} other stack {}, branch {:?}, alias {:?}, environment {:?}, draft {}, {:?}, at {}",
            line.api.name(),
            line.method,
            line.path,
            line.other_stack,
            line.branch,
            line.alias,
            line.environment,
            line.draft,
            line.body,
            line.at
        )
    }
}

/// What the log calls a principal.
pub(super) fn name(number: usize) -> String {
    format!("credential {number}")
}

fn line(dice: &mut Dice, routes: &[RouteId], principals: usize) -> Line {
    let route = dice.pick(routes).row();
    let mut api = route.api;
    let mut method = route.method.as_str();
    if dice.one_in(30) {
        api = dice.pick(&Api::ALL);
    }
    if dice.one_in(30) {
        method = dice.pick(&["GET", "POST", "PUT", "DELETE", "PATCH", "get", "HEAD"]);
    }
    let principal = match dice.below(100) {
        0 | 1 => None,
        2 => Some(principals),
        _ => Some(dice.below(principals)),
    };
    let answer = dice.pick(&[None, None, Some(PublishAnswer::Accept), Some(PublishAnswer::Reject)]);
    Line {
        at: Timestamp::from_second(1_795_219_200 + 3_600 * dice.below(24 * 20) as i64).unwrap(),
        principal,
        api,
        method,
        path: path(dice, route.template),
        other_stack: dice.one_in(20),
        branch: dice.pick(&[None, None, Some("main"), Some("development"), Some("next")]),
        alias: dice.pick(&[None, None, None, None, Some("deploy"), Some("release")]),
        environment: dice.pick(&[None, None, Some("production"), Some("staging")]),
        draft: dice.one_in(6),
        body: BodyFacts {
            stage_open_to_all: dice.one_in(2),
            user_named: dice.one_in(2),
            publish_request: answer,
            approvers_named: dice.one_in(3),
        },
    }
}

/// A path of a route with values for its parameters; one in six is written in another way, or is none.
fn path(dice: &mut Dice, template: &str) -> String {
    let values = [
        "blt0a9cc7075b8decf0",
        "main",
        "page",
        "$all",
        "a.b-c_d~e",
        "metadata",
        "1",
        "o'brien",
        "items",
        "x:y@z",
    ];
    let segments: Vec<String> = template
        .split('/')
        .map(
            |segment| {
                if segment.starts_with('{') { dice.pick(&values).to_owned() } else { segment.to_owned() }
            },
        )
        .collect();
    let path = segments.join("/");
    match dice.below(80) {
        0 => format!("{path}/"),
        1 => format!("{path}//"),
        2 => format!("/{path}"),
        3 => path.to_uppercase(),
        4 => path.replacen('/', "//", 2),
        5 => path.replace("blt", "%62lt"),
        6 => format!("{path}/.."),
        7 => format!("{path}/%2e%2e"),
        8 => path.replacen("/v3/", "/v3/./", 1),
        9 => format!("{path}?include=a/b&locale=en-us"),
        10 => format!("{path}/?x=1?y=2"),
        11 => format!("{path}/unknown"),
        12 => format!("{path}/{}", "long".repeat(2_000)),
        13 => String::new(),
        14 => path.trim_start_matches('/').to_owned(),
        15 => format!("{path}#fragment"),
        16 => format!("{path}\u{e9}"),
        17 => format!("{path} "),
        18 => format!("{path}\n"),
        19 => "/".to_owned(),
        20 => format!("{path}/."),
        21 => format!("{path}/..."),
        _ => path,
    }
}

fn principal(dice: &mut Dice) -> Principal {
    match dice.below(14) {
        0 | 1 => Principal::Delivery(delivery(dice)),
        2 => Principal::Preview(delivery(dice)),
        3..=6 => Principal::Management(ManagementFacts {
            scope: scope(dice),
            branches: branches(dice),
            aliases: aliases(dice),
            stack_without_branches: dice.one_in(3),
            expires: expiry(dice),
        }),
        7..=10 => Principal::Authtoken(user(dice)),
        11 => Principal::Access(AccessFacts {
            stack_created: dice.pick(&[
                None,
                Some("2020-12-16".parse().unwrap()),
                Some("2020-12-17".parse().unwrap()),
            ]),
        }),
        12 => {
            let scopes: Vec<&str> = RouteId::all().filter_map(oauth_scope).collect();
            let count = dice.below(60);
            let mut chosen: BTreeSet<String> = (0..count).map(|_| dice.pick(&scopes).to_owned()).collect();
            chosen.insert("brand:new".to_owned());
            Principal::OAuth(OAuthFacts { scopes: chosen })
        }
        _ => Principal::Anonymous,
    }
}

fn delivery(dice: &mut Dice) -> DeliveryFacts {
    let environments = dice.pick(&[
        Grant::None,
        Grant::only(["production"]),
        Grant::only(["production", "staging"]),
        Grant::All,
    ]);
    DeliveryFacts {
        environments,
        branches: branches(dice),
        aliases: aliases(dice),
        stack_without_branches: dice.one_in(3),
    }
}

fn branches(dice: &mut Dice) -> Grant {
    dice.pick(&[
        Grant::None,
        Grant::Only(BTreeSet::new()),
        Grant::only(["main"]),
        Grant::only(["main", "development"]),
        Grant::only(["development"]),
        Grant::All,
    ])
}

fn aliases(dice: &mut Dice) -> Grant {
    dice.pick(&[Grant::None, Grant::None, Grant::Only(BTreeSet::new()), Grant::only(["deploy"]), Grant::All])
}

fn scope(dice: &mut Dice) -> BTreeMap<Module, Access> {
    let modules = dice.below(2) * dice.below(40);
    let accesses = [Access::Read, Access::Write, Access::ReadWrite];
    let mut scope: BTreeMap<Module, Access> =
        (0..modules).map(|_| (Module::Known(dice.pick(&ModuleId::ALL)), dice.pick(&accesses))).collect();
    if dice.one_in(3) {
        scope.insert(Module::All, dice.pick(&accesses));
    }
    if dice.one_in(4) {
        scope.insert(Module::from("brand_new"), Access::ReadWrite);
    }
    scope
}

fn expiry(dice: &mut Dice) -> Expiry {
    dice.pick(&["", "", "2026-11-27", "2026-12-02", "2026-11-28T07:00:00Z", "2026-12-04T07:00:00.000001Z"])
        .parse()
        .unwrap_or(Expiry::Never)
}

fn user(dice: &mut Dice) -> User {
    let count = dice.below(3);
    let roles = (0..count)
        .map(|_| match dice.below(8) {
            0 => StackRole::Owner,
            1 => StackRole::Admin,
            2 => StackRole::Developer,
            3 => StackRole::ContentManager,
            _ => StackRole::Custom(RoleRules {
                grants: scope(dice),
                except: if dice.one_in(2) { scope(dice) } else { BTreeMap::new() },
                branches: branches(dice),
                aliases: aliases(dice),
            }),
        })
        .collect();
    User {
        roles,
        organization: dice.pick(&[
            OrganizationRole::Member,
            OrganizationRole::Admin,
            OrganizationRole::Owner,
        ]),
        sso: dice.one_in(2),
        idp_login: dice.one_in(4),
        access_without_sso: dice.one_in(2),
        strict_mode: dice.one_in(3),
        stack_created: dice.pick(&[None, Some("2020-12-17".parse().unwrap())]),
        stack_without_branches: dice.one_in(3),
    }
}
