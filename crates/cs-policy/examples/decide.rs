//! What a management token may do, and what it lacks: `cargo run -p cs-policy --example decide`.
//!
//! Besides this crate only its nouns, `cs-model`, are needed: no service, no network, no clock.

use cs_model::{Access, Grant, ModuleId, Profile};
use cs_policy::{ManagementFacts, Principal, Request, decide_request, fixes, why};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (profile, now) = (Profile::seeds(), "2026-11-21T12:00:00Z".parse()?);
    let mut facts = ManagementFacts { branches: Grant::only(["main"]), ..ManagementFacts::default() };
    facts.scope.insert(ModuleId::Entry.into(), Access::Read);
    let importer = Principal::Management(facts);

    for (method, path) in [
        ("GET", "/v3/content_types/page/entries"),
        ("POST", "/v3/content_types/page/entries"),
        ("POST", "/v3/stacks/delivery_tokens"),
    ] {
        let request = Request { branch: Some("main"), ..Request::new(method, path) };
        let decision = decide_request(&profile, &importer, &request, now);
        println!("{method} {path}: {}", decision.verdict());
        for rule in why(&decision) {
            println!("  because {}", rule.id);
        }
        for fix in fixes(&decision) {
            println!("  fix: {fix}");
        }
    }
    Ok(())
}
