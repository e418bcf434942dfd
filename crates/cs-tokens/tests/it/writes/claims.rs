//! What a result claims, held against what the service holds.

use cs_model::{
    Access, Against, Checked, DeliveryTokenDraft, Draft, Grant, ManagementTokenDraft, ModuleId, Profile,
    StackNames,
};
use cs_tokens::{Credential, Error, SourceError};
use serde_json::Value;

use super::flow::{Done, Flow, Scene};
use super::lab::{Lab, START, State};
use crate::flaw::Flaw;

fn checked<D: Draft>(draft: D) -> Checked<D> {
    draft.check(&Against::new(&Profile::seeds(), START.parse().unwrap())).unwrap()
}

pub(super) fn delivery(name: &str) -> Checked<DeliveryTokenDraft> {
    let draft = DeliveryTokenDraft::new(name).description("for a test").environment("production");
    checked(draft.branches(Grant::only(["main"])))
}

pub(super) fn everywhere(name: &str) -> Checked<DeliveryTokenDraft> {
    checked(delivery(name).into_draft().branches(Grant::All).aliases(Grant::All))
}

pub(super) fn management(name: &str) -> Checked<ManagementTokenDraft> {
    let draft = ManagementTokenDraft::new(name).module(ModuleId::Entry, Access::ReadWrite);
    checked(draft.module(ModuleId::Environment, Access::Read).branches(Grant::only(["main"])))
}

/// With a single fault, every write comes to a good end; only a login cannot know.
pub(super) fn is_mended(flow: Flow, flaw: Flaw, result: &Result<Done, Error>) -> Result<(), String> {
    match result {
        Ok(_) => Ok(()),
        Err(
            Error::Shape { operation, .. }
            | Error::NoAnswer { operation, .. }
            | Error::Redirected { operation, .. }
            | Error::Refused { operation, .. },
        ) if operation.reads() => Ok(()),
        // Whatever says no at once has done nothing.
        Err(error @ Error::Refused { .. }) if flaw.refuses() && !error.may_have_changed() => Ok(()),
        // The next pair was in the answer and nowhere else; and whoever refuses or sends elsewhere at once has done nothing.
        Err(Error::Source { source, .. }) if flow == Flow::Refresh => match source.root() {
            SourceError::GrantLost(_) if flaw.hides() => Ok(()),
            SourceError::Refused(_) if flaw.refuses() => Ok(()),
            SourceError::Redirected if flaw == Flaw::Redirected => Ok(()),
            _ => Err("one fault is too much for it".to_owned()),
        },
        Err(_) if matches!(flow, Flow::LogIn | Flow::Raw | Flow::RefreshUnread) => Ok(()),
        Err(_) => Err("one fault is too much for it".to_owned()),
    }
}

pub(super) fn check(
    lab: &Lab,
    flow: Flow,
    scene: &Scene,
    before: &State,
    after: &State,
    result: &Result<Done, Error>,
) -> Result<(), String> {
    match result {
        Ok(done) => effect(lab, flow, scene, before, after, done),
        Err(error) if error.may_have_changed() => {
            // Done or not, or something in between; but what others have is as it was.
            let untouched = |before: &std::collections::BTreeMap<String, Value>,
                             after: &std::collections::BTreeMap<String, Value>| {
                before.iter().all(|(uid, token)| {
                    scene.uid.as_ref().is_some_and(|mine| mine.as_str() == uid)
                        || after.get(uid) == Some(token)
                })
            };
            let is_more = after.delivery.len() + after.management.len()
                > before.delivery.len() + before.management.len() + 1;
            if !untouched(&before.delivery, &after.delivery)
                || !untouched(&before.management, &after.management)
            {
                return Err("a token of somebody else was touched".to_owned());
            }
            if is_more { Err("more than one token was made".to_owned()) } else { Ok(()) }
        }
        Err(error) => {
            if let (Some(kept), Some(expected)) = (&scene.grant, still_works(error))
                && lab.refreshes(kept) != expected
            {
                return Err(format!("that the grant still works is {}", !expected));
            }
            let still = flow != Flow::LogOut || lab.is_alive(Credential::Authtoken(scene.session.clone()));
            same(before, after)?;
            if still { Ok(()) } else { Err("the session has ended".to_owned()) }
        }
    }
}

/// Whether the grant that is kept still gives the next pair, as an error says; `None` where nobody knows.
fn still_works(error: &Error) -> Option<bool> {
    match error {
        Error::Source { source, .. } => match source.root() {
            SourceError::Unknown(_) => None,
            // The next pair is lost, or in the process and nowhere else.
            SourceError::GrantLost(_) | SourceError::NotKept(_) => Some(false),
            _ => Some(true),
        },
        _ => Some(true),
    }
}

fn same(wanted: &State, found: &State) -> Result<(), String> {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("the stack should hold {wanted:?} and holds {found:?}"))
    }
}

