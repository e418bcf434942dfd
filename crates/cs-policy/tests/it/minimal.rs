//! The laws of minimal scopes.

use std::collections::BTreeSet;

use cs_model::{Access, Against, Api, Draft, Grant, ModuleId, Profile, RouteId};
use cs_policy::{
    ManagementFacts, Order, Principal, Request, Scope, Verdict, capabilities, compare, decide_request,
    minimal_scope,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::ask::{NOW, everything};
use crate::generate::{ALIASES, BRANCHES};

/// A path of a route: each parameter filled in.
fn path(id: RouteId) -> String {
    let segments = id.row().template.split('/').map(|part| if part.starts_with('{') { "blt1" } else { part });
    segments.collect::<Vec<_>>().join("/")
}

#[derive(Clone, Debug)]
struct Asked {
    method: &'static str,
    path: String,
    branch: Option<&'static str>,
    alias: Option<&'static str>,
}

impl Asked {
    fn request(&self) -> Request<'_> {
        let mut request = Request::new(self.method, &self.path);
        (request.branch, request.alias) = (self.branch, self.alias);
        request
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let routes: Vec<RouteId> = RouteId::all().filter(|id| id.row().api == Api::Management).collect();
    let maybe = |names: &'static [&'static str]| proptest::option::weighted(0.3, select(names));
    (select(routes), maybe(&BRANCHES), maybe(&ALIASES)).prop_map(|(id, branch, alias)| Asked {
        method: id.row().method.as_str(),
        path: path(id),
        branch,
        alias,
    })
}

/// Requests that some management token may make.
fn possible() -> impl Strategy<Value = Vec<Asked>> {
    vec(asked(), 0..6).prop_map(|list| {
        list.into_iter().filter(|asked| decided(&Profile::seeds(), &everything(), asked).is_allow()).collect()
    })
}

fn decided(profile: &Profile, principal: &Principal, asked: &Asked) -> Verdict {
    decide_request(profile, principal, &asked.request(), NOW.parse().unwrap()).verdict()
}

/// The facts with one right, entry or name less, in every way.
fn smaller(facts: &ManagementFacts) -> Vec<ManagementFacts> {
    let mut all = Vec::new();
    for (module, access) in &facts.scope {
        let mut less = facts.clone();
        less.scope.remove(module);
        all.push(less);
        if *access == Access::ReadWrite {
            for left in [Access::Read, Access::Write] {
                let mut less = facts.clone();
                less.scope.insert(module.clone(), left);
                all.push(less);
            }
        }
    }
    let without = |grant: &Grant| match grant {
        Grant::Only(names) => names
            .iter()
            .map(|name| Grant::only(names.iter().filter(|other| *other != name).cloned()))
            .collect(),
        _ => Vec::new(),
    };
    all.extend(
        without(&facts.branches).into_iter().map(|branches| ManagementFacts { branches, ..facts.clone() }),
    );
    all.extend(
        without(&facts.aliases).into_iter().map(|aliases| ManagementFacts { aliases, ..facts.clone() }),
    );
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn it_allows_what_was_asked_and_nothing_can_go(list in possible(), name in select(Profile::NAMES.to_vec())) {
        let profile = Profile::find(name).unwrap();
        let requests: Vec<_> = list.iter().map(Asked::request).collect();
        let Ok(scope) = minimal_scope(&profile, &requests) else { return Ok(()) };
        let principal = Principal::Management(scope.facts());
        for asked in &list {
            prop_assert_eq!(decided(&profile, &principal, asked), Verdict::Allow, "{}: {:?}", scope, asked);
        }
        let required = profile.switches.branch_scope_required.value;
        for less in smaller(&scope.facts()) {
            if required && less.branches.is_none() && less.aliases.is_none() && !list.is_empty() {
                continue;
            }
            let token = Principal::Management(less.clone());
            let enough = list.iter().all(|asked| decided(&profile, &token, asked).is_allow());
            prop_assert!(!enough, "{scope} is more than {less:?}");
        }
    }

    #[test]
    fn it_allows_no_other_module_or_right(list in possible()) {
        let profile = Profile::seeds();
        let requests: Vec<_> = list.iter().map(Asked::request).collect();
        let scope = minimal_scope(&profile, &requests).unwrap();
        // What is granted by the entries that the requests take, right by right.
        let needed: BTreeSet<_> = requests
            .iter()
            .map(|request| {
                let decision = decide_request(&profile, &everything(), request, NOW.parse().unwrap());
                let route = decision.route().unwrap().row();
                (route.module.row().granted_by, route.action.row().needs)
            })
            .collect();
        // Free without any module: what the default scope of a token may do.
        let bare = ManagementFacts { scope: Default::default(), ..scope.facts() };
        let at = NOW.parse().unwrap();
        let before = capabilities(&profile, &Principal::Management(bare), at);
        let after = capabilities(&profile, &Principal::Management(scope.facts()), at);
        for (before, after) in before.routes().zip(after.routes()) {
            let route = after.route().unwrap().row();
            if after.verdict().is_allow() && !before.verdict().is_allow() {
                prop_assert!(
                    needed.contains(&(route.module.row().granted_by, route.action.row().needs)),
                    "{scope} opens {} {}", route.method.as_str(), route.template
                );
            }
        }
    }

    #[test]
    fn more_requests_take_no_less(list in possible(), more in possible()) {
        let profile = Profile::seeds();
        let both: Vec<_> = list.iter().chain(&more).map(Asked::request).collect();
        let few = minimal_scope(&profile, &both[..list.len()]).unwrap();
        let many = minimal_scope(&profile, &both).unwrap();
        for (module, access) in &few.modules {
            // The lists of branches and aliases are also read by naming one.
            let by_name = matches!(module.known(), Some(ModuleId::Branch | ModuleId::BranchAlias));
            let kept = many.modules.get(module).is_some_and(|more| more.union(*access) == *more);
            prop_assert!(kept || by_name, "{few} | {many}");
        }
    }

    #[test]
    fn what_has_no_scope_is_open_to_no_token(list in vec(asked(), 1..6)) {
        let requests: Vec<_> = list.iter().map(Asked::request).collect();
        let reachable = |asked: &Asked| decided(&Profile::seeds(), &everything(), asked).is_allow();
        match minimal_scope(&Profile::seeds(), &requests) {
            Ok(_) => prop_assert!(list.iter().all(reachable)),
            Err(error) => {
                let told: Vec<_> = error.requests().iter().map(|item| item.index).collect();
                let expected: Vec<_> = (0..list.len()).filter(|index| !reachable(&list[*index])).collect();
                prop_assert_eq!(told, expected);
                prop_assert!(error.requests().iter().all(|item| !item.reason().is_empty()));
            }
        }
    }
}

