//! Which role the user has in the stack.

use cs_model::Method;
use cs_transport::Transport;
use serde_json::Value;

use super::{Findings, Health, refusal};
use crate::{Client, CredentialKind, RawRequest, StackClient};

impl<T: Transport> Client<T> {
    /// The roles of the user whose session it is. Where they cannot be seen, nothing is said: what they allow is asked anyway.
    pub(super) async fn examine_role(&self, stack: &StackClient<'_, T>, findings: &mut Findings) {
        if !matches!(self.held.kind(), CredentialKind::Authtoken | CredentialKind::OAuth) {
            return;
        }
        let Ok(user) = self.user().await else { return };
        if let Ok(stacks) = self.stacks(None).await {
            match stacks.iter().find(|row| row.api_key == *stack.api_key()) {
                Some(row)
                    if row.extra.get("owner_uid").and_then(Value::as_str) == Some(user.uid.as_str()) =>
                {
                    return findings.add("role", Health::Good, "the user owns the stack".to_owned(), None);
                }
                Some(_) => {}
                None => self.examine_organization(stacks.is_empty(), findings),
            }
        }
        let roles = RawRequest::new(Method::Get, "/v3/roles").query("include_rules", "false");
        let Ok(answer) = self.send_raw(Some(stack.api_key()), &roles).await else { return };
        if refusal(&answer).is_some() {
            return;
        }
        let answer: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let names = names_of(&answer, &user.uid);
        if names.is_empty() {
            let says = "no role of the stack names the user".to_owned();
            let fix = Some("ask its owner for a role, or look at teams and the organization".to_owned());
            findings.add("role", Health::Warning, says, fix);
        } else {
            findings.add("role", Health::Good, format!("the user is {}", names.join(", ")), None);
        }
    }

    /// Why the list of the user's stacks lacks one that is known: it is that of another organization, or, under single sign-on,
    /// of none (CMA-doc, "Get a single stack"; faq, 06/02).
    fn examine_organization(&self, nothing_listed: bool, findings: &mut Findings) {
        let (says, fix) = match &self.organization {
            Some(named) => (
                format!("the stack is not among those of the organization {}", named.uid),
                "compare the organization with that of the stack, and see whether the user belongs to it",
            ),
            None if nothing_listed => (
                "no stack is listed, although this one is known".to_owned(),
                "name the organization: under single sign-on the list is empty without it",
            ),
            None => return,
        };
        findings.add("organization", Health::Warning, says, Some(fix.to_owned()));
    }
}

/// The names of the roles that list a user.
fn names_of(answer: &Value, uid: &str) -> Vec<String> {
    let roles = answer["roles"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lists = |role: &&Value| {
        role["users"].as_array().is_some_and(|users| {
            users.iter().any(|user| user.as_str().or_else(|| user["uid"].as_str()) == Some(uid))
        })
    };
    roles
        .iter()
        .filter(lists)
        .filter_map(|role| role["name"].as_str())
        .map(|name| format!("`{name}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn users_are_listed_as_uids_or_as_objects() {
        let answer = json!({ "roles": [
            { "name": "Admin", "users": ["blt1"] },
            { "name": "Developer", "users": [{ "uid": "blt2" }, { "uid": "blt1" }] },
            { "name": "Owner" },
        ] });
        assert_eq!(names_of(&answer, "blt1"), ["`Admin`", "`Developer`"]);
        assert!(names_of(&answer, "blt3").is_empty());
        assert!(names_of(&json!([]), "blt1").is_empty());
    }
}
