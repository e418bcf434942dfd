//! Which requests a fault is meant for, and how often it happens.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cs_model::{Api, Method, RouteId};

use super::Fault;

/// A fault with the requests that it is meant for. It happens to each of them, until it is removed.
///
/// ```
/// use cs_model::Method;
/// use cs_server::faults::{Fault, FaultPlan, Faults};
/// let faults = Faults::default();
/// // The third and the fourth POST are answered with 503.
/// faults.add(FaultPlan::new(Fault::Status(503)).with_method(Method::Post).after(2).times(2));
/// assert_eq!(faults.list().len(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaultPlan {
    /// What goes wrong.
    pub fault: Fault,
    /// Only with this route.
    pub route: Option<RouteId>,
    /// Only with routes of this API.
    pub api: Option<Api>,
    /// Only with this method.
    pub method: Option<Method>,
    /// How many of these requests pass before it begins.
    pub after: u32,
    /// How often it happens; then it is over.
    pub times: Option<u32>,
    /// Whether it happens each time, or by chance.
    pub chance: Option<Chance>,
}

/// A chance that is the same in each run: the same seed meets the same requests.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a probability and where its numbers begin")]
pub struct Chance {
    /// From 0, never, to 1, always.
    pub probability: f64,
    /// Where its random numbers begin.
    pub seed: u64,
}

impl FaultPlan {
    /// For every request, from the first on, until it is taken out; the functions below narrow that down.
    #[must_use]
    pub const fn new(fault: Fault) -> Self {
        Self { fault, route: None, api: None, method: None, after: 0, times: None, chance: None }
    }

    /// Only with this route.
    #[must_use]
    pub const fn on(mut self, route: RouteId) -> Self {
        self.route = Some(route);
        self
    }

    /// Only with routes of this API: a request of no known route is of none.
    #[must_use]
    pub const fn of_api(mut self, api: Api) -> Self {
        self.api = Some(api);
        self
    }

    /// Only with this method.
    #[must_use]
    pub const fn with_method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only after this many of these requests.
    #[must_use]
    pub const fn after(mut self, requests: u32) -> Self {
        self.after = requests;
        self
    }

    /// This often, then no more.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// By chance: `probability` goes from 0, never, to 1, always, and `seed` says where the random numbers begin, so that a
    /// run can be repeated.
    #[must_use]
    pub const fn by_chance(mut self, probability: f64, seed: u64) -> Self {
        self.chance = Some(Chance { probability, seed });
        self
    }

    fn fits(&self, method: Option<Method>, route: Option<RouteId>) -> bool {
        let api = route.map(|route| route.row().api);
        (self.route.is_none() || self.route == route)
            && (self.api.is_none() || self.api == api)
            && (self.method.is_none() || self.method == method)
    }
}

/// A plan, and how it went so far.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Planned {
    /// The plan.
    pub plan: FaultPlan,
    /// How many requests it fitted.
    pub seen: u64,
    /// How often it happened.
    pub happened: u64,
    random: fastrand::Rng,
}

impl Planned {
    /// Whether it happens to a request that it fits.
    fn happens(&mut self) -> bool {
        self.seen += 1;
        let by_chance = self.plan.chance.is_none_or(|chance| self.random.f64() < chance.probability);
        let happens = by_chance && self.seen > u64::from(self.plan.after);
        self.happened += u64::from(happens);
        happens
    }

    fn is_over(&self) -> bool {
        self.plan.times.is_some_and(|times| self.happened >= u64::from(times))
    }
}

/// All that is planned to go wrong. Of plans that fit a request, the first that happens is what happens.
#[derive(Debug, Default)]
pub struct Faults {
    /// Whether there is any: most services plan none, and none of their requests waits for a lock.
    any: AtomicBool,
    plans: Mutex<Plans>,
}

#[derive(Debug, Default)]
struct Plans {
    last: u64,
    by_number: BTreeMap<u64, Planned>,
}

