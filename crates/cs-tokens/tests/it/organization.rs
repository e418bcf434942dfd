//! The organization of a client, and what is known of whose stacks are whose.

use std::sync::Arc;

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use cs_model::{ApiKey, Method, Profile, Secret};
use cs_server::in_process::{InProcess, URL};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::blocking::{Client, ClientBuilder};
use cs_tokens::{Credential, CredentialKind, CredentialSource, RawRequest, Setting, SourceError};
use cs_transport::{BlockingTransport, RateLimit, RateLimiters, TransportError};
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};

use crate::world::START;

#[test]
fn under_single_sign_on_the_organization_opens_its_stacks() {
    let start: Timestamp = START.parse().unwrap();
    let profile = Profile::find("documented-2026").unwrap();
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default().profile(profile.clone())));
    let demo = demo::ensure(&service, start).unwrap();
    let authtoken = demo::session(&service, start, &demo).unwrap();
    service.admin(start).set_single_sign_on(&demo.organization_uid, true, false).unwrap();
    let transport = Arc::new(InProcess::at(service, start));
    let client = |organization: Option<&str>| {
        let builder = Client::builder(Arc::clone(&transport)).base_url(URL).profile(profile.clone());
        let builder = builder.credential(Credential::Authtoken(authtoken.clone()));
        let builder = match organization {
            Some(uid) => builder.organization(uid.parse().unwrap()),
            None => builder,
        };
        builder.build().unwrap()
    };

    let without = client(None);
    assert!(without.stacks(None).unwrap().is_empty(), "no error is made of it");
    assert_eq!(without.stack(demo.api_key.clone()).names().unwrap_err().code(), "refused");

    let elsewhere = client(Some("blt0000000000000000"));
    assert!(elsewhere.stacks(None).unwrap().is_empty());

    let with = client(Some(&demo.organization_uid));
    assert_eq!(with.stacks(None).unwrap()[0].api_key, demo.api_key);
    with.stack(demo.api_key.clone()).names().unwrap();
    let owner = with.examine(Some(&demo.api_key), None).unwrap();
    assert!(owner.iter().any(|finding| finding.says.contains("owns the stack")), "{owner:?}");
}

/// An API that counts ten reads a second for the organization of all its stacks, in time of its own.
#[derive(Default)]
struct Counting {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: SignedDuration,
    window: i64,
    used: u32,
    refused: u32,
}

