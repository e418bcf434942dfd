//! How many instructions the main ways take, by callgrind: the same from run to run, whatever else the machine does.
//!
//! `cargo xtask bench --counts` runs this and compares with `counts.toml` beside it; `--save` writes that anew. Where times
//! are wanted, and peers beside them, it is `cargo xtask bench`.
#![forbid(unsafe_code)]
#![expect(missing_docs, unused_qualifications, reason = "the macros of the counter write such code")]

use std::fmt::Debug;
use std::hint::black_box;
use std::process;

use bytes::Bytes;
use cs_bench_load::answers;
use cs_bench_load::load::{Load, Question};
use cs_model::endpoint::{CreateDeliveryToken, Endpoint};
use cs_model::{
    Against, ApiKey, Checked, DeliveryToken, DeliveryTokenDraft, Draft, Grant, Many, One, Profile, Secret,
    StackNames, TokenUid, answer,
};
use cs_policy::{Decision, Prepared, classify, decide, decide_prepared, why};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;
use cs_transport::{BlockingTransport, TransportError};
use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{Request, Response};
use jiff::Timestamp;

/// Noon of 2026-11-21: nothing here depends on when it runs.
const NOW: Timestamp = Timestamp::constant(1_795_262_400, 0);

/// What cannot be set up, or does not succeed, cannot be counted: it says why and ends the program, which the counter reports.
fn done<T, E: Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:?}");
        process::exit(1)
    })
}

// The policy: every question of the load, once.

struct Policy {
    profile: Profile,
    load: Load,
    plain: Vec<Prepared>,
    decisions: Vec<Decision>,
}

fn policy() -> Policy {
    let (profile, load) = (Profile::seeds(), Load::new());
    let plain = load.principals.iter().map(Prepared::new).collect();
    let decide = |question: &Question| {
        let prepared = &load.prepared[usize::from(question.principal)];
        decide(&profile, prepared, question.route, &question.context, load.now)
    };
    let decisions = load.questions.iter().map(decide).collect();
    Policy { profile, load, plain, decisions }
}

fn decide_each(policy: &Policy, principals: &[Prepared]) {
    for question in &policy.load.questions {
        let prepared = &principals[usize::from(question.principal)];
        black_box(&decide(&policy.profile, prepared, question.route, &question.context, policy.load.now));
    }
}

#[library_benchmark]
#[bench::tabulated(policy())]
fn decide_on_a_table(policy: Policy) -> Policy {
    decide_each(&policy, &policy.load.prepared);
    policy
}

#[library_benchmark]
#[bench::plain(policy())]
fn decide_by_rules(policy: Policy) -> Policy {
    decide_each(&policy, &policy.plain);
    policy
}

#[library_benchmark]
#[bench::tabulated(policy())]
fn decide_from_strings(policy: Policy) -> Policy {
    let load = &policy.load;
    for question in &load.questions {
        let prepared = &load.prepared[usize::from(question.principal)];
        black_box(&decide_prepared(&policy.profile, prepared, &load.request(question), load.now));
    }
    policy
}

#[library_benchmark]
#[bench::log(policy())]
fn classify_paths(policy: Policy) -> Policy {
    for question in &policy.load.questions {
        let route = question.route.row();
        black_box(classify(route.api, route.method, policy.load.path(question)));
    }
    policy
}

#[library_benchmark]
#[bench::all(policy())]
fn why_of_decisions(policy: Policy) -> Policy {
    for decision in &policy.decisions {
        for rule in why(decision) {
            black_box(rule);
        }
    }
    policy
}

#[library_benchmark]
#[bench::tabulated(policy())]
fn prepare(policy: Policy) -> Policy {
    for principal in &policy.load.principals {
        black_box(&Prepared::new(principal).tabulated(&policy.profile));
    }
    policy
}

library_benchmark_group!(
    name = of_policy,
    benchmarks =
        [decide_on_a_table, decide_by_rules, decide_from_strings, classify_paths, why_of_decisions, prepare]
);

// The model: answers read, drafts checked and written.

fn draft() -> DeliveryTokenDraft {
    DeliveryTokenDraft::new("website 0").environment("production").branches(Grant::only(["main"]))
}

fn checked() -> Checked<DeliveryTokenDraft> {
    done(draft().check(&Against::new(&Profile::seeds(), NOW)))
}

#[library_benchmark]
#[bench::one(done(answers::one()))]
fn read_token(bytes: Vec<u8>) -> One<DeliveryToken> {
    done(answer::read(black_box(&bytes)))
}

#[library_benchmark]
#[bench::of_20(done(answers::list(20)))]
#[bench::of_200(done(answers::list(200)))]
fn read_list(bytes: Vec<u8>) -> Many<DeliveryToken> {
    done(answer::read(black_box(&bytes)))
}

#[library_benchmark]
#[bench::one((draft(), Profile::seeds()))]
fn check_draft((draft, profile): (DeliveryTokenDraft, Profile)) -> Checked<DeliveryTokenDraft> {
    done(draft.check(&Against::new(black_box(&profile), NOW)))
}

