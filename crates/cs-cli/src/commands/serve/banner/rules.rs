//! Which rules the service holds to, as the facts, the profile and the arguments have it.

use std::collections::BTreeMap;

use cs_model::facts::Served;
use cs_model::generated::{ContradictionId, SWITCHES};
use cs_model::profile::{AtLimit, ServiceReading};
use cs_model::{LimitId, Profile};

/// What the rules depend on.
pub(super) struct Rules<'a> {
    pub(super) profile: &'a Profile,
    /// Why requests are not counted by time, if they are not.
    pub(super) uncounted: Option<&'static str>,
    /// Whether other processes may serve from the same store.
    pub(super) is_shared: bool,
}

impl Rules<'_> {
    /// What is refused, ended or evicted.
    pub(super) fn enforced(&self) -> Vec<String> {
        let mut enforced = vec!["scopes, roles, expiry".to_owned()];
        enforced.extend(self.profile.switches.unique_names.value.then(|| "unique names".to_owned()));
        enforced.extend(self.limits(|id| self.is_enforced(id)));
        enforced
    }

    /// What somebody may expect that is not enforced, and what turned it off.
    pub(super) fn off(&self) -> Vec<String> {
        let mut off: Vec<String> =
            self.uncounted.map(|why| format!("limits per second and minute ({why})")).into_iter().collect();
        let unlimited = LimitId::ALL.iter().filter(|id| self.profile.limit(**id).value.is_none());
        off.extend(unlimited.map(|id| format!("limit {} (no number)", id.name())));
        let off_switches = self.switches().filter(|(_, value)| *value == "false");
        off.extend(off_switches.map(|(name, _)| format!("switch {name}")));
        off
    }

    /// Limits that the profile has a number for, and the service lets pass, and why.
    pub(super) fn known(&self) -> Vec<String> {
        let why = |id: LimitId| match id.row().served {
            Served::Unless(contradiction) => {
                format!("the profile reads `{}` otherwise", contradiction.row().id)
            }
            _ => "the profile only warns of it".to_owned(),
        };
        let is_known = |id: &LimitId| self.profile.limit(*id).value.is_some() && !self.profile.is_served(*id);
        let known = LimitId::ALL.into_iter().filter(is_known);
        known
            .filter_map(|id| Some(format!("{} ({})", id.shown(self.profile.limit(id).value?), why(id))))
            .collect()
    }

    /// How the service reads each contradiction of the documents.
    pub(super) fn readings(&self) -> BTreeMap<&'static str, &'static str> {
        let readings = ContradictionId::ALL.into_iter().map(|id| {
            let allows = self.profile.reading(id).service == ServiceReading::Allow;
            (id.row().id, if allows { "allow" } else { "deny" })
        });
        readings.collect()
    }

    pub(super) fn switches(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        SWITCHES.iter().map(|row| row.name).zip(self.profile.switches.values())
    }

    fn is_enforced(&self, id: LimitId) -> bool {
        self.profile.is_served(id) && (id.row().served != Served::PerTime || self.uncounted.is_none())
    }

    fn limits(&self, is_meant: impl Fn(LimitId) -> bool) -> impl Iterator<Item = String> {
        LimitId::ALL.into_iter().filter(move |id| is_meant(*id)).filter_map(|id| {
            let limit = self.profile.limit(id);
            let mut shown = id.shown(limit.value?);
            if limit.at_limit == AtLimit::EvictOldest {
                shown.push_str(", the oldest gives way");
            }
            if [LimitId::ReadsPerSecond, LimitId::WritesPerSecond, LimitId::BulkPerSecond].contains(&id) {
                let reading = self.profile.reading(ContradictionId::RateLimitUnit).service;
                let is_whole = reading == ServiceReading::Allow;
                shown.push_str(if is_whole { " and organization" } else { " and credential in a stack" });
                if self.is_shared {
                    shown.push_str(", counted by this process");
                }
            }
            Some(shown)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(profile: &Profile) -> Rules<'_> {
        Rules { profile, uncounted: None, is_shared: false }
    }

    #[test]
    fn each_limit_is_said_once() {
        for name in Profile::NAMES {
            let profile = Profile::find(name).unwrap();
            for uncounted in [None, Some("a flag")] {
                let rules = Rules { uncounted, ..rules(&profile) };
                for id in LimitId::ALL {
                    let said =
                        profile.limit(id).value.map_or_else(|| id.name().to_owned(), |most| id.shown(most));
                    let begins = |list: Vec<String>| list.iter().filter(|line| line.contains(&said)).count();
                    let times = begins(rules.enforced()) + begins(rules.known()) + begins(rules.off());
                    let is_off = id.row().served == Served::PerTime && uncounted.is_some();
                    assert_eq!(times, usize::from(!is_off), "{name} {said}");
                }
            }
        }
    }

    #[test]
    fn what_a_profile_only_warns_of_is_not_enforced() {
        let says =
            |profile: Profile| [rules(&profile).enforced().join("\n"), rules(&profile).known().join("\n")];
        let [enforced, known] = says(Profile::seeds());
        assert!(enforced.contains("at most 1 environment per delivery token"), "{enforced}");
        assert!(
            known.contains("at most 50 characters in the name of a token (the profile only warns"),
            "{known}"
        );
        let [enforced, known] = says(Profile::live());
        assert!(!enforced.contains("environment per delivery token"), "{enforced}");
        assert!(known.contains("at most 1 environment per delivery token (the profile reads"), "{known}");
        assert!(enforced.contains("at most 20 sessions per user, the oldest gives way"), "{enforced}");
        assert!(enforced.contains("at most 10 reads per second and"), "{enforced}");
    }
}
