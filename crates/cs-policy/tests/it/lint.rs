//! Lints: what is found in drafts, tokens and stacks.

use cs_model::generated::ContradictionId;
use cs_model::profile::ServiceReading;
use cs_model::{
    Access, DeliveryToken, DeliveryTokenDraft, Expiry, Grant, LimitId, ManagementToken, ManagementTokenDraft,
    Module, ModuleId, Profile, StackNames,
};
use cs_policy::AccessFacts;
use cs_policy::lint::{self, Finding, LINTS, LintId, Options, Severity, Token};
use jiff::Timestamp;

use crate::ask::NOW;

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.id.name()).collect()
}

/// A management token with nothing to find.
pub(crate) fn sound(name: &str) -> ManagementTokenDraft {
    ManagementTokenDraft::new(name)
        .module(ModuleId::Entry, Access::ReadWrite)
        .branches(Grant::only(["main"]))
        .expiry("2027-06-30".parse().unwrap())
        .notify()
}

fn website() -> DeliveryTokenDraft {
    DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]))
}

#[track_caller]
fn finds(token: impl Into<Token>, expected: &[&str]) -> Vec<Finding> {
    let profile = Profile::seeds();
    let findings = lint::check(&token.into(), &[], &Options::new(&profile, now()));
    assert_eq!(ids(&findings), expected, "{findings:#?}");
    findings
}

#[test]
fn sound_tokens_have_no_findings() {
    finds(&sound("ci"), &[]);
    finds(&website(), &[]);
}

#[test]
fn the_table_is_in_the_order_of_its_numbers() {
    for (number, id) in LintId::ALL.into_iter().enumerate() {
        assert_eq!(id as usize, number);
        assert_eq!(id.row().id, id);
        assert_eq!(LintId::find(id.name()), Some(id));
        assert!(!LINTS[number].sources.is_empty(), "{id}");
    }
}

#[test]
fn expiry() {
    let expiring = |text: &str| sound("ci").expiry(text.parse().unwrap());
    finds(&sound("ci").expiry(Expiry::Never), &["expiry.never"]);
    let soon = finds(&expiring("2026-11-28"), &["expiry.soon"]);
    assert_eq!(soon[0].reason, "it expires at 2026-11-28T00:00:00Z, in 6 days");
    finds(&expiring("2026-11-29"), &[]);
    let past = finds(&expiring("2026-11-21"), &["expiry.past"]);
    assert_eq!(past[0].severity, Severity::Error);
    let token: ManagementToken = serde_json::from_str(
        r#"{"uid":"blt1","name":"x","expires_on":"soon","is_email_notification_enabled":true,
            "scope":[{"module":"entry","acl":{"read":true}},{"module":"branch","branches":["main"],"acl":{"read":true}}]}"#,
    )
    .unwrap();
    finds(&token, &["expiry.unreadable"]);
}

#[test]
fn the_days_of_soon_can_be_chosen() {
    let profile = Profile::seeds();
    let token = Token::from(&sound("ci"));
    let options = Options::new(&profile, now()).soon_days(365);
    assert_eq!(ids(&lint::check(&token, &[], &options)), ["expiry.soon"]);
    // At the end of the last day there is one day more.
    let mut late = Profile::seeds();
    late.switches.expiry_day.value = cs_model::profile::DayEdge::End;
    let token = Token::from(&sound("ci").expiry("2026-11-21".parse().unwrap()));
    assert_eq!(ids(&lint::check(&token, &[], &Options::new(&late, now()))), ["expiry.soon"]);
}

#[test]
fn a_star_is_a_name_that_nothing_has() {
    let star = || Grant::only(["*"]);
    let found = finds(&sound("ci").branches(star()), &["scope.wildcard"]);
    assert_eq!(found[0].reason, "`*` among the branches is read as a name");
    assert_eq!(found[0].severity, Severity::Error);
    finds(&sound("ci").aliases(Grant::only(["deploy", "*"])), &["scope.wildcard"]);
    finds(&website().aliases(star()), &["scope.wildcard"]);
    finds(
        &website().environment("*"),
        &["scope.wildcard", "scope.several_environments", "scope.production_mixed"],
    );
    // What stands for all modules is a name among other things, too.
    let everything = || Grant::only(["$all"]);
    let found = finds(&sound("ci").branches(everything()), &["scope.wildcard"]);
    assert_eq!(found[0].reason, "`$all` among the branches is read as a name");
    finds(&sound("ci").aliases(Grant::only(["$all", "*"])), &["scope.wildcard", "scope.wildcard"]);
    finds(&website().aliases(everything()), &["scope.wildcard"]);
    finds(
        &website().environment("$all"),
        &["scope.wildcard", "scope.several_environments", "scope.production_mixed"],
    );
    // Where a profile's service knows such a form, it is what it was meant for.
    let mut knows = Profile::seeds();
    let mut reading = knows.reading(ContradictionId::BranchWildcard).clone();
    reading.service = ServiceReading::Allow;
    knows.readings.set(ContradictionId::BranchWildcard, reading);
    let ids_there = |draft: &ManagementTokenDraft| {
        ids(&lint::check(&Token::from(draft), &[], &Options::new(&knows, now())))
    };
    assert_eq!(ids_there(&sound("ci").branches(star())), ["scope.all_branches"]);
    assert_eq!(ids_there(&sound("ci").branches(everything())), ["scope.wildcard"]);
    assert_eq!(ids_there(&sound("ci").aliases(star())), ["scope.all_aliases"]);
}

