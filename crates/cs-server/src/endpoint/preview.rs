//! Preview tokens (seed 002, "Preview Token Collection"): one for each delivery token, as a field of it.

use cs_model::generated::{ContradictionId, ErrorId, LimitId};
use cs_model::profile::{AtLimit, ServiceReading};

use super::{delivery, tokens};
use crate::hash;
use crate::record::{DeliveryRecord, Kind};
use crate::refusal::Stop;
use crate::reply::Reply;
use crate::service::Scene;
use crate::store::Tx;

/// `POST /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token`
///
/// The answer is the whole delivery token (seed 002, "Create preview token"). One that is there already is replaced: the
/// sample shows another value and a later `updated_at`.
pub(super) fn create(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    let api_key = scene.api_key()?;
    let mut token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    has_room(scene, token.preview_token.is_some())?;
    let value = scene.draw.token("preview");
    tokens::put_value(tx, &hash::of_value(value.reveal()), Kind::Preview, api_key, &token.uid)?;
    if let Some(before) = token.preview_token.replace(value) {
        tokens::remove_value(tx, &hash::of_value(before.reveal()))?;
    }
    token.stamps.touch(scene.actor_uid(), scene.now);
    tokens::put(tx, api_key, &token, None)?;
    delivery::made(scene, tx, "Preview token created successfully.", &token)
}

/// `DELETE /v3/stacks/delivery_tokens/{delivery_token_uid}/preview_token`
///
/// The page marks two credentials as required (seed 002, "Delete preview token"); whether both must be there is a reading of
/// the profile. That each one that is there holds was seen to before.
pub(super) fn delete(scene: &Scene<'_>, tx: &mut dyn Tx) -> Result<Reply, Stop> {
    if scene.profile.reading(ContradictionId::PreviewDeleteBothHeaders).service == ServiceReading::Allow {
        for (header, missing) in
            [("authtoken", ErrorId::AuthtokenMissing), ("authorization", ErrorId::ManagementTokenInvalid)]
        {
            if scene.call.header(header).is_none() {
                return Err(missing.into());
            }
        }
    }
    let mut token: DeliveryRecord = tokens::named_in_path(scene, tx)?;
    let Some(value) = token.preview_token.take() else { return Err(ErrorId::PreviewTokenNotFound.into()) };
    tokens::remove_value(tx, &hash::of_value(value.reveal()))?;
    token.stamps.touch(scene.actor_uid(), scene.now);
    tokens::put(tx, scene.api_key()?, &token, None)?;
    Ok(Reply::notice("Preview token deleted successfully."))
}

/// Whether a preview token may be made for a delivery token that has one already, or none. A limit of none at all is that of
/// a plan without preview tokens.
pub(super) fn has_room(scene: &Scene<'_>, has_one: bool) -> Result<(), Stop> {
    let limit = scene.profile.limit(LimitId::PreviewTokensPerDeliveryToken);
    if limit.is_exceeded_by(1) {
        return Err(ErrorId::PreviewTokenNotInPlan.into());
    }
    // A delivery token has one field for it, so however many a profile allows, a second one takes the place of the first.
    if has_one && limit.is_exceeded_by(2) && limit.at_limit == AtLimit::Refuse {
        return Err(ErrorId::TokenLimitReached.into());
    }
    Ok(())
}
