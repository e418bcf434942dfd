//! Work on many stacks.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cs_model::ApiKey;
use cs_server::in_process::InProcess;
use cs_transport::{Ready, from_fn, ready};
use futures_util::StreamExt as _;

use crate::world::World;

fn asynchronous(world: &World) -> cs_tokens::Client<Ready<Arc<InProcess>>> {
    cs_tokens::Client::builder(Ready(Arc::clone(&world.transport)))
        .base_url(cs_server::in_process::URL)
        .credential(cs_tokens::Credential::Authtoken(world.authtoken.clone()))
        .build()
        .unwrap()
}

fn stacks(world: &World) -> Vec<ApiKey> {
    let unknown = |name: &str| ApiKey::new(name).unwrap();
    vec![unknown("blt1"), world.api_key.clone(), unknown("blt2"), world.api_key.clone()]
}

#[test]
fn one_failing_stack_hides_nothing_of_the_others() {
    let world = World::new();
    let bound = NonZeroUsize::new(2).unwrap();
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = world.client.for_each_stack(stacks(&world), bound, |stack| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let names = stack.names();
        running.fetch_sub(1, Ordering::SeqCst);
        names
    });
    let outcome: Vec<_> = results.iter().map(|(api_key, result)| (api_key.clone(), result.is_ok())).collect();
    let expected: Vec<_> = stacks(&world).into_iter().zip([false, true, false, true]).collect();
    assert_eq!(outcome, expected);
    assert!(most.load(Ordering::SeqCst) <= 2);
}

#[test]
fn the_async_face_does_the_same() {
    let world = World::new();
    let client = asynchronous(&world);
    let work =
        client.for_each_stack(stacks(&world), NonZeroUsize::MIN, async |stack| stack.names().await.is_ok());
    let outcome: Vec<bool> = ready(work).unwrap().into_iter().map(|(_, is_ok)| is_ok).collect();
    assert_eq!(outcome, [false, true, false, true]);
    let none =
        client.for_each_stack(Vec::new(), NonZeroUsize::MIN, async |stack| stack.names().await.is_ok());
    assert!(ready(none).unwrap().is_empty());
}

#[test]
fn results_come_as_soon_as_they_are_there() {
    let world = World::new();
    let bound = NonZeroUsize::new(2).unwrap();
    let list = |stack: cs_tokens::blocking::StackClient<'_, _>| stack.delivery_tokens().list().is_ok();
    let (seen, ok) = world.client.each_stack(stacks(&world), bound, list, |results| {
        results.fold((0, 0), |(seen, ok), (_, is_ok)| (seen + 1, ok + usize::from(is_ok)))
    });
    assert_eq!((seen, ok), (4, 2));
    // Whoever has seen enough stops the work that has not begun.
    let begun = AtomicUsize::new(0);
    let first = world.client.each_stack(
        stacks(&world),
        NonZeroUsize::MIN,
        |_| begun.fetch_add(1, Ordering::SeqCst),
        |results| results.next(),
    );
    assert_eq!(first.unwrap().1, 0);
    assert!(begun.load(Ordering::SeqCst) <= 4);

    let client = asynchronous(&world);
    let streamed = client.each_stack(stacks(&world), bound, async |stack| stack.names().await.is_ok());
    let streamed: Vec<(ApiKey, bool)> = ready(streamed.collect()).unwrap();
    assert_eq!(streamed.iter().filter(|(_, is_ok)| *is_ok).count(), 2);
}

/// How many items a request leaves out.
fn skipped(request: &http::Request<bytes::Bytes>) -> usize {
    let mut parts = request.uri().query().unwrap_or_default().split('&');
    parts.find_map(|part| part.strip_prefix("skip=")).map_or(0, |skip| skip.parse().unwrap())
}

#[test]
fn more_stacks_than_a_page_holds_are_all_seen() {
    let of = |organization: Option<&cs_model::OrganizationUid>| {
        let asked = AtomicUsize::new(0);
        let pages = from_fn(|request: http::Request<bytes::Bytes>| {
            asked.fetch_add(1, Ordering::SeqCst);
            assert_eq!(request.headers().get("organization_uid").is_some(), organization.is_some());
            let all: Vec<_> = (0..230)
                .map(|n| serde_json::json!({ "api_key": format!("blt{n}"), "name": "x" }))
                .skip(skipped(&request))
                .take(100)
                .collect();
            Ok(http::Response::new(serde_json::json!({ "stacks": all }).to_string().into()))
        });
        let session = cs_tokens::Credential::Authtoken(cs_model::Secret::new("x"));
        let builder = cs_tokens::blocking::Client::builder(&pages).region("na").credential(session);
        let client = builder.unpaced().build().unwrap();
        (client.stacks(organization).unwrap().len(), asked.load(Ordering::SeqCst))
    };
    assert_eq!(of(None), (230, 3));
    assert_eq!(of(Some(&"blt0".parse().unwrap())), (230, 3), "each page is of the organization");
}

#[test]
fn tokens_come_page_by_page_on_both_faces() {
    let asked = AtomicUsize::new(0);
    let pages = from_fn(|request: http::Request<bytes::Bytes>| {
        let skip = skipped(&request);
        asked.fetch_add(1, Ordering::SeqCst);
        if skip >= 200 {
            return Ok(http::Response::builder().status(500).body(bytes::Bytes::new()).unwrap());
        }
        let tokens: Vec<_> = (skip..skip + 100)
            .map(|n| serde_json::json!({ "uid": format!("blt{n}"), "name": "x" }))
            .collect();
        Ok(http::Response::new(serde_json::json!({ "tokens": tokens }).to_string().into()))
    });
    let key: ApiKey = "blt1".parse().unwrap();
    let authtoken = || cs_tokens::Credential::Authtoken(cs_model::Secret::new("x"));
    let retry = || {
        let mut retry = cs_transport::RetryLimits::default();
        retry.attempts = 1;
        retry
    };
    let blocking = cs_tokens::blocking::Client::builder(&pages)
        .region("na")
        .credential(authtoken())
        .unpaced()
        .retry(retry())
        .build()
        .unwrap();
    let sizes: Vec<Option<usize>> = blocking
        .stack(key.clone())
        .delivery_tokens()
        .pages()
        .map(|page| page.ok().map(|page| page.len()))
        .collect();
    assert_eq!(sizes, [Some(100), Some(100), None], "two pages, and an error that ends it");
    let mut some = blocking.stack(key.clone()).management_tokens().pages();
    asked.store(0, Ordering::SeqCst);
    assert_eq!(some.next_page().unwrap().unwrap().len(), 100);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "no page is asked for before it is wanted");

    let client = cs_tokens::Client::builder(Ready(&pages))
        .region("na")
        .credential(authtoken())
        .unpaced()
        .retry(retry())
        .build()
        .unwrap();
    let stream = client.stack(key).delivery_tokens().pages().into_stream();
    let streamed: Vec<Option<usize>> =
        ready(stream.map(|page| page.ok().map(|page| page.len())).collect()).unwrap();
    assert_eq!(streamed, sizes);
}
