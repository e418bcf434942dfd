//! What of lists a user sees whose roles name single items, and where such a user publishes to.

use std::sync::Arc;

use cs_model::Access;
use cs_model::generated::{Action, ModuleId};
use serde_json::Value;

use super::items::{Items, list_of, lists_of};
use super::narrow;
use crate::record::{Role, RoleRecord, Roles};
use crate::service::{Actor, Scene};
use crate::store::{StoreError, Tx, get_known, keys};

/// A look through a list for one user.
#[derive(Debug)]
pub(crate) struct Sight {
    module: ModuleId,
    list: &'static str,
    held: Held,
    items: Items,
}

/// The roles of the user in the stack.
#[derive(Debug)]
struct Held {
    system: Vec<Role>,
    custom: Vec<Arc<RoleRecord>>,
}

impl Held {
    /// Those of whoever makes the request; `None` for a credential without roles.
    fn of(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Option<Self>, StoreError> {
        let (Actor::User { user, .. }, Some(stack)) = (&scene.actor, &scene.stack) else { return Ok(None) };
        let held: Arc<Roles> =
            get_known(tx, &keys::user_stack(&user.uid, &stack.api_key))?.unwrap_or_default();
        let mut custom = Vec::new();
        for uid in &held.custom {
            custom.extend(get_known::<RoleRecord>(tx, &keys::role(&stack.api_key, uid))?);
        }
        Ok(Some(Self { system: held.roles.clone(), custom }))
    }

    /// Whether no exception counts.
    fn is_mighty(&self) -> bool {
        self.system.iter().any(|role| matches!(role, Role::Owner | Role::Admin))
    }
}

impl Sight {
    /// Through the list of a module that a request asks for; `None` where all of it may be seen.
    pub(crate) fn of(
        scene: &Scene<'_>,
        tx: &mut dyn Tx,
        module: ModuleId,
    ) -> Result<Option<Self>, StoreError> {
        let (Some(list), Some(stack)) = (list_of(module), &scene.stack) else { return Ok(None) };
        let Some(held) = Held::of(scene, tx)? else { return Ok(None) };
        let limits = |rule: &Value| lists_of(module).iter().any(|list| narrow::is_limited(rule, list));
        if held.is_mighty() || !held.custom.iter().any(|role| role.rules.iter().any(limits)) {
            return Ok(None);
        }
        let items = Items::of(tx, scene.call, stack, scene.branch_uid())?;
        Ok(Some(Self { module, list, held, items }))
    }

    /// Whether one item is seen. `folder` is that of an asset.
    pub(crate) fn sees(&self, name: &str, folder: Option<&str>) -> bool {
        let items = self.items.one(self.list, name, folder);
        let rules: Vec<_> = self.held.custom.iter().map(|role| narrow::narrow(&role.rules, &items)).collect();
        let (granted, taken) = narrow::has(&rules, self.module, Access::reads);
        (granted || !self.held.system.is_empty()) && !taken
    }
}

/// Whether whoever makes the request may publish to an environment: a role that names environments publishes to these only.
pub(crate) fn publishes_to(
    scene: &Scene<'_>,
    tx: &mut dyn Tx,
    environment: &str,
) -> Result<bool, StoreError> {
    let Some(held) = Held::of(scene, tx)? else { return Ok(true) };
    let is_open = |role: &Arc<RoleRecord>| {
        narrow::is_open_in(&role.rules, "environment", "environments", |named| named.contains(&environment))
    };
    Ok(!held.system.is_empty() || held.custom.iter().any(is_open))
}

/// One entry or asset of those that a request names in its body, or that its answer would show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) action: Action,
    pub(crate) module: ModuleId,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) uid: &'a str,
    pub(crate) locale: Option<&'a str>,
}

/// Whether the roles of whoever makes the request let this one be changed, or read. The request itself was judged before.
pub(crate) fn may(scene: &Scene<'_>, tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<bool, StoreError> {
    let (Some(held), Some(stack)) = (Held::of(scene, tx)?, &scene.stack) else { return Ok(true) };
    if held.is_mighty() || held.custom.is_empty() {
        return Ok(true);
    }
    let items = Items::named(tx, stack, scene.branch_uid(), wanted)?;
    let rules: Vec<_> = held.custom.iter().map(|role| narrow::narrow(&role.rules, &items)).collect();
    let right = if wanted.action == Action::Read { Access::reads } else { Access::writes };
    let (granted, taken) = narrow::has(&rules, wanted.module, right);
    Ok((granted || !held.system.is_empty()) && !taken)
}
