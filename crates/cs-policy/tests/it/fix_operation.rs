//! A remedy for what has no route mends it, and nothing in it can be left out.

use cs_policy::{Context, Operation, Prepared, Principal, Remedy, Request, decide_operation, fix_operation};
use proptest::prelude::*;

use crate::fix::none_can_be_left_out;
use crate::laws::{principal, profile, time};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_fix_of_an_operation_fixes_it(
        principal in principal(), other_stack in any::<bool>(), profile in profile(), now in time(),
    ) {
        for operation in Operation::all() {
            let context = Context { other_stack, ..Context::default() };
            let is_allowed = |principal: &Principal, other_stack: bool| {
                let context = Context { other_stack, ..Context::default() };
                let prepared = Prepared::new(principal);
                decide_operation(&profile.0, &prepared, operation, &context, now).verdict().is_allow()
            };
            let remedy = fix_operation(&profile.0, &principal, operation, &context, now);
            let allowed = is_allowed(&principal, other_stack);
            prop_assert_eq!(matches!(remedy, Remedy::NotNeeded), allowed);
            match remedy {
                Remedy::NotNeeded => {}
                Remedy::Changes(changes) => {
                    let request = Request { other_stack, ..Request::new("", "") };
                    none_can_be_left_out(&changes, &principal, &request, |with, asked| {
                        is_allowed(with, asked.other_stack)
                    })?;
                }
                // The stack is too new for an access token: nobody resets what is not there.
                Remedy::Impossible { because } => {
                    prop_assert_eq!(because.map(|rule| rule.id), Some("authtoken.access_token_retired"));
                }
            }
        }
    }
}
