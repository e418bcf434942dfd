//! Which rules are about which kind of credential on which route.

use crate::codegen::spec::{Api, Documented, Needs, Reach, RouteRow, Spec};

use super::rows::{Kind, RuleRow};

/// A route with what rules ask of it.
pub(super) struct Subject<'a> {
    pub(super) row: &'a RouteRow,
    needs: Option<Needs>,
    reach: Option<Reach>,
    /// The OAuth scope that it takes: named by the API description, by the name of the scope, or by its module.
    pub(super) scope: Option<&'a str>,
}

/// All routes, in the order of the table.
pub(super) fn subjects(spec: &Spec) -> Vec<Subject<'_>> {
    spec.routes
        .iter()
        .map(|row| {
            let needs = spec.actions.iter().find(|action| action.id == row.action).map(|action| action.needs);
            let reach = spec.modules.iter().find(|module| module.id == row.module).map(|module| module.reach);
            let area = || {
                let areas = &spec.rules.oauth_area;
                let area = areas
                    .iter()
                    .find(|area| names(&area.routes, row))
                    .or_else(|| areas.iter().find(|area| area.modules.contains(&row.module)))?;
                match needs? {
                    Needs::Read => area.read.as_deref(),
                    Needs::Write => area.write.as_deref(),
                }
            };
            let scope = match row.oauth_scope.as_str() {
                // Only the management API takes OAuth tokens.
                "" if row.api == Api::Management => area(),
                "" => None,
                named => Some(named),
            };
            Subject { row, needs, reach, scope }
        })
        .collect()
}

impl Subject<'_> {
    /// What the route table says of a credential of this kind.
    fn documented(&self, kind: Kind) -> Documented {
        match kind {
            Kind::Delivery | Kind::Access => self.row.delivery_token,
            Kind::Preview => self.row.preview_token,
            Kind::Management => self.row.management_token,
            Kind::Authtoken => self.row.authtoken,
            Kind::OAuth if !self.row.oauth_scope.is_empty() => Documented::Yes,
            Kind::OAuth if self.scope.is_some() => Documented::Silent,
            Kind::OAuth => Documented::No,
            Kind::Anonymous if self.credential_free() => Documented::Yes,
            Kind::Anonymous => Documented::No,
        }
    }

    /// Whether no document asks for a credential.
    fn credential_free(&self) -> bool {
        let row = self.row;
        [row.authtoken, row.management_token, row.delivery_token, row.preview_token]
            .iter()
            .all(|column| *column == Documented::No)
    }
}

impl RuleRow {
    /// Whether it is about this kind on this route.
    pub(super) fn covers(&self, kind: Kind, subject: &Subject<'_>) -> bool {
        let row = subject.row;
        if !self.kinds.contains(&kind) {
            return false;
        }
        if names(&self.also, row) {
            return true;
        }
        !self.operations_only()
            && any_or(&self.apis, &row.api)
            && any_or(&self.modules, &row.module)
            && !self.not_modules.contains(&row.module)
            && any_or(&self.actions, &row.action)
            && (self.routes.is_empty() || names(&self.routes, row))
            && any_or(&self.documented, &subject.documented(kind))
            && (self.needs.is_none() || self.needs == subject.needs)
            && (self.reach.is_empty() || subject.reach.is_some_and(|reach| self.reach.contains(&reach)))
            && any_or(&self.api_key, &row.api_key)
            && any_or(&self.branch_header, &row.branch_header)
            && any_or(&self.environment, &row.environment)
            && self.state_change.is_none_or(|is| is == row.state_change)
            && self.credential_free.is_none_or(|is| is == subject.credential_free())
    }

    /// Whether it is about this kind doing something that has no route.
    pub(super) fn covers_operation(&self, kind: Kind, operation: &str) -> bool {
        self.kinds.contains(&kind) && self.operations.iter().any(|id| id == operation)
    }
}

fn any_or<T: PartialEq>(list: &[T], item: &T) -> bool {
    list.is_empty() || list.contains(item)
}

fn names(list: &[String], row: &RouteRow) -> bool {
    list.iter().any(|name| is_named(row, name))
}

/// Whether this is the route that a rule calls `METHOD PATH` or `api:METHOD PATH`.
pub(crate) fn is_named(row: &RouteRow, name: &str) -> bool {
    let api = match row.api {
        Api::Management => return row.title() == name,
        Api::Delivery => "delivery:",
        Api::Preview => "preview:",
        Api::LegacyPreview => "legacy-preview:",
        Api::GraphQl => "graphql:",
    };
    name.strip_prefix(api).is_some_and(|name| row.title() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::root;
    use crate::codegen::rules::rows::RulesFile;

    #[test]
    fn rules_name_routes_by_api_method_and_path() {
        let spec = Spec::load(&root().join("xtask/spec")).unwrap();
        let named = |name: &str| spec.routes.iter().filter(|row| is_named(row, name)).count();
        assert_eq!(named("GET /v3/assets"), 1);
        assert_eq!(named("delivery:GET /v3/assets"), 1);
        assert_eq!(named("preview:GET /v3/assets"), 0);
        assert_eq!(named("get /v3/assets"), 0);
    }

    #[test]
    fn a_rule_about_operations_alone_is_about_no_route() {
        let rule = |keys: &str| {
            let text = format!(
                "[[rule]]\nid = 'a.b'\nsays = 'x.'\neffect = 'note'\nkinds = ['management']\nsources = ['OA3']\n{keys}"
            );
            toml::from_str::<RulesFile>(&text).unwrap().rule.remove(0)
        };
        let spec = Spec::load(&root().join("xtask/spec")).unwrap();
        let subjects = subjects(&spec);
        let count = |row: &RuleRow| subjects.iter().filter(|item| row.covers(Kind::Management, item)).count();
        assert_eq!(count(&rule("operations = ['access_token:reset']")), 0);
        assert_eq!(count(&rule("operations = ['access_token:reset']\nalso = ['GET /v3/assets']")), 1);
        assert_eq!(count(&rule("state_change = true")), 5);
        assert_eq!(count(&rule("")), subjects.len());
        assert!(subjects.iter().all(|item| !rule("").covers(Kind::Delivery, item)));
    }
}