impl Faults {
    /// Adds a plan; gives back its number.
    pub fn add(&self, plan: FaultPlan) -> u64 {
        let mut plans = self.lock();
        plans.last += 1;
        let number = plans.last;
        let random = fastrand::Rng::with_seed(plan.chance.map_or(0, |chance| chance.seed));
        if plan.times != Some(0) {
            plans.by_number.insert(number, Planned { plan, seen: 0, happened: 0, random });
        }
        self.any.store(!plans.by_number.is_empty(), Ordering::Release);
        number
    }

    /// Removes a plan; whether there was one.
    pub fn remove(&self, number: u64) -> bool {
        let mut plans = self.lock();
        let was = plans.by_number.remove(&number).is_some();
        self.any.store(!plans.by_number.is_empty(), Ordering::Release);
        was
    }

    /// Removes all of them; how many there were.
    pub fn clear(&self) -> usize {
        let mut plans = self.lock();
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut plans.by_number).len()
    }

    /// Those that are not over, by number.
    pub fn list(&self) -> Vec<(u64, Planned)> {
        self.lock().by_number.iter().map(|(number, planned)| (*number, planned.clone())).collect()
    }

    /// Whether any is planned.
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// What goes wrong with this request.
    pub(crate) fn take(&self, method: Option<Method>, route: Option<RouteId>) -> Option<Fault> {
        let mut plans = self.lock();
        let (number, fault, is_over) = plans.by_number.iter_mut().find_map(|(number, planned)| {
            let happens = planned.plan.fits(method, route) && planned.happens();
            happens.then(|| (*number, planned.plan.fault, planned.is_over()))
        })?;
        if is_over {
            plans.by_number.remove(&number);
            self.any.store(!plans.by_number.is_empty(), Ordering::Release);
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cs_model::generated::route;

    use super::*;

    const LIST: Option<RouteId> = Some(route::GET_STACKS_DELIVERY_TOKENS);

    #[test]
    fn plans_fit_routes_and_methods_and_end_by_count() {
        let faults = Faults::default();
        assert!(!faults.any());
        faults.add(FaultPlan::new(Fault::Status(503)).on(route::GET_USER).times(1));
        faults.add(FaultPlan::new(Fault::Status(429)).with_method(Method::Get).after(1).times(2));
        let take = || faults.take(Some(Method::Get), LIST);
        assert_eq!(faults.take(Some(Method::Post), None), None);
        let taken = [take(), take(), take(), take()];
        assert_eq!(taken, [None, Some(Fault::Status(429)), Some(Fault::Status(429)), None]);
        assert_eq!(faults.list().len(), 1);
        assert_eq!(faults.take(Some(Method::Get), Some(route::GET_USER)), Some(Fault::Status(503)));
        assert!(!faults.any());
    }

    #[test]
    fn plans_fit_routes_of_an_api() {
        let faults = Faults::default();
        faults.add(FaultPlan::new(Fault::Truncate).of_api(Api::Delivery));
        assert_eq!(faults.take(Some(Method::Get), LIST), None);
        assert_eq!(faults.take(Some(Method::Get), None), None);
        let entries = cs_policy::classify(Api::Delivery, Method::Get, "/v3/content_types/page/entries");
        assert_eq!(entries.unwrap().row().api, Api::Delivery);
        assert_eq!(faults.take(Some(Method::Get), entries), Some(Fault::Truncate));
        assert_eq!(faults.list()[0].1.seen, 1);
    }

    #[test]
    fn the_same_seed_meets_the_same_requests() {
        let run = |seed| {
            let faults = Faults::default();
            let number = faults.add(FaultPlan::new(Fault::LoseAnswer).by_chance(0.3, seed));
            let hits: Vec<bool> = (0..200).map(|_| faults.take(None, None).is_some()).collect();
            assert_eq!(faults.list()[0].1.seen, 200);
            assert!(faults.remove(number) && !faults.remove(number));
            hits
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let often = run(7).iter().filter(|hit| **hit).count();
        assert!((30..90).contains(&often), "{often}");
        let never = Faults::default();
        never.add(FaultPlan::new(Fault::Truncate).by_chance(0.0, 1));
        never.add(FaultPlan::new(Fault::Truncate).times(0));
        assert!((0..100).all(|_| never.take(None, None).is_none()));
        assert_eq!(never.clear(), 1);
    }
}