#[library_benchmark]
#[bench::one(checked())]
fn write_body(draft: Checked<DeliveryTokenDraft>) -> Option<Bytes> {
    CreateDeliveryToken::new(black_box(&draft), &StackNames::default())
        .body()
        .map(|body| body.to_vec().into())
}

library_benchmark_group!(name = of_model, benchmarks = [read_token, read_list, check_draft, write_body]);

// The client: whole calls over a transport within this process, the second of their kind.

/// Answers the same to all, at one time.
struct Fixed(Bytes);

impl BlockingTransport for Fixed {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        black_box(request);
        Ok(Response::new(self.0.clone()))
    }

    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Calls {
    client: Client<Fixed>,
    api_key: ApiKey,
    uid: TokenUid,
    draft: Checked<DeliveryTokenDraft>,
}

fn calls(body: Vec<u8>) -> Calls {
    let transport = Fixed(body.into());
    let credential = Credential::Authtoken(Secret::new("not-a-session"));
    // Without the marks by which a lost creation is found: they take a request more.
    let client =
        Client::builder(transport).base_url("http://localhost").credential(credential).without_marks();
    Calls {
        client: done(client.build()),
        api_key: done("blt0000000000000001".parse()),
        uid: done("blt0000000000000000".parse()),
        draft: checked(),
    }
}

fn after_get() -> Calls {
    let calls = calls(done(answers::one()));
    done(calls.client.stack(calls.api_key.clone()).delivery_tokens().get(&calls.uid));
    calls
}

fn after_create() -> Calls {
    let calls = calls(done(answers::one()));
    done(calls.client.stack(calls.api_key.clone()).delivery_tokens().create(&calls.draft));
    calls
}

fn after_list() -> Calls {
    let calls = calls(done(answers::list(20)));
    done(calls.client.stack(calls.api_key.clone()).delivery_tokens().list());
    calls
}

#[library_benchmark]
#[bench::second(after_get())]
fn client_get(calls: Calls) -> Calls {
    black_box(done(calls.client.stack(calls.api_key.clone()).delivery_tokens().get(&calls.uid)));
    calls
}

#[library_benchmark]
#[bench::second(after_create())]
fn client_create(calls: Calls) -> Calls {
    black_box(done(calls.client.stack(calls.api_key.clone()).delivery_tokens().create(&calls.draft)));
    calls
}

#[library_benchmark]
#[bench::of_20(after_list())]
fn client_list(calls: Calls) -> Calls {
    black_box(done(calls.client.stack(calls.api_key.clone()).delivery_tokens().list()));
    calls
}

library_benchmark_group!(name = of_client, benchmarks = [client_get, client_create, client_list]);

// The service: whole requests without a socket, the second of their kind.

struct Served {
    service: Service,
    request: Request<Bytes>,
}

const TOKENS: &str = "/v3/stacks/delivery_tokens";

fn served(
    build: impl Fn(&dyn Fn(&str, &str, String) -> Request<Bytes>, &Service) -> Request<Bytes>,
) -> Served {
    let service = Service::new(MemoryStore::new(), Options::default().no_rate_limit());
    let demo = done(demo::ensure(&service, NOW));
    let authtoken = done(demo::session(&service, NOW, &demo));
    let request = |method: &str, path: &str, body: String| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("api_key", demo.api_key.as_str())
            .header("authtoken", authtoken.reveal())
            .header("content-type", "application/json");
        done(request.body(Bytes::from(body)))
    };
    let request = build(&request, &service);
    Served { service, request }
}

fn token(name: &str) -> String {
    format!(
        r#"{{"token":{{"name":"{name}","scope":[{{"module":"environment","environments":["production"],"acl":{{"read":true}}}},{{"module":"branch","branches":["main"],"acl":{{"read":true}}}}]}}}}"#
    )
}

fn reading() -> Served {
    served(|request, service| {
        let made = service.handle(NOW, &request("POST", TOKENS, token("first")));
        assert!(made.status().is_success());
        let made: serde_json::Value = done(serde_json::from_slice(made.body()));
        let path = format!("{TOKENS}/{}", done(made["token"]["uid"].as_str().ok_or("no uid")));
        let get = request("GET", &path, String::new());
        assert!(service.handle(NOW, &get).status().is_success());
        get
    })
}

fn creating() -> Served {
    served(|request, service| {
        assert!(service.handle(NOW, &request("POST", TOKENS, token("first"))).status().is_success());
        request("POST", TOKENS, token("second"))
    })
}

#[library_benchmark]
#[bench::get(reading())]
#[bench::create(creating())]
fn service_handle(served: Served) -> Served {
    assert!(black_box(served.service.handle(NOW, &served.request)).status().is_success());
    served
}

library_benchmark_group!(name = of_service, benchmarks = [service_handle]);

main!(library_benchmark_groups = of_policy, of_model, of_client, of_service);
