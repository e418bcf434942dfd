//! Decisions beside bare lookups and Cedar, `classify` beside matchit, `why` beside `decide`: one load, one run.
//!
//! `cargo run --release -p cs-benches` prints the ratios of the last run beside the bounds.

use std::hint::black_box;

use criterion::{Bencher, Criterion, Throughput};
use cs_bench_load::load::{Load, Question};
use cs_benches::bare::{Answers, Verdicts};
use cs_benches::peers::{Cedar, Router};
use cs_model::{Api, Method, Profile};
use cs_policy::{Decision, Prepared, classify, decide, decide_prepared, why};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let (profile, load) = (Profile::seeds(), Load::new());
    decisions(&mut criterion, &profile, &load);
    reasons(&mut criterion, &profile, &load);
    paths(&mut criterion, &load);
    preparations(&mut criterion, &load);
    criterion.final_summary();
}

/// Measures one pass over all items.
fn each<T>(bencher: &mut Bencher<'_>, items: &[T], run: impl Fn(&T)) {
    bencher.iter(|| {
        for item in items {
            run(black_box(item));
        }
    });
}

/// `decide` beside what it competes with. Each answers every question of the load, in the same mixed order.
fn decisions(criterion: &mut Criterion, profile: &Profile, load: &Load) {
    let answers = Answers::of(profile, load);
    let verdicts = Verdicts::of(&answers);
    let cedar = Cedar::new(profile, load);
    let prepared = |question: &Question| &load.prepared[usize::from(question.principal)];
    for (number, question) in load.questions.iter().enumerate() {
        // Peers answer the same, or they are none.
        let decision = decide(profile, prepared(question), question.route, &question.context, load.now);
        assert_eq!(decision, answers.get(question), "{question:?}");
        assert_eq!(decision.verdict().is_allow(), cedar.allows(number), "{question:?}");
    }
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(load.questions.len() as u64));
    group.bench_function("bare_answers", |bencher| {
        each(bencher, &load.questions, |question| {
            black_box(&answers.get(question));
        });
    });
    group.bench_function("bare_verdicts", |bencher| {
        each(bencher, &load.questions, |question| {
            black_box(&verdicts.get(question));
        });
    });
    group.bench_function("decide", |bencher| {
        each(bencher, &load.questions, |question| {
            black_box(&decide(profile, prepared(question), question.route, &question.context, load.now));
        });
    });
    let untabulated: Vec<Prepared> = load.principals.iter().map(Prepared::new).collect();
    group.bench_function("decide_by_rules", |bencher| {
        each(bencher, &load.questions, |question| {
            let prepared = &untabulated[usize::from(question.principal)];
            black_box(&decide(profile, prepared, question.route, &question.context, load.now));
        });
    });
    group.bench_function("from_strings", |bencher| {
        each(bencher, &load.questions, |question| {
            let request = load.request(question);
            black_box(&decide_prepared(profile, prepared(question), &request, load.now));
        });
    });
    let numbers: Vec<usize> = (0..load.questions.len()).collect();
    group.bench_function("cedar", |bencher| {
        each(bencher, &numbers, |number| {
            black_box(cedar.allows(*number));
        });
    });
    group.finish();
}

/// `why` of decisions that were made before, every reason taken.
fn reasons(criterion: &mut Criterion, profile: &Profile, load: &Load) {
    let decision = |question: &Question| {
        let prepared = &load.prepared[usize::from(question.principal)];
        decide(profile, prepared, question.route, &question.context, load.now)
    };
    let decisions: Vec<Decision> = load.questions.iter().map(decision).collect();
    let mut group = criterion.benchmark_group("why");
    group.throughput(Throughput::Elements(decisions.len() as u64));
    group.bench_function("why", |bencher| {
        each(bencher, &decisions, |decision| {
            for rule in why(decision) {
                black_box(rule);
            }
        });
    });
    group.finish();
}

/// `classify` beside matchit, on the paths of the load.
fn paths(criterion: &mut Criterion, load: &Load) {
    let request = |question: &Question| {
        let route = question.route.row();
        (route.api, route.method, load.path(question).to_owned())
    };
    let requests: Vec<(Api, Method, String)> = load.questions.iter().map(request).collect();
    let router = Router::new();
    let mut group = criterion.benchmark_group("classify");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("classify", |bencher| {
        each(bencher, &requests, |(api, method, path)| {
            black_box(classify(*api, *method, path));
        });
    });
    group.bench_function("matchit", |bencher| {
        each(bencher, &requests, |(api, method, path)| {
            black_box(router.find(*api, *method, path));
        });
    });
    group.finish();
}

/// What it takes to make principals ready.
fn preparations(criterion: &mut Criterion, load: &Load) {
    let mut group = criterion.benchmark_group("prepare");
    group.throughput(Throughput::Elements(load.principals.len() as u64));
    group.bench_function("new", |bencher| {
        each(bencher, &load.principals, |principal| {
            black_box(&Prepared::new(principal));
        });
    });
    group.bench_function("tabulated", |bencher| {
        each(bencher, &load.principals, |principal| {
            black_box(&Prepared::new(principal).tabulated(&Profile::seeds()));
        });
    });
    group.finish();
}
