//! Sentences of the seeds that a check of a draft holds to, where no other test shows it.

use cs_model::generated::LimitId;
use cs_model::{
    Access, Against, DeliveryTokenDraft, Draft, Expiry, Grant, ManagementToken, ManagementTokenDraft,
    ModuleId, Profile, Siblings, Violation,
};

fn found(draft: &impl Draft) -> Vec<&'static str> {
    with_siblings(draft, 0)
}

fn with_siblings(draft: &impl Draft, count: u32) -> Vec<&'static str> {
    let profile = Profile::seeds();
    let siblings = Siblings::named((0..count).map(|n| format!("t{n}")));
    let against = Against::new(&profile, "2026-11-21T12:00:00Z".parse().unwrap()).siblings(&siblings);
    draft.violations(&against).iter().map(|item: &Violation| item.rule.name()).collect()
}

fn delivery() -> DeliveryTokenDraft {
    DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]))
}

fn management() -> ManagementTokenDraft {
    ManagementTokenDraft::new("ci").branches(Grant::only(["main"]))
}

/// "so you must assign it to a publishing environment" (seed 000).
#[test]
fn a_delivery_token_names_an_environment() {
    let draft = DeliveryTokenDraft::new("website").branches(Grant::only(["main"]));
    assert_eq!(found(&draft), ["environments.missing"]);
    assert_eq!(found(&draft.environment("production")), [""; 0]);
}

/// "A maximum of 20 delivery tokens can be created for a stack", "A maximum of 10 Management Tokens" (seed 001).
#[test]
fn a_full_stack_takes_no_more() {
    assert_eq!(with_siblings(&delivery(), 19), [""; 0]);
    assert_eq!(with_siblings(&delivery(), 20), ["limit.delivery_tokens"]);
    let draft = management().module(ModuleId::Entry, Access::Read);
    assert_eq!(with_siblings(&draft, 9), [""; 0]);
    assert_eq!(with_siblings(&draft, 10), ["limit.management_tokens"]);
}

/// The numbers of the seeds are those of their profile.
#[test]
fn the_numbers_of_the_seeds() {
    let profile = Profile::seeds();
    for (limit, number) in [
        (LimitId::DeliveryTokensPerStack, 20),
        (LimitId::ManagementTokensPerStack, 10),
        (LimitId::AuthtokensPerUser, 20),
        (LimitId::EnvironmentsPerDeliveryToken, 1),
        (LimitId::PreviewTokensPerDeliveryToken, 1),
        (LimitId::ExpiryNoticeDays, 7),
    ] {
        assert_eq!(profile.limit(limit).value, Some(number), "{limit:?}");
    }
}

/// "define if the token should be read-only or write-only" (seed 001): each alone is a choice, none is not.
#[test]
fn a_scope_entry_reads_or_writes() {
    for access in [Access::Read, Access::Write, Access::ReadWrite] {
        assert_eq!(found(&management().module(ModuleId::Entry, access)), [""; 0]);
    }
    let token: ManagementToken = serde_json::from_str(
        r#"{"uid":"blt1","name":"ci","scope":[{"module":"entry","acl":{"read":false,"write":false}},
            {"module":"asset","acl":{"read":true}},
            {"module":"branch","branches":["main"],"acl":{"read":true}}]}"#,
    )
    .unwrap();
    assert_eq!(found(&token.to_draft()), ["scope.entry_without_rights"]);
}

/// "the stack-level permissions you need to assign to the token" (seed 002).
#[test]
fn a_management_token_has_permissions() {
    assert_eq!(found(&management()), ["scope.modules_missing"]);
}

/// "cannot be used to perform any read/write actions related to the following modules: organization, stack, user session, and
/// tokens" (seed 001): so they are not given to one.
#[test]
fn closed_modules_are_not_given() {
    for module in [
        ModuleId::Organization,
        ModuleId::Stack,
        ModuleId::UserSession,
        ModuleId::DeliveryToken,
        ModuleId::PreviewToken,
        ModuleId::ManagementToken,
    ] {
        for access in [Access::Read, Access::Write] {
            assert_eq!(
                found(&management().module(module, access)),
                ["scope.module_not_grantable"],
                "{module:?}"
            );
        }
    }
}

/// Branches and aliases have a form of their own in the scope (seed 002).
#[test]
fn branches_and_aliases_are_not_given_as_modules() {
    for module in [ModuleId::Branch, ModuleId::BranchAlias] {
        let draft = management().module(ModuleId::Entry, Access::Read).module(module, Access::Read);
        assert_eq!(found(&draft), ["scope.reserved_module"]);
    }
}

/// "the expiry date of the token in UTC time (if required)" (seed 002).
#[test]
fn an_expiry_is_a_date_to_come_or_none() {
    let ending = |text: &str| {
        let expiry: Expiry = serde_json::from_value(serde_json::json!(text)).unwrap();
        found(&management().module(ModuleId::Entry, Access::Read).expiry(expiry))
    };
    assert_eq!(ending("2026-12-10"), [""; 0]);
    assert_eq!(ending("2026-11-20"), ["expiry.past"]);
    assert_eq!(ending("soon"), ["expiry.unreadable"]);
    assert_eq!(found(&management().module(ModuleId::Entry, Access::Read).expiry(Expiry::Never)), [""; 0]);
}
