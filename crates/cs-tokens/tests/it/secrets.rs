//! No secret in anything that is printed: plans, reports, errors, by `Debug`, `Display` and JSON.

use cs_model::generated::route;
use cs_server::in_process::Fault;
use cs_tokens::{Declaration, PlanOptions, Sinks, export};

use crate::world::World;

const SHOP: &str = include_str!("../shop.toml");

/// The values of all env files of a folder.
fn secrets(world: &World) -> Vec<String> {
    let mut values = vec![world.authtoken.reveal().to_owned(), cs_server::demo::PASSWORD.to_owned()];
    for entry in std::fs::read_dir(world.path()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let assignments =
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        values.extend(assignments.map(|(_, value)| value.to_owned()));
    }
    assert!(values.len() > 2);
    values
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let world = World::new();
    let mut printed = Vec::new();
    let mut print = |text: String| printed.push(text);

    let (plan, sinks) = world.try_plan(SHOP, PlanOptions::default()).unwrap();
    print(format!("{plan:?} {}", serde_json::to_string(&plan).unwrap()));
    let applied = world.stack().apply(&plan, &sinks, &mut |event| print(format!("{event:?}"))).unwrap();
    print(format!("{applied:?} {}", serde_json::to_string(&applied).unwrap()));

    let declaration = Declaration::read("shop.toml", SHOP);
    let sinks = Sinks::read(world.path(), &declaration);
    let inventory = world.stack().inventory().unwrap();
    print(format!("{sinks:?} {declaration:?} {inventory:?} {}", export(&inventory)));
    print(format!("{:?} {:?}", world.client, world.stack()));
    print(format!("{:?}", world.plan(SHOP)));

    for fault in [Fault::LoseAnswer, Fault::Truncate, Fault::Status(500), Fault::Status(302)] {
        for id in [route::GET_STACKS_DELIVERY_TOKENS, route::POST_STACKS_MANAGEMENT_TOKENS] {
            world.transport.fail_next_on(id, fault);
            if id == route::GET_STACKS_DELIVERY_TOKENS {
                if let Err(error) = world.stack().inventory() {
                    print(format!("{error:?} {error} {:?}", error.fix()));
                }
            } else {
                std::fs::remove_file(world.path().join(".env.shop.staging")).unwrap();
                let applied = world.apply(SHOP);
                print(format!("{applied:?} {}", serde_json::to_string(&applied).unwrap()));
                world.apply(SHOP);
            }
        }
    }

    for secret in secrets(&world) {
        for text in &printed {
            assert!(!text.contains(&secret), "a secret is in {text}");
        }
    }
}
