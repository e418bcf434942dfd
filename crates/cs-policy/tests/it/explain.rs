//! Explanations stand alone.

use cs_policy::explain;
use expect_test::expect;
use proptest::prelude::*;

use crate::ask::*;
use crate::laws::{names, principal, profile, route, time};

#[test]
fn a_refusal_in_words() {
    let decision = ask(&management("content_type:r"), &cma("GET /v3/content_types/page/entries"));
    expect![[r#"
        not granted: a management token on GET /v3/content_types/{content_type_uid}/entries
        - The token's scope does not name the module that this request works on. [management.module_not_granted]
          source: "CMA | Tokens", Create management token (seed 002, 2026-06-02, https://www.contentstack.com/docs/developers/apis/content-management-api/tokens)
    "#]]
    .assert_eq(&explain(&decision).to_string());
}

#[test]
fn what_no_table_knows_in_words() {
    let decision = ask(&owner(), &cma("GET /v3/nowhere"));
    let text = explain(&decision).to_string();
    assert!(text.starts_with("unmapped: an authtoken on a request that no table knows\n- "), "{text}");
}

#[test]
fn warnings_in_words() {
    let decision = ask(&access_token("2019-01-01"), &cda("GET /v3/assets"));
    let text = explain(&decision).to_string();
    assert!(text.starts_with("allowed: a legacy access token on GET /v3/assets\n"), "{text}");
    assert!(text.contains("- warning: Access tokens are kept for old stacks only."), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn every_decision_has_reasons_with_sources_that_can_be_found(
        principal in principal(), route in route(), names in names(), profile in profile(), now in time(),
    ) {
        let prepared = cs_policy::Prepared::new(&principal);
        let decision = cs_policy::decide(&profile.0, &prepared, route, &names.context(&prepared), now);
        let explanation = explain(&decision);
        prop_assert!(explanation.reasons().next().is_some());
        for reason in explanation.reasons().chain(explanation.warnings()) {
            prop_assert!(reason.says().ends_with('.'));
            prop_assert!(reason.citations().next().is_some());
            for citation in reason.citations() {
                prop_assert!(!citation.title.is_empty());
            }
        }
    }

    // A principal whose decisions were made in advance gets the same ones.
    #[test]
    fn a_table_changes_nothing(
        principal in principal(), route in route(), names in names(), now in time(),
        profile in profile(), other in profile(),
    ) {
        let plain = cs_policy::Prepared::new(&principal);
        let context = names.context(&plain);
        let by_rules = cs_policy::decide(&profile.0, &plain, route, &context, now);
        // Also where it was made under another profile.
        for made_under in [&profile, &other] {
            let tabulated = plain.clone().tabulated(&made_under.0);
            prop_assert_eq!(cs_policy::decide(&profile.0, &tabulated, route, &context, now), by_rules);
        }
    }
}