fn effect(
    lab: &Lab,
    flow: Flow,
    scene: &Scene,
    before: &State,
    after: &State,
    done: &Done,
) -> Result<(), String> {
    let mut wanted = before.clone();
    let mut found = after.clone();
    let uid = scene.uid.as_ref().map(ToString::to_string).unwrap_or_default();
    match (flow, done) {
        (
            Flow::CreateDelivery | Flow::CreateDeliveryEverywhere | Flow::CreateWithPreview,
            Done::Delivery(token),
        ) => {
            let made = found.delivery.remove(token.uid.as_str()).ok_or("the token is not there")?;
            if made["value"].as_str() != token.token.as_ref().map(cs_model::Secret::reveal) {
                return Err("the value is another one".to_owned());
            }
            if (flow == Flow::CreateWithPreview) != made["preview"].is_string() {
                return Err("the preview token is not as asked".to_owned());
            }
            if made["preview"].as_str() != token.preview_token.as_ref().map(cs_model::Secret::reveal) {
                return Err("the value of the preview token is another one".to_owned());
            }
            is_drafted(
                &made["body"],
                if flow == Flow::CreateDeliveryEverywhere { everywhere("ours") } else { delivery("ours") }
                    .draft(),
                token.description.as_deref(),
                lab,
            )?;
        }
        (Flow::CreateManagement, Done::Management(token)) => {
            let made = found.management.remove(token.uid.as_str()).ok_or("the token is not there")?;
            is_drafted(&made["body"], management("ours").draft(), token.description.as_deref(), lab)?;
            let value = token.token.clone().ok_or("the value is missing")?;
            if !lab.is_alive(Credential::Management(value)) {
                return Err("the value opens nothing".to_owned());
            }
        }
        (Flow::UpdateDelivery, _) => {
            let token = wanted.delivery.get_mut(&uid).ok_or("nothing to update")?;
            token["body"] = delivery("renamed").draft().body(&StackNames::default());
        }
        (Flow::UpdateManagement, _) => {
            let token = wanted.management.get_mut(&uid).ok_or("nothing to update")?;
            token["body"] = management("renamed").draft().body(&StackNames::default());
        }
        (Flow::DeleteDelivery | Flow::ForceDelete | Flow::Raw, _) => drop(wanted.delivery.remove(&uid)),
        (Flow::DeleteManagement, _) => drop(wanted.management.remove(&uid)),
        (Flow::CreatePreview | Flow::ReplacePreview, Done::Preview(token)) => {
            let there = wanted.delivery.get_mut(&uid).ok_or("nothing to preview")?;
            if there["preview"].as_str() == Some(token.value.reveal()) {
                return Err("it is the old preview token".to_owned());
            }
            there["preview"] = token.value.reveal().into();
        }
        (Flow::DeletePreview, _) => {
            let there = wanted.delivery.get_mut(&uid).ok_or("nothing to preview")?;
            there["preview"] = Value::Null;
        }
        (Flow::LogIn, Done::Session(session)) => {
            if !lab.is_alive(Credential::Authtoken(session.clone())) {
                return Err("the session is not known".to_owned());
            }
        }
        (Flow::LogOut, _) => {
            if lab.is_alive(Credential::Authtoken(scene.session.clone())) {
                return Err("the session goes on".to_owned());
            }
        }
        (Flow::Refresh, _) => {
            let kept = scene.grant.as_ref().ok_or("the grant is not kept")?.grant();
            if !lab.is_alive(Credential::OAuth(kept.access_token)) {
                return Err("the access token that is kept opens nothing".to_owned());
            }
        }
        (Flow::List | Flow::Get | Flow::Names | Flow::Stacks, _) => {}
        _ => return Err("the flow gives back something else".to_owned()),
    }
    same(&wanted, &found)
}

/// Whether a token is what the draft asks for, with the description that the client gave back.
fn is_drafted<D: Draft>(body: &Value, draft: &D, description: Option<&str>, lab: &Lab) -> Result<(), String> {
    let mut wanted = draft.body(&lab.stack().names().map_err(|error| error.to_string())?);
    let (plain, given) = (draft.description(), description.unwrap_or_default());
    let is_marked =
        given.strip_prefix(plain).is_some_and(|rest| rest.trim_start().starts_with("[cs-tokens:"));
    if given != plain && !is_marked {
        return Err(format!("the description given back is `{given}`"));
    }
    let there = body["token"]["description"].as_str().unwrap_or_default();
    // A mark of which nobody knows whether it could be removed may be gone.
    if there != given && !(is_marked && there == plain) {
        return Err(format!("the description is `{there}`, not `{given}`"));
    }
    wanted["token"]["description"] = there.into();
    if *body == wanted { Ok(()) } else { Err(format!("the token is {body}, not {wanted}")) }
}
