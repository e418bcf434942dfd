//! What to look at when nobody knows whether a write took effect.

use cs_model::{Method, ModuleId};

use crate::Operation;

/// One clause that fits before "before you try again". `uid` is what the path names, if it names something.
pub(crate) fn what_to_check(operation: Operation, uid: Option<&str>) -> String {
    let route = operation.0.row();
    let thing = route.module.name().replace('_', " ");
    let uid = uid.map(|uid| format!(" {uid}")).unwrap_or_default();
    match (route.module, route.method) {
        (ModuleId::UserSession, Method::Delete) => {
            "ask for the session's user and see whether that is refused".to_owned()
        }
        (ModuleId::UserSession, _) => "end sessions of the user that nobody knows of".to_owned(),
        (ModuleId::PreviewToken, _) => format!("read delivery token{uid} and look at its preview token"),
        (_, Method::Post) => format!("list the stack's {thing}s and look for one that was just made"),
        (_, Method::Put) => format!("read {thing}{uid} and compare it with what was sent"),
        (_, Method::Delete | Method::Get) => {
            format!("list the stack's {thing}s and see whether{uid} is still there")
        }
    }
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    #[test]
    fn each_write_has_its_own() {
        let check = |route, uid| what_to_check(Operation(route), uid);
        assert_eq!(
            check(route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, Some("blt1")),
            "read management token blt1 and compare it with what was sent"
        );
        assert_eq!(
            check(route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID, Some("blt1")),
            "list the stack's delivery tokens and see whether blt1 is still there"
        );
        assert_eq!(
            check(route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN, Some("blt1")),
            "read delivery token blt1 and look at its preview token"
        );
        assert!(check(route::DELETE_USER_SESSION, None).starts_with("ask for the session's user"));
        assert_eq!(check(route::POST_USER_SESSION, None), "end sessions of the user that nobody knows of");
    }
}
