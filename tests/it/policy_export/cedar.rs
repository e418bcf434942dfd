//! Cedar's authorizer and `decide` agree: verdict and rules, at every point that is asked.

use std::collections::BTreeSet;

use cedar_policy::{Request as Question, Schema};
use cs_model::generated::ContradictionId;
use cs_model::profile::ClientReading;
use cs_model::{Profile, RouteId};
use cs_policy::{
    Decision, Effect, Kind, Operation, Prepared, RuleId, RuleSet, Subject, Verdict, decide, decide_operation,
    rules,
};

use super::engine::{Engine, action};
use super::points::{Extent, NOW, Reads, blocks};

/// Every so many points are asked of the whole policy set, too, and with a request that is checked against the schema.
const WHOLE: usize = 2_003;

/// When there is no time for all, every so many principals are asked about where there are many. A prime, so
/// that it falls on another value of each fact every time.
const SHARE: usize = 7;

/// The rules that decide, by the profile: those that are seen in Cedar's answers.
struct Deciding {
    refusing: RuleSet,
    allowing: RuleSet,
}

impl Deciding {
    fn of(profile: &Profile) -> Self {
        let pick = |wanted: fn(Effect, Option<ClientReading>) -> bool| -> RuleSet {
            RuleId::all()
                .filter(|id| {
                    let effect = id.rule().effect;
                    let reading = match effect {
                        Effect::Contradiction(id) => Some(profile.reading(id).client),
                        _ => None,
                    };
                    *id != rules::ANY_NOTHING_ALLOWS && wanted(effect, reading)
                })
                .collect()
        };
        use ClientReading::*;
        Self {
            refusing: pick(|effect, reading| {
                matches!(effect, Effect::Forbid | Effect::Needs) || reading == Some(Unsettled)
            }),
            allowing: pick(|effect, reading| {
                effect == Effect::Allow || matches!(reading, Some(Allow | Warn))
            }),
        }
    }

    fn among(&self, decision: &Decision) -> RuleSet {
        let deciding = if decision.verdict().is_allow() { self.allowing } else { self.refusing };
        decision.rules().intersection(deciding)
    }
}

/// Which principals are asked about: from the first, every so many.
#[derive(Clone, Copy)]
struct Share {
    first: usize,
    of: usize,
}

const ALL: Share = Share { first: 0, of: 1 };

impl Share {
    /// All when there is time, else some; which, is up to a number.
    fn of(number: usize) -> Self {
        if cs_tests::is_deep() { ALL } else { Self { first: number % SHARE, of: SHARE } }
    }

    /// Whether the next is taken.
    fn takes(self, before: &mut usize) -> bool {
        *before += 1;
        *before % self.of == self.first
    }
}

#[derive(Default)]
struct Count {
    /// Those that were met, asked about or not.
    principals: usize,
    points: usize,
    allowed: usize,
    whole: usize,
    full: usize,
}

/// Compares the points of a kind. The first subject of those that meet the same rules and want the same of a scope gets all
/// values of all facts and the others one value for each outcome; or the first alone gets those.
fn compare(profile: &Profile, engine: &Engine, kind: Kind, all: Extent, share: Share) -> Count {
    let deciding = Deciding::of(profile);
    let mut seen = BTreeSet::new();
    let mut count = Count::default();
    for subject in RouteId::all().map(Subject::Route).chain(Operation::all().map(Subject::Operation)) {
        let reads = Reads::of(kind, subject);
        let (extent, share) = match (seen.insert(reads.likeness()), all) {
            (true, extent) => (extent, share),
            (false, Extent::Full) => (Extent::Outcomes, share),
            (false, Extent::Outcomes) => continue,
        };
        count.full += usize::from(extent == Extent::Full);
        compare_subject(profile, engine, &deciding, &reads, extent, share, &mut count);
    }
    count
}