#[test]
fn it_makes_a_draft_that_passes_its_check() {
    let mut request = Request::new("PUT", "/v3/content_types/page/entries/blt1");
    request.branch = Some("development");
    let scope = minimal_scope(&Profile::seeds(), &[request]).unwrap();
    let profile = Profile::seeds();
    let against = Against::new(&profile, NOW.parse().unwrap());
    assert!(scope.draft("importer").check(&against).is_ok());
    let order =
        compare(&Scope::from(&scope.draft("importer")), &Scope::from(scope.facts()), &profile).order();
    assert_eq!(order, Order::Equal);
}

fn of(requests: &[Request<'_>]) -> String {
    minimal_scope(&Profile::seeds(), requests).unwrap().to_string()
}

#[test]
fn rights_and_names_that_are_asked_for() {
    let mut request = Request::new("GET", "/v3/content_types/page/entries");
    request.branch = Some("development");
    let mut other = Request::new("DELETE", "/v3/content_types/page");
    other.alias = Some("deploy");
    assert_eq!(of(&[request]), "entry:r on branches development");
    assert_eq!(of(&[request, other]), "content_type:w,entry:r on branches development on aliases deploy");
}

#[test]
fn the_branch_list_is_read_by_naming_a_branch() {
    let scope = minimal_scope(&Profile::seeds(), &[Request::new("GET", "/v3/stacks/branches")]).unwrap();
    assert!(scope.modules.is_empty());
    assert_eq!(scope.to_string(), "no module on branches main");
}

#[test]
fn every_request_without_a_scope_is_told() {
    let asked = [
        Request::new("GET", "/v3/assets"),
        Request::new("GET", "/v3/organizations"),
        Request::new("POST", "/v3/stacks/delivery_tokens/blt1/preview_token"),
        Request::new("GET", "/v3/nowhere"),
    ];
    let error = minimal_scope(&Profile::seeds(), &asked).unwrap_err();
    let verdicts: Vec<_> =
        error.requests().iter().map(|item| (item.index, item.decision.verdict().name())).collect();
    assert_eq!(verdicts, [(1, "forbidden"), (2, "undocumented"), (3, "unmapped")]);
    assert!(error.to_string().contains("`GET /v3/organizations` is forbidden"), "{error}");
    assert!(!error.requests()[0].reason().is_empty());
}

#[test]
fn a_get_that_changes_something_takes_write() {
    let request = Request::new("GET", "/v3/workflows/blt1/disable");
    assert_eq!(of(&[request]), "workflow:w on branches main");
}