#[test]
fn notice() {
    let quiet = ManagementTokenDraft::new("ci")
        .module(ModuleId::Entry, Access::Read)
        .branches(Grant::only(["main"]))
        .expiry("2027-06-30".parse().unwrap());
    finds(&quiet, &["expiry.notice_off"]);
    // What has ended is told by nobody any more.
    finds(&quiet.expiry("2026-01-01".parse().unwrap()), &["expiry.past"]);
}

#[test]
fn scope() {
    finds(&sound("ci").module(Module::All, Access::Read), &[]);
    finds(&sound("ci").module(Module::All, Access::Write), &["scope.all_write"]);
    finds(
        &sound("ci").branches(Grant::All).aliases(Grant::All),
        &["scope.all_branches", "scope.all_aliases"],
    );
    finds(&sound("ci").branches(Grant::None), &["scope.branch_missing"]);
    finds(&sound("ci").branches(Grant::None).aliases(Grant::only(["deploy"])), &[]);
    finds(&website().branches(Grant::None), &["scope.branch_missing"]);
    // An entry with an empty list names nothing.
    let empty = || Grant::Only([].into());
    finds(&sound("ci").branches(empty()), &["scope.branch_missing"]);
    finds(&website().branches(empty()), &["scope.branch_missing"]);
    finds(&sound("ci").branches(empty()).aliases(Grant::only(["deploy"])), &[]);
    finds(&website().environment("Prod"), &["scope.several_environments"]);
    finds(&website().environment("staging"), &["scope.several_environments", "scope.production_mixed"]);
    let test = DeliveryTokenDraft::new("x")
        .environment("staging")
        .environment("test")
        .branches(Grant::only(["main"]));
    finds(&test, &["scope.several_environments"]);
    // Everything, twice over.
    finds(
        &sound("ci").module(Module::All, Access::ReadWrite),
        &["scope.all_write", "scope.duplicate_entries"],
    );
}

#[test]
fn a_scope_as_it_was_answered() {
    let token: DeliveryToken = serde_json::from_str(
        r#"{"uid":"blt1","name":"x","scope":[
            {"module":"environment","environments":[{"name":"production"}],"acl":{"read":true}},
            {"module":"environment","environments":[{"name":"staging"}],"acl":{"read":true}},
            {"module":"branch","branches":["main"],"acl":{"read":true}}]}"#,
    )
    .unwrap();
    let found =
        finds(&token, &["scope.several_environments", "scope.production_mixed", "scope.duplicate_entries"]);
    assert_eq!(found[2].reason, "`environment` has 2 entries");
    assert_eq!(found[0].subject, "delivery/x");
}

#[test]
fn entries_that_open_nothing() {
    let token = sound("ci")
        .module(ModuleId::DeliveryToken, Access::ReadWrite)
        .module(ModuleId::AuditLog, Access::ReadWrite)
        .module(Module::from("brand_new"), Access::Read);
    let findings = finds(&token, &["scope.no_effect"; 3]);
    let reasons: Vec<_> = findings.iter().map(|finding| finding.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "`audit_log:w` opens nothing to a management token",
            "`delivery_token:rw` opens nothing to a management token",
            "`brand_new:r` opens nothing to a management token",
        ]
    );
    assert_eq!(findings[0].severity, Severity::Warning);
    // As the API may answer it: nobody has checked that one.
    let live: ManagementToken = serde_json::from_str(
        r#"{"uid":"blt1","name":"x","expires_on":"2027-06-30","is_email_notification_enabled":true,"scope":[
            {"module":"stack","acl":{"read":true}},{"module":"entry","acl":{"read":true}},
            {"module":"branch","branches":["main"],"acl":{"read":true}}]}"#,
    )
    .unwrap();
    finds(&live, &["scope.no_effect"]);
    // Every module that the documents let a management token have opens something.
    let entries = [ModuleId::Branch, ModuleId::BranchAlias];
    let is_grantable =
        |id: &ModuleId| id.row().management_scope == cs_model::Documented::Yes && !entries.contains(id);
    let all = ModuleId::ALL.into_iter().filter(is_grantable);
    let all = all.fold(sound("ci"), |token, id| token.module(id, Access::Read));
    finds(&all, &[]);
}

