//! Drafts and their checks, from the sentences of the documents.

use cs_model::generated::LimitId;
use cs_model::{
    Access, Against, DeliveryTokenDraft, Draft, Expiry, Grant, Level, ManagementTokenDraft, Module, ModuleId,
    Profile, Siblings, StackNames, Violation,
};
use expect_test::expect;
use jiff::Timestamp;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn rules(found: &[Violation]) -> Vec<&'static str> {
    found.iter().map(|item| item.rule.name()).collect()
}

fn names() -> StackNames {
    StackNames::new(["production", "staging"], ["main", "development"], ["deploy"])
}

fn delivery() -> DeliveryTokenDraft {
    DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]))
}

fn management() -> ManagementTokenDraft {
    ManagementTokenDraft::new("ci").module(ModuleId::Entry, Access::ReadWrite).branches(Grant::only(["main"]))
}

#[test]
fn a_good_draft_has_no_findings() {
    let profile = Profile::seeds();
    let against = Against::new(&profile, now());
    assert_eq!(delivery().violations(&against), []);
    assert_eq!(management().violations(&against), []);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let profile = Profile::seeds();
    let (names, siblings) = (names(), Siblings::named((0..10).map(|n| format!("t{n}"))));
    let draft = ManagementTokenDraft::new("t1")
        .module("entyr", Access::Read)
        .module(ModuleId::Organization, Access::Read)
        .branches(Grant::only(["*", "mian"]))
        .aliases(Grant::only(["nope"]))
        .expiry("2020-01-01".parse().unwrap());
    let found = draft.violations(&Against::new(&profile, now()).names(&names).siblings(&siblings));
    let text: String = found.iter().map(|item| format!("{} {item}\n", item.level.name())).collect();
    expect![[r#"
        error name: the stack already has a token named `t1` (name.taken)
        error scope.modules.organization: a management token cannot be given `organization` (scope.module_not_grantable)
        warning scope.modules.entyr: no document names a module `entyr` for management tokens (scope.module_unknown)
        error scope.branches[0]: `*` would be read as a name (branches.wildcard)
        error scope.branches[1]: the stack has no branch `mian`; it has `development`, `main` (branches.unknown)
        error scope.aliases[0]: the stack has no branch alias `nope`; it has `deploy` (aliases.unknown)
        error expires_on: `2020-01-01` is in the past: the token would have ended at 2020-01-01T00:00:00Z (expiry.past)
    "#]]
    .assert_eq(&text.lines().filter(|line| !line.contains("limit.")).map(|line| format!("{line}\n")).collect::<String>());
    let limit = found.iter().find(|item| item.rule.name() == "limit.management_tokens").unwrap();
    assert!(
        limit.message.contains("already has 10") && limit.message.contains("`seeds` allows 10"),
        "{limit}"
    );
}

#[test]
fn several_environments_are_an_error_or_a_warning_by_profile() {
    let draft = delivery().environment("staging");
    let level = |profile: &Profile| draft.violations(&Against::new(profile, now()))[0].level;
    assert_eq!(level(&Profile::seeds()), Level::Error);
    assert_eq!(level(&Profile::documented_2026()), Level::Warning);
    let profile = Profile::documented_2026();
    let checked = draft.clone().check(&Against::new(&profile, now())).unwrap();
    assert_eq!(rules(checked.warnings()), ["environments.too_many"]);
}

#[test]
fn limits_come_from_the_profile() {
    let siblings = Siblings::named((0..10).map(|n| format!("t{n}")));
    let found = |profile: &Profile| {
        rules(&management().violations(&Against::new(profile, now()).siblings(&siblings)))
    };
    assert_eq!(found(&Profile::seeds()), ["limit.management_tokens"]);
    assert_eq!(found(&Profile::documented_2026()), [] as [&str; 0]);
    let ours =
        Profile::documented_2026().with_limit(LimitId::ManagementTokensPerStack, Some(10), "our contract");
    assert_eq!(found(&ours), ["limit.management_tokens"]);
    let profile = Profile::seeds();
    let updating = Against::new(&profile, now()).siblings(&siblings).updating();
    assert_eq!(management().violations(&updating), [], "an update takes no place");
    assert_eq!(Profile::seeds().headroom(LimitId::DeliveryTokensPerStack, 19).left(), Some(1));
}

#[test]
fn a_stack_without_branches_asks_for_no_branch_scope() {
    let profile = Profile::seeds();
    let draft = DeliveryTokenDraft::new("website").environment("production");
    assert_eq!(rules(&draft.violations(&Against::new(&profile, now()))), ["branch_scope.missing"]);
    let none = StackNames::new(["production"], [], []);
    assert_eq!(draft.violations(&Against::new(&profile, now()).names(&none)), []);
}

#[test]
fn all_aliases_of_a_stack_without_aliases_name_nothing() {
    let profile = Profile::seeds();
    let names = StackNames::new(["production"], ["main"], []);
    let draft = management().branches(Grant::None).aliases(Grant::All);
    let found = draft.violations(&Against::new(&profile, now()).names(&names));
    assert_eq!(rules(&found), ["branch_scope.missing"]);
    assert_eq!(draft.violations(&Against::new(&profile, now())), [], "without the names nobody can tell");
}

#[test]
fn a_profile_may_keep_to_the_modules_that_documents_show() {
    let mut profile = Profile::seeds();
    let draft = management().module(ModuleId::Taxonomy, Access::Read);
    assert_eq!(draft.violations(&Against::new(&profile, now())), []);
    profile.switches.module_names.value = cs_model::profile::ModuleNames::Listed;
    let found = draft.violations(&Against::new(&profile, now()));
    assert_eq!(rules(&found), ["scope.module_unknown"]);
    assert_eq!(found[0].level, Level::Error);
}

#[test]
fn a_name_may_not_be_empty_long_or_hold_controls() {
    let profile = Profile::seeds();
    let found = |name: &str| {
        let mut draft = delivery();
        draft.name = name.to_owned();
        rules(&draft.violations(&Against::new(&profile, now())))
    };
    assert_eq!(found(" "), ["name.empty"]);
    assert_eq!(found("a\nb"), ["name.control_character"]);
    assert_eq!(found("a\u{202e}b"), ["name.control_character"], "it turns the direction of what follows");
    assert_eq!(found(&"x".repeat(51)), ["name.too_long"]);
    assert_eq!(found(&"ü".repeat(50)), [] as [&str; 0], "characters count, not bytes");
    let level = |length: usize| {
        let mut draft = delivery();
        draft.name = "x".repeat(length);
        draft.violations(&Against::new(&profile, now()))[0].level
    };
    assert_eq!(
        (level(51), level(400)),
        (Level::Warning, Level::Error),
        "the form counts to 50, the API refuses 400"
    );
    assert_eq!(found("<script>"), [] as [&str; 0], "the API takes it");
}

#[test]
fn all_covers_what_it_grants_and_no_more() {
    let profile = Profile::seeds();
    let draft = |all| management().module(Module::All, all);
    let found = |all| rules(&draft(all).violations(&Against::new(&profile, now())));
    assert_eq!(found(Access::ReadWrite), ["scope.covered_by_all"]);
    assert_eq!(found(Access::Read), [] as [&str; 0], "entry:rw adds writing to $all:r");
}

#[test]
fn all_branches_are_sent_as_the_list_of_those_that_exist() {
    let profile = Profile::seeds();
    let checked = management().branches(Grant::All).check(&Against::new(&profile, now())).unwrap();
    assert!(checked.needs_names());
    let body = checked.draft().body(&names());
    // As values: the order of keys depends on a feature of serde_json that other crates may turn on.
    let expected: serde_json::Value = serde_json::from_str(
        r#"{"token":{"description":"","expires_on":null,"is_email_notification_enabled":false,"name":"ci","scope":[{"module":"entry","acl":{"read":true,"write":true}},{"module":"branch","acl":{"read":true},"branches":["development","main"]}]}}"#,
    )
    .unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&body.to_string()).unwrap(), expected);
}

#[test]
fn an_expiry_today_is_past_at_the_start_of_the_day_only() {
    let profile = Profile::seeds();
    let today = management().expiry("2026-11-21".parse::<Expiry>().unwrap());
    assert_eq!(rules(&today.violations(&Against::new(&profile, now()))), ["expiry.past"]);
    let notified = management().notify();
    assert_eq!(rules(&notified.violations(&Against::new(&profile, now()))), ["expiry.notice_without_date"]);
}
