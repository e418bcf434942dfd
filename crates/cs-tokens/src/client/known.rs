//! What answers told of organizations. The API counts requests by organization (CMA-doc, "Rate limiting"), so clients of one keep one
//! pace once it is known, whatever their credentials.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use cs_model::{ApiKey, OrganizationUid, Stack};
use serde_json::Value;

use crate::Client;
use crate::client::LimiterKey;

/// How many names are kept. For what does not fit, nothing is known.
const SLOTS: usize = 4_096;
/// How far from its place a name may stand.
const PROBES: usize = 16;

/// What the process has learned of stacks. A fact is written once and stays, so that reading takes no lock, and hashes nothing before
/// there is one.
static LEARNED: OnceLock<Learned> = OnceLock::new();

struct Learned {
    hashing: RandomState,
    slots: Box<[OnceLock<Fact>]>,
}

/// Requests of this name at this place count against that.
struct Fact {
    place: Box<str>,
    name: Box<str>,
    key: LimiterKey,
}

impl Learned {
    fn new() -> Self {
        Self { hashing: RandomState::new(), slots: (0..SLOTS).map(|_| OnceLock::new()).collect() }
    }

    fn probed(&self, place: &str, name: &str) -> impl Iterator<Item = &OnceLock<Fact>> {
        let first = self.hashing.hash_one((place, name)) as usize % SLOTS;
        self.slots.iter().cycle().skip(first).take(PROBES)
    }

    fn find(&self, place: &str, name: &str) -> Option<&LimiterKey> {
        let mut facts = self.probed(place, name).map_while(OnceLock::get);
        facts.find(|fact| *fact.place == *place && *fact.name == *name).map(|fact| &fact.key)
    }

    /// Keeps a fact, unless another is known of the name or there is no room; gives back what is known then.
    fn keep(&self, place: &str, name: &str, key: &LimiterKey) -> LimiterKey {
        for slot in self.probed(place, name) {
            let new = || Fact { place: place.into(), name: name.into(), key: key.clone() };
            let fact = slot.get_or_init(new);
            if *fact.place == *place && *fact.name == *name {
                return fact.key.clone();
            }
        }
        key.clone()
    }
}

/// What is known of a credential, a source or a name, for all clients that have it: whose their requests count against. It
/// goes with the last of them.
#[derive(Clone, Default)]
pub(crate) struct Whose(Arc<OnceLock<LimiterKey>>);

/// Those of the clients that there are, by what is counted while nothing is known.
static WHOSE: Mutex<All> = Mutex::new(All { held: BTreeMap::new(), enough: 0 });

struct All {
    held: BTreeMap<Arc<str>, Weak<OnceLock<LimiterKey>>>,
    /// With how many to look for those that nobody has any more.
    enough: usize,
}

impl Whose {
    /// That of the clients with this key.
    pub(crate) fn of(key: &LimiterKey) -> Self {
        let mut all = WHOSE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.held.get(key.as_str()).and_then(Weak::upgrade) {
            return Self(found);
        }
        // Seldom, so that a client is not made the slower the more there are.
        if all.held.len() >= all.enough {
            all.held.retain(|_, whose| whose.strong_count() > 0);
            all.enough = 2 * all.held.len() + 8;
        }
        let new = Self::default();
        all.held.insert(key.share(), Arc::downgrade(&new.0));
        new
    }
}

/// Nothing of it is shown.
impl fmt::Debug for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> Client<T> {
    /// What the API counts a request against, as far as it is known now. What is said in the client's making stands.
    pub(crate) fn counted_against(&self, stack: Option<&ApiKey>) -> &LimiterKey {
        match LEARNED.get() {
            Some(learned) if self.organization.is_none() => {
                let of_stack = stack.and_then(|stack| learned.find(self.origin.as_str(), stack.as_str()));
                of_stack.or_else(|| self.whose.0.get()).unwrap_or(&self.limiter_key)
            }
            _ => &self.limiter_key,
        }
    }

    /// Takes in whose the stacks are. `all` are all that the credential sees: where they are of one organization, its other
    /// requests count against that, too.
    pub(crate) fn learn(&self, stacks: &[Stack], all: bool) {
        let mut keys: Vec<Option<LimiterKey>> = stacks
            .iter()
            .map(|stack| self.learn_one(stack.api_key.as_str(), stack.org_uid.as_deref()?))
            .collect();
        keys.dedup();
        if let ([Some(key)], true, None) = (keys.as_slice(), all, &self.organization) {
            self.whose.0.get_or_init(|| key.clone());
            if let Some(pace) = &self.pace {
                pace.limiters().rename(self.limiter_key.as_str(), key.as_str());
            }
        }
    }

    /// The same from an answer that is not read otherwise, with one stack or many.
    pub(crate) fn learn_from(&self, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let many = answer["stacks"].as_array().map(Vec::as_slice).unwrap_or_default();
        for stack in many.iter().chain(answer.get("stack")) {
            if let (Some(api_key), Some(organization)) =
                (stack["api_key"].as_str(), stack["org_uid"].as_str())
            {
                self.learn_one(api_key, organization);
            }
        }
    }

    fn learn_one(&self, api_key: &str, organization: &str) -> Option<LimiterKey> {
        let uid = OrganizationUid::new(organization).ok()?;
        let (learned, place) = (LEARNED.get_or_init(Learned::new), self.origin.as_str());
        let key = LimiterKey::of_organization(&self.origin, &uid);
        // The same place in memory for all stacks of the organization: limiters know the last key again by it.
        let key = learned.keep(place, &format!("organization {uid}"), &key);
        Some(learned.keep(place, api_key, &key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_stays_and_a_full_table_forgets_nothing() {
        let learned = Learned::new();
        let key = |text: &str| LimiterKey(text.into());
        assert_eq!(learned.find("here", "one"), None);
        let first = learned.keep("here", "one", &key("a"));
        assert_eq!((first.as_str(), learned.keep("here", "one", &key("b")).as_str()), ("a", "a"));
        assert_eq!(learned.find("there", "one"), None);
        let kept = (0..2 * SLOTS).filter(|n| {
            let name = n.to_string();
            learned.keep("here", &name, &key(&name));
            learned.find("here", &name).is_some_and(|found| found.as_str() == name)
        });
        assert!(kept.count() > SLOTS / 2);
        assert_eq!(learned.find("here", "one").map(LimiterKey::as_str), Some("a"));
    }
}