#[test]
fn what_the_stack_has_tells_all_from_some() {
    let profile = Profile::seeds();
    let names = StackNames::new(["production"], ["main", "next"], ["deploy"]);
    let token = Token::from(&sound("ci").branches(Grant::only(["main", "next"])));
    assert!(lint::check(&token, &[], &Options::new(&profile, now())).is_empty());
    let known = Options::new(&profile, now()).names(&names);
    assert_eq!(ids(&lint::check(&token, &[], &known)), ["scope.all_branches"]);
    // A stack without branches has none to name.
    let none = StackNames::default();
    let bare = Token::from(&sound("ci").branches(Grant::None));
    assert!(lint::check(&bare, &[], &Options::new(&profile, now()).names(&none)).is_empty());
}

#[test]
fn names_of_production_can_be_chosen() {
    let profile = Profile::seeds();
    let token = Token::from(&website().environment("www"));
    let options = Options::new(&profile, now()).production(["WWW"]);
    assert_eq!(
        ids(&lint::check(&token, &[], &options)),
        ["scope.several_environments", "scope.production_mixed"]
    );
    let options = Options::new(&profile, now()).production(Vec::<String>::new());
    assert_eq!(ids(&lint::check(&token, &[], &options)), ["scope.several_environments"]);
}

#[test]
fn the_same_scope_whatever_the_end() {
    let profile = Profile::seeds();
    let (one, two) = (sound("one"), sound("two").expiry("2028-01-01".parse().unwrap()));
    let tokens = [
        Token::from(&one),
        Token::from(&two),
        Token::from(&sound("three").module(ModuleId::Asset, Access::Read)),
    ];
    let findings = lint::check_stack(&tokens, &Options::new(&profile, now()));
    let told: Vec<_> = findings.iter().map(|found| (found.subject.as_str(), found.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            ("management/one", "it has the same scope as `two`"),
            ("management/two", "it has the same scope as `one`")
        ]
    );
    // A token among its own neighbours is not another one.
    assert_eq!(ids(&lint::check(&tokens[2], &tokens, &Options::new(&profile, now()))), Vec::<&str>::new());
}

#[test]
fn of_many_with_the_same_scope_some_are_named() {
    let profile = Profile::seeds();
    let of =
        |count: usize| (0..count).map(|index| Token::from(&sound(&format!("t{index}")))).collect::<Vec<_>>();
    let told = |tokens: &[Token]| {
        let findings = lint::check_stack(tokens, &Options::new(&profile, now()));
        let same = findings.into_iter().find(|found| found.id.name() == "token.same_scope").unwrap();
        (same.subject, same.reason)
    };
    let reason = "it has the same scope as `t1`, `t2`, `t3`, `t4`, `t5`";
    assert_eq!(told(&of(6)), ("management/t0".to_owned(), reason.to_owned()));
    assert_eq!(told(&of(9)).1, format!("{reason}, 3 more"));
}

#[test]
fn room_for_a_rotation() {
    let profile = Profile::seeds();
    let options = Options::new(&profile, now());
    // Each reaches another branch, so that no two have the same scope.
    let one = |index: usize| {
        Token::from(&sound(&format!("t{index}")).branches(Grant::only([format!("branch{index}")])))
    };
    let many = |count: usize| (0..count).map(one).collect::<Vec<_>>();
    assert!(lint::check_stack(&many(9), &options).is_empty());
    let findings = lint::check_stack(&many(10), &options);
    assert_eq!(ids(&findings), ["rotation.no_headroom"]);
    assert_eq!(findings[0].subject, "management");
    assert!(
        findings[0]
            .reason
            .starts_with("10 of 10 management tokens are there, and a rotation needs 1 place free")
    );
    // One token alone says it, too, and so does a profile without a number.
    assert_eq!(ids(&lint::check(&many(10)[0], &many(10), &options)), ["rotation.no_headroom"]);
    let unlimited = Profile::seeds().with_limit(LimitId::ManagementTokensPerStack, None, "our plan");
    assert!(lint::check_stack(&many(10), &Options::new(&unlimited, now())).is_empty());
    let two = Options::new(&profile, now()).rotation_slots(2);
    assert_eq!(ids(&lint::check_stack(&many(9), &two)), ["rotation.no_headroom"]);
}

#[test]
fn expired_tokens_take_a_place_where_the_profile_says_so() {
    let mut profile = Profile::seeds().with_limit(LimitId::ManagementTokensPerStack, Some(1), "test");
    let ended = [Token::from(&sound("x").expiry("2026-01-01".parse().unwrap()))];
    assert_eq!(
        ids(&lint::check_stack(&ended, &Options::new(&profile, now()))),
        ["expiry.past", "rotation.no_headroom"]
    );
    profile.switches.expired_counts.value = false;
    assert_eq!(ids(&lint::check_stack(&ended, &Options::new(&profile, now()))), ["expiry.past"]);
}

#[test]
fn access_tokens() {
    let old = Token::access(AccessFacts { stack_created: "2019-05-01".parse().ok() });
    let found = finds(old, &["access_token.in_use"]);
    assert_eq!(found[0].subject, "access");
    let new = Token::access(AccessFacts { stack_created: "2021-01-01".parse().ok() });
    assert!(finds(new, &["access_token.in_use"])[0].reason.contains("refused"));
}