fn compare_subject(
    profile: &Profile,
    engine: &Engine,
    deciding: &Deciding,
    reads: &Reads,
    extent: Extent,
    share: Share,
    count: &mut Count,
) {
    let now = NOW.parse().unwrap();
    let action = action(reads.subject);
    let mut slice = None;
    for block in blocks(reads, extent) {
        let asked: Vec<_> = block.principals.iter().filter(|_| share.takes(&mut count.principals)).collect();
        if asked.is_empty() {
            continue;
        }
        let contexts: Vec<_> =
            block.requests.iter().map(|request| engine.request(request, &action)).collect();
        for principal in asked {
            let prepared = Prepared::new(principal);
            let entity = engine.principal(principal);
            let slice = slice.get_or_insert_with(|| engine.slice(entity.uid().type_name(), &action));
            let entities = slice.entities(&entity);
            for (request, (context, stack)) in block.requests.iter().zip(&contexts) {
                let facts = request.context(&prepared);
                let decision = match reads.subject {
                    Subject::Route(route) => decide(profile, &prepared, route, &facts, now),
                    Subject::Operation(operation) => {
                        decide_operation(profile, &prepared, operation, &facts, now)
                    }
                };
                let question = |schema: Option<&Schema>| {
                    Question::new(entity.uid(), action.clone(), stack.clone(), context.clone(), schema)
                        .unwrap()
                };
                let expected = (decision.verdict(), deciding.among(&decision));
                let answer = engine.ask(&question(None), &entities, slice);
                assert_eq!(answer, expected, "{} for {principal:?} with {request:?}", action);
                if count.points.is_multiple_of(WHOLE) {
                    let answer = engine.ask_all(&question(Some(&engine.schema)), &entity);
                    assert_eq!(answer, expected, "{action}, all policies");
                    count.whole += 1;
                }
                count.points += 1;
                count.allowed += usize::from(expected.0 == Verdict::Allow);
            }
        }
    }
}

fn agrees(kind: Kind) {
    let profile = Profile::seeds();
    let engine = Engine::new(&profile);
    let share = match kind {
        Kind::Management | Kind::Authtoken => Share::of(0),
        _ => ALL,
    };
    let count = compare(&profile, &engine, kind, Extent::Full, share);
    println!(
        "cedar, {kind}: {} points (1 principal of {}; {} allowed; {} subjects with all values; {} points asked of all policies, too), 0 differences",
        count.points, share.of, count.allowed, count.full, count.whole
    );
    // Every policy had its say: leaving one out would be seen.
    assert_eq!(engine.idle(kind), [""; 0]);
}

#[test]
fn cedar_agrees_on_delivery_tokens() {
    agrees(Kind::Delivery);
}

#[test]
fn cedar_agrees_on_preview_tokens() {
    agrees(Kind::Preview);
}

#[test]
fn cedar_agrees_on_management_tokens() {
    agrees(Kind::Management);
}

#[test]
fn cedar_agrees_on_users() {
    agrees(Kind::Authtoken);
}

#[test]
fn cedar_agrees_on_access_tokens() {
    agrees(Kind::Access);
}

#[test]
fn cedar_agrees_on_oauth_tokens() {
    agrees(Kind::OAuth);
}

#[test]
fn cedar_agrees_on_requests_without_a_credential() {
    agrees(Kind::Anonymous);
}

/// The other profiles, one in which a branch covers its aliases, and ones in which all contradictions are read alike.
#[test]
fn cedar_agrees_under_other_profiles() {
    let mut profiles = vec![Profile::documented_2026(), Profile::live()];
    let mut covering = Profile::seeds().named("covering");
    covering.switches.branch_covers_alias.value = true;
    profiles.push(covering);
    for reading in [ClientReading::Allow, ClientReading::Warn, ClientReading::Deny, ClientReading::Unsettled]
    {
        let mut profile = Profile::seeds().named(format!("{reading:?}"));
        ContradictionId::ALL.into_iter().for_each(|id| profile.readings.set_client(id, reading));
        profiles.push(profile);
    }
    for (index, profile) in profiles.iter().enumerate() {
        let engine = Engine::new(profile);
        // Others under each of them.
        let share = Share::of(index);
        let count = |kind| compare(profile, &engine, kind, Extent::Outcomes, share).points;
        let points: usize = Kind::ALL.into_iter().map(count).sum();
        assert!(points > 1_000, "{points}");
        println!(
            "cedar, profile {}: {points} points (1 principal of {}), 0 differences",
            profile.name, share.of
        );
    }
}

#[test]
fn cedar_finds_nothing_wrong_with_the_policies() {
    let findings = Engine::new(&Profile::seeds()).findings();
    assert!(findings.is_empty(), "{} findings: {:#?}", findings.len(), &findings[..findings.len().min(5)]);
}
