//! Work on many stacks.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use cs_model::ApiKey;
use cs_transport::{Ready, ready};

use crate::world::World;

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
    let client = cs_tokens::Client::builder(Ready(std::sync::Arc::clone(&world.transport)))
        .base_url(cs_server::in_process::URL)
        .credential(cs_tokens::Credential::Authtoken(world.authtoken.clone()))
        .build()
        .unwrap();
    let work =
        client.for_each_stack(stacks(&world), NonZeroUsize::MIN, async |stack| stack.names().await.is_ok());
    let outcome: Vec<bool> = ready(work).unwrap().into_iter().map(|(_, is_ok)| is_ok).collect();
    assert_eq!(outcome, [false, true, false, true]);
    let none =
        client.for_each_stack(Vec::new(), NonZeroUsize::MIN, async |stack| stack.names().await.is_ok());
    assert!(ready(none).unwrap().is_empty());
}
