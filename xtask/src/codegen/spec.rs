//! The facts as they stand in `xtask/spec`, read and checked as a whole.
//!
//! Reading collects every problem of every file before it fails, so one run shows all there is to mend.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::de::DeserializeOwned;

mod check;
mod rows;
mod words;

pub(crate) use rows::*;
pub(crate) use words::*;

use super::claims::{self, ClaimsFile};
use super::contradictions;
use super::facts::{self, FactsFile};
use super::lints::{self, LintsFile};
use super::rules::{self, RulesFile};

/// All facts, checked: every id that a row names exists.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) sources: Vec<SourceRow>,
    pub(crate) modules: Vec<ModuleRow>,
    pub(crate) actions: Vec<ActionRow>,
    /// Sorted by path.
    pub(crate) collections: Vec<CollectionRow>,
    /// Sorted by API, template and method.
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) errors: Vec<ErrorRow>,
    pub(crate) regions: Vec<RegionRow>,
    pub(crate) limits: Vec<LimitRow>,
    pub(crate) switches: Vec<SwitchRow>,
    pub(crate) contradictions: Vec<ContradictionRow>,
    pub(crate) violations: Vec<ViolationRow>,
    pub(crate) gaps: Vec<GapRow>,
    /// In the order of their numbers.
    pub(crate) exits: Vec<ExitRow>,
    pub(crate) rules: RulesFile,
    pub(crate) lints: LintsFile,
    pub(crate) claims: ClaimsFile,
    pub(crate) facts: FactsFile,
    /// What no table has for OpenAPI: schemas of bodies.
    pub(crate) openapi: serde_json::Value,
    /// In the order of [`PROFILES`].
    pub(crate) profiles: Vec<ProfileFile>,
    /// That of the workspace.
    pub(crate) version: String,
}

/// The profiles, the default first.
pub(crate) const PROFILES: [&str; 3] = ["seeds", "documented-2026", "live"];

impl Spec {
    /// Reads the folder.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let mut problems = Problems::default();
        // The folder is `xtask/spec` of a workspace.
        let root = folder.ancestors().nth(2).unwrap_or(folder);
        let modules: ModulesFile = problems.read(folder, "modules.toml");
        let limits: LimitsFile = problems.read(folder, "limits.toml");
        let mut spec = Self {
            sources: problems.read::<SourcesFile>(folder, "sources.toml").source,
            modules: modules.module,
            actions: modules.action,
            routes: problems.read::<RoutesFile>(folder, "routes.toml").route,
            collections: problems.read::<CollectionsFile>(folder, "collections.toml").collection,
            errors: problems.read::<ErrorsFile>(folder, "errors.toml").error,
            regions: problems.read::<RegionsFile>(folder, "regions.toml").region,
            limits: limits.limit,
            switches: limits.switch,
            contradictions: problems.read::<ContradictionsFile>(folder, "contradictions.toml").contradiction,
            violations: problems.read::<ViolationsFile>(folder, "violations.toml").violation,
            rules: problems.read(folder, "rules.toml"),
            lints: problems.read(folder, "lints.toml"),
            claims: problems.read(folder, "claims.toml"),
            facts: problems.read(folder, "facts.toml"),
            openapi: problems.read_json(folder, "openapi.json"),
            exits: problems.read::<ExitsFile>(folder, "exits.toml").exit,
            gaps: problems.read::<GapsFile>(folder, "gaps.toml").gap,
            profiles: PROFILES
                .iter()
                .map(|name| problems.read(folder, &format!("profiles/{name}.toml")))
                .collect(),
            version: crate::release::current(root).unwrap_or_else(|error| {
                problems.0.push(format!("{error:#}"));
                String::new()
            }),
        };
        spec.modules.sort_by(|a, b| a.id.cmp(&b.id));
        spec.actions.sort_by(|a, b| a.id.cmp(&b.id));
        spec.collections.sort_by(|a, b| a.path.cmp(&b.path));
        spec.routes.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        problems.stop()?;
        check::check(&spec, &mut problems);
        problems.stop()?;
        rules::check(&spec, &mut problems);
        lints::check(&spec, &mut problems);
        contradictions::check(root, &spec, &mut problems);
        problems.stop()?;
        // Whose tests the claims name.
        claims::check(root, &spec, &mut problems);
        facts::check(&spec, &mut problems);
        problems.stop()?;
        Ok(spec)
    }
}

/// What is wrong with the facts: each line names a file and a row.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    /// Notes a problem in a row of a file.
    pub(crate) fn add(&mut self, file: &str, row: impl fmt::Display, says: impl fmt::Display) {
        self.0.push(format!("xtask/spec/{file}: `{row}`: {says}"));
    }

    /// Reads a file; a problem is noted and answered with an empty file.
    pub(crate) fn read<T: DeserializeOwned + Default>(&mut self, folder: &Path, name: &str) -> T {
        let text = match fs::read_to_string(folder.join(name)) {
            Ok(text) => text,
            Err(error) => {
                self.0.push(format!("xtask/spec/{name}: {error}"));
                return T::default();
            }
        };
        match toml::from_str(&text) {
            Ok(file) => file,
            Err(error) => {
                self.0.push(format!("xtask/spec/{name}: {}", error.to_string().trim_end()));
                T::default()
            }
        }
    }

    /// Reads a file of JSON, the keys of its objects in alphabetical order; a problem is noted and answered with null.
    pub(crate) fn read_json(&mut self, folder: &Path, name: &str) -> serde_json::Value {
        let read = fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
        let value = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        value.map(sorted).unwrap_or_else(|error| {
            self.0.push(format!("xtask/spec/{name}: {error}"));
            serde_json::Value::Null
        })
    }

    /// Fails when there is anything to mend, with all of it.
    pub(crate) fn stop(&self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        anyhow::bail!("{} problems in the facts\n{}", self.0.len(), self.0.join("\n"))
    }

    /// The lines so far.
    #[cfg(test)]
    pub(crate) fn lines(&self) -> &[String] {
        &self.0
    }
}

/// The same with the keys of every object in alphabetical order. Whether `serde_json` keeps the order in which they came
/// depends on what else is built with it.
pub(crate) fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(object) => {
            let rows: BTreeMap<String, Value> = object.into_iter().collect();
            Value::Object(rows.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_cannot_be_read_is_named() {
        let error = Spec::load(Path::new("/nowhere")).unwrap_err().to_string();
        for file in ["sources.toml", "routes.toml", "profiles/live.toml"] {
            assert!(error.contains(file), "{error}");
        }
    }

    #[test]
    fn sources_have_two_forms() {
        #[derive(serde::Deserialize)]
        struct File {
            sources: Vec<SourceRef>,
        }
        let file: File =
            toml::from_str(r#"sources = ["OA3", "seed 001: A: b", { source = "seed 001", place = "A: b" }]"#)
                .unwrap();
        assert_eq!(file.sources[0].to_string(), "OA3");
        assert_eq!(file.sources[1], file.sources[2]);
        assert!(toml::from_str::<ActionRow>("id = 'x'\nneeds = 'read'\nsays = ''\nextra = 1").is_err());
    }
}
