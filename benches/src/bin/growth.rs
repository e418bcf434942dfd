//! What the policy takes when there is ten times, and a hundred times, as much of it: so many principals with tables of
//! their own, so many questions, so long a log.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use cs_bench_load::load::{Load, Question};
use cs_bench_rows::{Bound, Table, exit, grown};
use cs_benches::bare::Answers;
use cs_benches::peers::Router;
use cs_model::{Access, Api, Grant, Method, ModuleId, Profile};
use cs_policy::{Decision, ManagementFacts, Prepared, Principal, classify, decide, decide_prepared, why};

/// How many times the load.
const TIMES: [usize; 3] = [1, 10, 100];

/// Questions that each side answers at each size, in turns.
const QUESTIONS: usize = 20_000_000;

/// How often one principal is made ready.
const ROUNDS: usize = 20_000;

fn main() -> ExitCode {
    let (profile, mut table) = (Profile::seeds(), Table::new("policy"));
    for times in TIMES {
        measure(&mut table, &profile, times);
    }
    for times in TIMES {
        measure_grants(&mut table, &profile, times);
    }
    exit(table.finish())
}

fn measure(table: &mut Table, profile: &Profile, times: usize) {
    let load = Load::of(times);
    let answers = Answers::of(profile, &load);
    let plain: Vec<Prepared> = load.principals.iter().map(Prepared::new).collect();
    let rounds = (QUESTIONS / load.questions.len()).max(3);
    let at = |principals: &[Prepared], question: &Question| {
        let prepared = &principals[usize::from(question.principal)];
        black_box(&decide(profile, prepared, question.route, &question.context, load.now));
    };
    let bare = |question: &Question| {
        black_box(&answers.get(question));
    };
    let name = |what: &str| grown(what, load.principals.len(), "principals", times);
    let (ours, peer) = fastest(rounds, &load.questions, |question| at(&load.prepared, question), bare);
    table.beside(&name("`decide`"), "ns", ours, ("a bare lookup of the whole answer", peer), Bound::None);
    let (ours, peer) = fastest(rounds / 4, &load.questions, |question| at(&plain, question), bare);
    table.beside(
        &name("`decide` by the rules alone"),
        "ns",
        ours,
        ("a bare lookup of the whole answer", peer),
        Bound::None,
    );
    let from_strings = |question: &Question| {
        let prepared = &load.prepared[usize::from(question.principal)];
        black_box(&decide_prepared(profile, prepared, &load.request(question), load.now));
    };
    let (ours, peer) = fastest(rounds / 16, &load.questions, from_strings, bare);
    table.beside(
        &name("`decide_prepared`"),
        "ns",
        ours,
        ("a bare lookup of the whole answer", peer),
        Bound::None,
    );
    let request = |question: &Question| {
        let route = question.route.row();
        (route.api, route.method, load.path(question))
    };
    let requests: Vec<(Api, Method, &str)> = load.questions.iter().map(request).collect();
    let router = Router::new();
    let (ours, peer) = fastest(
        rounds / 16,
        &requests,
        |(api, method, path)| {
            black_box(classify(*api, *method, path));
        },
        |(api, method, path)| {
            black_box(router.find(*api, *method, path));
        },
    );
    table.beside(&name("`classify` over a log"), "ns", ours, ("matchit", peer), Bound::None);

    let decision = |question: &Question| {
        let prepared = &load.prepared[usize::from(question.principal)];
        decide(profile, prepared, question.route, &question.context, load.now)
    };
    let decisions: Vec<Decision> = load.questions.iter().map(decision).collect();
    let nanos = best(rounds / 4, &decisions, |decision| {
        for rule in why(decision) {
            black_box(rule);
        }
    });
    table.alone(&name("`why`, every reason taken"), "ns", nanos, Bound::None);
    let nanos = best(rounds, &load.principals, |principal| {
        black_box(&Prepared::new(principal));
    });
    table.alone(&name("`Prepared::new`, for each"), "ns", nanos, Bound::None);
    let nanos = best(rounds / 256, &load.principals, |principal| {
        black_box(&Prepared::new(principal).tabulated(profile));
    });
    table.alone(&name("`Prepared::new` and `tabulated`, for each"), "ns", nanos, Bound::None);
}

/// A principal with so many grants: what is to be prepared of one.
fn measure_grants(table: &mut Table, profile: &Profile, times: usize) {
    let facts = ManagementFacts {
        scope: [(ModuleId::Entry.into(), Access::ReadWrite)].into(),
        branches: Grant::only((0..times).map(|number| format!("branch-{number}"))),
        ..ManagementFacts::default()
    };
    let principals = [Principal::Management(facts)];
    let name = |what: &str| grown(what, times, "grants of a branch", times);
    let nanos = best(ROUNDS, &principals, |principal| {
        black_box(&Prepared::new(principal));
    });
    table.alone(&name("`Prepared::new`"), "ns", nanos, Bound::None);
    let nanos = best(ROUNDS / 64, &principals, |principal| {
        black_box(&Prepared::new(principal).tabulated(profile));
    });
    table.alone(&name("`Prepared::new` and `tabulated`"), "ns", nanos, Bound::None);
    let prepared = [Prepared::new(&principals[0])];
    // The last that was granted, wherever it is looked for.
    let last = format!("branch-{}", times - 1);
    let nanos = best(ROUNDS, &prepared, |prepared| {
        black_box(prepared.branch(&last));
    });
    table.alone(&name("a branch found by its name"), "ns", nanos, Bound::None);
}

/// Nanoseconds for an item, by the fastest round.
fn best<T>(rounds: usize, items: &[T], run: impl Fn(&T)) -> f64 {
    (0..rounds.max(3)).fold(f64::MAX, |best, _| {
        let start = Instant::now();
        items.iter().for_each(|item| run(black_box(item)));
        best.min(start.elapsed().as_secs_f64() * 1e9 / items.len() as f64)
    })
}

/// Nanoseconds for an item on each side, by the fastest round. The sides take turns.
fn fastest<T>(rounds: usize, items: &[T], ours: impl Fn(&T), peer: impl Fn(&T)) -> (f64, f64) {
    let round = |run: &dyn Fn(&[T])| {
        let start = Instant::now();
        run(items);
        start.elapsed().as_secs_f64() * 1e9 / items.len() as f64
    };
    let each_ours = |items: &[T]| items.iter().for_each(|item| ours(black_box(item)));
    let each_peer = |items: &[T]| items.iter().for_each(|item| peer(black_box(item)));
    (0..rounds.max(3)).fold((f64::MAX, f64::MAX), |(best, other), _| {
        (best.min(round(&each_ours)), other.min(round(&each_peer)))
    })
}