impl BlockingTransport for Counting {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.state.lock().unwrap();
        state.now += SignedDuration::from_millis(3);
        if state.window != state.now.as_secs() {
            (state.window, state.used) = (state.now.as_secs(), 0);
        }
        state.used += 1;
        if state.used > 10 {
            state.refused += 1;
            return Ok(Response::builder().status(429).body(Bytes::new()).unwrap());
        }
        let row = |key: &str| format!(r#"{{"api_key":"{key}","name":"x","org_uid":"blt7"}}"#);
        let host = request.uri().host().unwrap();
        let (one, two) = (row(&format!("{host}.one")), row(&format!("{host}.two")));
        Ok(Response::new(
            match (request.uri().path(), request.headers().get("api_key")) {
                ("/v3/stacks", None) => format!(r#"{{"stacks":[{one},{two}]}}"#),
                ("/v3/stacks", Some(key)) => format!(r#"{{"stack":{}}}"#, row(key.to_str().unwrap())),
                ("/v3/user", _) => r#"{"user":{"uid":"blt1"}}"#.to_owned(),
                _ => r#"{"tokens":[]}"#.to_owned(),
            }
            .into(),
        ))
    }

    fn sleep(&self, duration: Duration) {
        self.state.lock().unwrap().now += SignedDuration::try_from(duration).unwrap();
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + self.state.lock().unwrap().now
    }
}

/// How many of 60 requests are refused, half of them of each of two sessions on a stack each. What the process learns stays, so each
/// story has a host of its own.
fn refused(
    host: &str,
    make: impl Fn(ClientBuilder<Arc<Counting>>) -> ClientBuilder<Arc<Counting>>,
    first: impl FnOnce(&Client<Arc<Counting>>, &Client<Arc<Counting>>, &[ApiKey; 2]),
) -> u32 {
    let api = Arc::new(Counting::default());
    let pace = RateLimit::new(RateLimiters::new());
    let pace = pace.assume(cs_transport::Lane::Read, std::num::NonZeroU32::new(10).unwrap());
    let client = |secret: &str| {
        let builder = Client::builder(Arc::clone(&api)).base_url(&format!("https://{host}"));
        let builder = builder.credential(Credential::Authtoken(Secret::new(secret))).pace(pace.clone());
        make(builder).build().unwrap()
    };
    let (one, two) = (client("one"), client("two"));
    let keys = ["one", "two"].map(|name| format!("{host}.{name}").parse::<ApiKey>().unwrap());
    first(&one, &two, &keys);
    for turn in 0..30 {
        one.stack(keys[0].clone()).delivery_tokens().list().unwrap();
        match turn % 3 {
            0 => drop(one.user().unwrap()),
            _ => drop(two.stack(keys[1].clone()).management_tokens().list().unwrap()),
        }
    }
    api.state.lock().unwrap().refused
}

#[test]
fn credentials_of_one_organization_keep_one_pace_once_an_answer_tells_it() {
    let nothing = |_: &_, _: &_, _: &_| ();
    assert!(refused("unknown.example", |it| it, nothing) > 0, "nobody can know");
    assert_eq!(refused("named.example", |it| it.organization("blt7".parse().unwrap()), nothing), 0);
    assert_eq!(refused("together.example", |it| it.one_pace("shop"), nothing), 0);
    let listed = refused("listed.example", |it| it, |one, _, _| drop(one.stacks(None).unwrap()));
    assert_eq!(listed, 0, "one has listed the stacks, and both know");
    // What one has sent before it knew counts, too.
    let late = refused(
        "late.example",
        |it| it,
        |one, _, _| {
            (0..7).for_each(|_| drop(one.user().unwrap()));
            one.stacks(None).unwrap();
        },
    );
    assert_eq!(late, 0);
}

#[test]
fn a_stacks_own_answer_tells_whose_it_is() {
    let seen = Mutex::new(Vec::new());
    let transport = cs_transport::from_fn(|request: Request<Bytes>| {
        let info = request.extensions().get::<cs_transport::CallInfo>().unwrap();
        seen.lock().unwrap().push(info.limiter_key.clone().unwrap());
        let key = request.headers()["api_key"].to_str().unwrap();
        Ok(Response::new(format!(r#"{{"tokens":[],"stack":{{"api_key":"{key}","org_uid":"blt7"}}}}"#).into()))
    });
    let client = |secret: &str| {
        let builder = Client::builder(&transport).base_url("https://told.example").unpaced();
        builder.credential(Credential::Authtoken(Secret::new(secret))).build().unwrap()
    };
    for name in ["one", "two"] {
        let (client, key) = (client(name), name.parse::<ApiKey>().unwrap());
        client.stack(key.clone()).delivery_tokens().list().unwrap();
        client.send_raw(Some(&key), &RawRequest::new(Method::Get, "/v3/stacks")).unwrap();
        client.stack(key).delivery_tokens().list().unwrap();
    }
    let seen = seen.into_inner().unwrap();
    assert_ne!(seen[0], seen[3], "nothing was known yet");
    assert_ne!(seen[0], seen[2]);
    assert!(Arc::ptr_eq(&seen[2], &seen[5]), "limiters know the last key by its place");
}

/// A source of one's own.
#[derive(Debug)]
struct Agent(&'static str);

#[cs_tokens::async_trait]
impl CredentialSource for Agent {
    fn kind(&self) -> CredentialKind {
        CredentialKind::Authtoken
    }

    async fn credential(&self, _: &Setting<'_>) -> Result<Credential, SourceError> {
        Ok(Credential::Authtoken(Secret::new(self.0)))
    }
}

/// Sources come and go, and where one was in memory, the one of another tenant is later.
#[test]
fn what_one_source_told_says_nothing_of_the_next() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let transport = Arc::new(cs_transport::from_fn(move |request: Request<Bytes>| {
        let info = request.extensions().get::<cs_transport::CallInfo>().unwrap();
        noted.lock().unwrap().push(info.limiter_key.clone().unwrap());
        Ok(Response::new(match request.uri().path() {
            "/v3/stacks" => r#"{"stacks":[{"api_key":"blta","name":"x","org_uid":"bltA"}]}"#.into(),
            _ => r#"{"user":{"uid":"u"}}"#.into(),
        }))
    }));
    let client = |source: &Arc<Agent>| {
        let builder = Client::builder(Arc::clone(&transport)).base_url("https://tenants.example").unpaced();
        builder.credential_source(Arc::clone(source)).build().unwrap()
    };
    let key = |source: &Arc<Agent>| {
        client(source).user().unwrap();
        seen.lock().unwrap().pop().unwrap()
    };
    let first = Arc::new(Agent("first"));
    let (before, held) = (key(&first), client(&first));
    assert_eq!(before, key(&first), "clients of one source keep one pace");
    held.stacks(None).unwrap();
    assert!(key(&first).ends_with(" bltA"));
    drop((first, held));
    let mut known = vec![before];
    for _ in 0..20 {
        let next = key(&Arc::new(Agent("next")));
        assert!(!next.ends_with(" bltA") && !known.contains(&next), "{next}");
        known.push(next);
    }
}

#[test]
fn a_checkup_says_when_the_organization_is_the_reason() {
    let start: Timestamp = START.parse().unwrap();
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
    let demo = demo::ensure(&service, start).unwrap();
    let authtoken = demo::session(&service, start, &demo).unwrap();
    let transport = Arc::new(InProcess::at(Arc::clone(&service), start));
    let found = |organization: Option<&str>| {
        let builder = Client::builder(Arc::clone(&transport)).base_url(URL);
        let builder = builder.credential(Credential::Authtoken(authtoken.clone()));
        let builder = match organization {
            Some(uid) => builder.organization(uid.parse().unwrap()),
            None => builder,
        };
        let findings = builder.build().unwrap().examine(Some(&demo.api_key), None).unwrap();
        findings.into_iter().find(|finding| finding.check == "organization").map(|finding| finding.says)
    };
    assert_eq!(found(None), None);
    assert_eq!(found(Some(&demo.organization_uid)), None);
    assert!(found(Some("blt0")).unwrap().contains("blt0"));
    service.admin(start).set_single_sign_on(&demo.organization_uid, true, false).unwrap();
    assert_eq!(found(Some(&demo.organization_uid)), None);
    assert!(found(None).unwrap().contains("no stack is listed"));
}
