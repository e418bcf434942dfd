//! Cedar: a schema whose actions are the routes, and policies whose ids begin with the ids of our rules.

mod condition;
mod entity;
mod policies;
mod schema;

use cs_model::{Api, Profile};

use crate::{Kind, Subject};

pub use entity::entity as cedar_entity;

/// The policy as text for Cedar's authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cedar {
    /// The schema, in the schema language. It declares the actions and their groups, which the policies name: load it
    /// together with the entities.
    pub schema: String,
    /// The policies. Each has the annotations `@id`, `@rule` (the id of our rule) and `@verdict`.
    pub policies: String,
}

/// The policy under a profile as a Cedar schema and policies.
///
/// A request asks whether a principal ([`cedar_entity`]) may do an action ([`cedar_action`]) on a `Stack`, with the facts
/// of the request as its context. Cedar answers allow or deny; the verdict is read off the policies that decided:
///
/// - allow: [`Verdict::Allow`](crate::Verdict::Allow).
/// - deny: the first of `forbidden`, `undocumented`, `not_granted` among their `@verdict`; without any policy, `forbidden`:
///   nothing allows it.
///
/// Their `@rule` are the rules that [`why`](crate::why) names. Warnings and notes decide nothing and are left out. Times are
/// kept to the millisecond, as Cedar does.
#[must_use]
pub fn cedar(profile: &Profile) -> Cedar {
    let policies = policies::policies(profile);
    Cedar { schema: schema::schema(profile, &policies), policies: policies::text(profile, &policies) }
}

/// The id of the action that stands for a route or operation: `GET /v3/assets`, `delivery:GET /v3/assets`,
/// `access_token:reset`.
#[must_use]
pub fn cedar_action(subject: Subject) -> String {
    match subject {
        Subject::Operation(operation) => operation.row().name.to_owned(),
        Subject::Route(id) => {
            let route = id.row();
            let api = match route.api {
                Api::Management => String::new(),
                other => format!("{}:", other.name()),
            };
            format!("{api}{} {}", route.method.as_str(), route.template)
        }
    }
}

/// The entity type of a kind.
fn entity_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Delivery => "DeliveryToken",
        Kind::Preview => "PreviewToken",
        Kind::Management => "ManagementToken",
        Kind::Authtoken => "User",
        Kind::Access => "AccessToken",
        Kind::OAuth => "OAuthToken",
        Kind::Anonymous => "Anonymous",
    }
}
