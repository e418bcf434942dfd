//! Profiles settle contradictions; the rules that one replaces are put aside, no others.

use cs_model::Profile;
use cs_model::generated::ContradictionId;
use cs_model::profile::{ClientReading, Reading, ServiceReading};
use cs_policy::{Context, Prepared, Verdict, decide, decide_in_service, rules};

use crate::ask::*;

fn reading(contradiction: ContradictionId, client: ClientReading) -> Profile {
    let mut profile = Profile::seeds();
    profile.readings.set_client(contradiction, client);
    profile
}

#[test]
fn the_four_readings_of_the_preview_routes() {
    let request = cma("POST /v3/stacks/delivery_tokens/blt1/preview_token");
    for (client, expected) in [
        (ClientReading::Allow, Verdict::Allow),
        (ClientReading::Warn, Verdict::Allow),
        (ClientReading::Deny, Verdict::Forbidden),
        (ClientReading::Unsettled, Verdict::Undocumented),
    ] {
        let id = ContradictionId::PreviewRouteManagementToken;
        let decision = ask_with(&reading(id, client), &everything(), &request);
        assert_eq!(decision.verdict(), expected, "{client:?}");
        assert!(decision.rules().contains(rules::MANAGEMENT_PREVIEW_ROUTES));
        let stands = decision.rules().contains(rules::MANAGEMENT_TOKENS_MODULE);
        assert_eq!(stands, client == ClientReading::Deny, "{client:?}");
        let warned = decision.warnings().any(|rule| rule.id == "management.preview_routes");
        assert_eq!(warned, client == ClientReading::Warn, "{client:?}");
        assert_eq!(decision.leaves_open(id), client == ClientReading::Unsettled);
    }
}

#[test]
fn a_forbidden_stack_stays_forbidden_in_every_reading() {
    let mut request = cma("POST /v3/stacks/delivery_tokens/blt1/preview_token");
    request.other_stack = true;
    for client in [ClientReading::Allow, ClientReading::Unsettled] {
        let profile = reading(ContradictionId::PreviewRouteManagementToken, client);
        assert_eq!(ask_with(&profile, &everything(), &request).verdict(), Verdict::Forbidden);
    }
}

#[test]
fn developers_and_management_tokens() {
    let request = cma("POST /v3/stacks/management_tokens");
    let profile = reading(ContradictionId::DeveloperManagementTokens, ClientReading::Allow);
    assert_eq!(ask_with(&profile, &developer(), &request).verdict(), Verdict::Allow);
    assert_eq!(ask_with(&profile, &content_manager(), &request).verdict(), Verdict::NotGranted);
}

#[test]
fn write_that_includes_read() {
    let request = cma("GET /v3/content_types");
    let profile = reading(ContradictionId::WriteImpliesRead, ClientReading::Allow);
    assert_eq!(ask_with(&profile, &management("content_type:w"), &request).verdict(), Verdict::Allow);
    assert_eq!(ask_with(&profile, &management("entry:w"), &request).verdict(), Verdict::NotGranted);
}

#[test]
fn read_only_tokens_and_gets_that_change_something() {
    let request = cma("GET /v3/workflows/blt1/disable");
    let profile = reading(ContradictionId::ReadOnlyStateChange, ClientReading::Allow);
    let decision = ask_with(&profile, &management("workflow:r"), &request);
    assert_eq!(decision.verdict(), Verdict::Allow);
    assert!(decision.warnings().any(|rule| rule.id == "management.get_changes_state"));
    assert_eq!(ask_with(&profile, &management("entry:r"), &request).verdict(), Verdict::NotGranted);
}

#[test]
fn taxonomies_by_branch() {
    let mut request = cma("GET /v3/taxonomies");
    request.branch = Some("development");
    allowed(&management("taxonomy:r"), &request);
    let profile = reading(ContradictionId::TaxonomyReach, ClientReading::Deny);
    assert_eq!(ask_with(&profile, &management("taxonomy:r"), &request).verdict(), Verdict::NotGranted);
}

#[test]
fn branches_as_in_2022() {
    let request = cma("POST /v3/stacks/branches");
    let profile = reading(ContradictionId::BranchWriteManagementToken, ClientReading::Allow);
    assert_eq!(ask_with(&profile, &everything(), &request).verdict(), Verdict::Allow);
    assert_eq!(ask_with(&profile, &management("entry:rw"), &request).verdict(), Verdict::NotGranted);
}

#[test]
fn everything_that_authtokens_can_do() {
    let profile = reading(ContradictionId::ManagementEverythingAuthtokenCan, ClientReading::Allow);
    assert_eq!(ask_with(&profile, &everything(), &cma("GET /v3/organizations")).verdict(), Verdict::Allow);
    let tokens = cma("GET /v3/stacks/management_tokens");
    assert_eq!(ask_with(&profile, &everything(), &tokens).verdict(), Verdict::Forbidden);
}

#[test]
fn the_service_reads_for_itself() {
    let profile = Profile::seeds();
    let prepared = Prepared::new(&everything());
    let route = cs_model::generated::route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN;
    let (context, now) = (Context::default(), NOW.parse().unwrap());
    assert_eq!(decide(&profile, &prepared, route, &context, now).verdict(), Verdict::Undocumented);
    assert_eq!(decide_in_service(&profile, &prepared, route, &context, now).verdict(), Verdict::Forbidden);
    let contradiction = ContradictionId::PreviewRouteManagementToken;
    let answers = Reading { service: ServiceReading::Allow, ..profile.reading(contradiction).clone() };
    let open = profile.with_reading(contradiction, answers);
    assert_eq!(decide_in_service(&open, &prepared, route, &context, now).verdict(), Verdict::Allow);
}

#[test]
fn every_profile_that_comes_along_decides_everything() {
    for profile in [Profile::seeds(), Profile::documented_2026(), Profile::live()] {
        for principal in [everything(), owner(), developer(), delivery(), preview()] {
            let prepared = Prepared::new(&principal);
            for route in cs_model::RouteId::all() {
                let decision =
                    decide_in_service(&profile, &prepared, route, &Context::default(), NOW.parse().unwrap());
                assert!(matches!(
                    decision.verdict(),
                    Verdict::Allow | Verdict::Forbidden | Verdict::NotGranted
                ));
            }
        }
    }
}
