//! The capability matrix, and who can do something.

use cs_model::{Action, Api, Grant, ModuleId, Profile, RouteId};
use cs_policy::{ManagementFacts, Principal, Verdict, capabilities, who_can};

use crate::ask::*;

fn matrix(principal: &Principal) -> cs_policy::Capabilities {
    capabilities(&Profile::seeds(), principal, NOW.parse().unwrap())
}

#[test]
fn every_route_is_in_the_matrix_once() {
    let matrix = matrix(&everything());
    let mut routes: Vec<_> = matrix.routes().map(|decision| decision.route().unwrap()).collect();
    routes.sort();
    assert_eq!(routes, RouteId::all().collect::<Vec<_>>());
    assert!(matrix.cells().iter().all(|cell| !cell.decisions.is_empty() && !cell.rules().is_empty()));
    assert_eq!(matrix.operations().len(), 2);
}

#[test]
fn a_cell_says_all_or_some() {
    let matrix = matrix(&everything());
    let cell = |module, action| matrix.cell(Api::Management, module, action).unwrap();
    assert_eq!(cell(ModuleId::Entry, Action::Read).verdict(), Some(Verdict::Allow));
    assert_eq!(cell(ModuleId::DeliveryToken, Action::Read).verdict(), Some(Verdict::Forbidden));
    assert_eq!(cell(ModuleId::PreviewToken, Action::Create).verdict(), Some(Verdict::Undocumented));
    // One stage change stands alone; of the branch and alias writes none is allowed.
    assert_eq!(cell(ModuleId::Branch, Action::Create).allowed(), 0);
    assert!(matrix.cell(Api::Management, ModuleId::AuditLog, Action::Delete).is_none());
}

#[test]
fn it_looks_where_something_was_granted() {
    let facts = |branches, aliases| {
        Principal::Management(ManagementFacts { branches, aliases, ..management_facts("entry:r") })
    };
    for principal in [
        facts(Grant::only(["development"]), Grant::None),
        facts(Grant::None, Grant::only(["deploy"])),
        facts(Grant::None, Grant::All),
        facts(Grant::None, Grant::None).stack_without_branches(true),
    ] {
        let matrix = matrix(&principal);
        let cell = matrix.cell(Api::Management, ModuleId::Entry, Action::Read).unwrap();
        assert!(cell.allowed() > 0, "{principal:?}");
    }
}

#[test]
fn as_json() {
    let json = matrix(&developer()).to_json();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["kind"], "authtoken");
    let cell = json["capabilities"]
        .as_array()
        .unwrap()
        .iter()
        .find(|cell| cell["module"] == "management_token" && cell["action"] == "create")
        .unwrap();
    assert_eq!(cell["verdict"], "not_granted");
    assert_eq!(cell["routes"][0]["path"], "/v3/stacks/management_tokens");
    assert_eq!(json["operations"][0]["operation"], "access_token:reset");
}

#[test]
fn who_can_make_delivery_tokens() {
    let people = [
        ("owner", owner()),
        ("editor", content_manager()),
        ("ci", everything()),
        ("developer", developer()),
        ("website", delivery()),
    ];
    let named = people.iter().map(|(name, principal)| (*name, principal));
    let request = cma("POST /v3/stacks/delivery_tokens");
    let answers = who_can(&Profile::seeds(), &request, named, NOW.parse().unwrap());
    let able: Vec<_> =
        answers.iter().filter(|(_, decision)| decision.verdict().is_allow()).map(|(name, _)| *name).collect();
    assert_eq!(able, ["owner", "developer"]);
    assert_eq!(answers.len(), people.len());
}
