//! Tokens that commands ask about: from files as the API answers them, from declarations, from a target.

pub(crate) mod file;
pub(crate) mod spec;

use cs_model::{DeliveryToken, DeliveryTokenDraft, ManagementToken, ManagementTokenDraft, Plain, listed};
use cs_policy::{Kind, Principal, Scope};
use cs_tokens::Inventory;

use crate::exit::Exit;
use crate::failure::Failure;

/// What a token was given, with its name; never its value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) name: String,
    pub(crate) uid: Option<String>,
    pub(crate) scope: Scope,
    /// Whether a preview token belongs to it.
    pub(crate) preview: bool,
    /// Whether its stack has no branches; `None` where nobody asked it.
    pub(crate) stack_without_branches: Option<bool>,
}

impl From<&DeliveryToken> for Held {
    fn from(token: &DeliveryToken) -> Self {
        Self {
            name: token.name.clone(),
            uid: Some(token.uid.to_string()),
            scope: token.into(),
            preview: token.preview_token.is_some(),
            stack_without_branches: None,
        }
    }
}

impl From<&ManagementToken> for Held {
    fn from(token: &ManagementToken) -> Self {
        Self {
            name: token.name.clone(),
            uid: Some(token.uid.to_string()),
            scope: token.into(),
            preview: false,
            stack_without_branches: None,
        }
    }
}

impl Held {
    /// A delivery token that is only declared.
    pub(crate) fn of_delivery_draft(draft: &DeliveryTokenDraft, preview: bool) -> Self {
        let name = draft.name.clone();
        Self { name, uid: None, scope: draft.into(), preview, stack_without_branches: None }
    }

    /// A management token that is only declared.
    pub(crate) fn of_management_draft(draft: &ManagementTokenDraft) -> Self {
        let name = draft.name.clone();
        Self { name, uid: None, scope: draft.into(), preview: false, stack_without_branches: None }
    }

    /// `management token `ci` (blt0123)`.
    pub(crate) fn describe(&self) -> String {
        let uid = self.uid.as_ref().map(|uid| format!(" ({uid})")).unwrap_or_default();
        format!("{} token `{}`{uid}", self.scope.kind(), Plain(&self.name))
    }

    /// The principal of this kind that has what the token has: its own kind, or the preview token of a delivery token.
    pub(crate) fn principal(&self, kind: Option<Kind>) -> Result<Principal, Failure> {
        match (&self.scope, kind) {
            (Scope::Delivery(facts), Some(Kind::Preview)) => Ok(Principal::Preview(facts.clone())),
            (scope, None) => Ok(scope.principal()),
            (scope, Some(kind)) if scope.kind() == kind => Ok(scope.principal()),
            (_, Some(kind)) => {
                Err(Failure::usage(format!("--as says {kind}, and what is there is the {}", self.describe()))
                    .hint("leave --as out"))
            }
        }
    }
}

/// Everything that a stack has.
pub(crate) fn all(inventory: &Inventory) -> Vec<Held> {
    let delivery = inventory.delivery.iter().map(Held::from);
    let all = delivery.chain(inventory.management.iter().map(Held::from));
    let stack_without_branches = Some(inventory.names.branches.is_empty());
    all.map(|held| Held { stack_without_branches, ..held }).collect()
}

/// The token with this uid or, when there is none, the only one with this name; `delivery/NAME` and `management/NAME`
/// tell two of one name apart.
pub(crate) fn find(tokens: Vec<Held>, wanted: &str, place: &str) -> Result<Held, Failure> {
    let known = listed(wanted, tokens.iter().map(|token| token.name.as_str()));
    let (kind, name) = match wanted.split_once('/') {
        Some((kind @ ("delivery" | "management"), name)) => (Some(kind), name),
        _ => (None, wanted),
    };
    let is = |token: &Held| kind.is_none_or(|kind| token.scope.kind().name() == kind);
    if let Some(token) = tokens.iter().find(|token| token.uid.as_deref() == Some(wanted)) {
        return Ok(token.clone());
    }
    let mut named: Vec<Held> = tokens.into_iter().filter(|token| token.name == name && is(token)).collect();
    match (named.pop(), named.is_empty()) {
        (Some(token), true) => Ok(token),
        (Some(last), false) => {
            let all: Vec<String> = named.iter().chain([&last]).map(Held::describe).collect();
            let message = format!("{place} has {} tokens named `{name}`", all.len());
            Err(Failure::new(Exit::Invalid, "token.ambiguous", message)
                .hint(format!("say which by its uid or kind, such as `delivery/{name}`: {}", all.join(", "))))
        }
        (None, _) => {
            let message = format!("{place} has no token with the uid or name `{wanted}`");
            let failure = Failure::new(Exit::Invalid, "token.unknown", message);
            Err(if known.is_empty() { failure } else { failure.hint(format!("one of {known}")) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn management(uid: &str, name: &str) -> Held {
        let token: ManagementToken =
            serde_json::from_value(serde_json::json!({ "uid": uid, "name": name })).unwrap();
        Held::from(&token)
    }

    fn delivery(uid: &str, name: &str) -> Held {
        let token: DeliveryToken =
            serde_json::from_value(serde_json::json!({ "uid": uid, "name": name, "scope": [] })).unwrap();
        Held::from(&token)
    }

    #[test]
    fn uids_names_and_kinds() {
        let tokens = || vec![delivery("blt1", "shop"), management("blt2", "shop"), management("shop2", "ci")];
        let found = |wanted| find(tokens(), wanted, "the stack");
        assert_eq!(found("blt2").unwrap().scope.kind(), Kind::Management);
        assert_eq!(found("ci").unwrap().uid.unwrap(), "shop2");
        assert_eq!(found("shop").unwrap_err().code, "token.ambiguous");
        assert_eq!(found("delivery/shop").unwrap().uid.unwrap(), "blt1");
        assert_eq!(found("delivery/ci").unwrap_err().code, "token.unknown");
    }

    #[test]
    fn a_delivery_token_stands_for_its_preview_token() {
        let token = delivery("blt1", "shop");
        assert_eq!(token.principal(None).unwrap().kind(), Kind::Delivery);
        assert_eq!(token.principal(Some(Kind::Preview)).unwrap().kind(), Kind::Preview);
        assert!(token.principal(Some(Kind::Management)).is_err());
    }
}
