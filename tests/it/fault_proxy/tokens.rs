//! Tokens over broken connections: after each fault the service holds what the client says, and not one token more.

use std::time::Duration;

use cs_model::{Access, DeliveryTokenDraft, Expiry, Grant, ManagementTokenDraft, ModuleId, Secret};
use cs_tests::Fault;
use cs_tokens::{Client, Credential, Error};
use cs_transport::{Ready, ReqwestTransport, Transport, UreqTransport, ready};

use super::service::{World, block_on};

/// One fault of each sort that leaves a request without its answer, and one that only takes time.
const FAULTS: [Fault; 7] = [
    Fault::ResetRequest,
    Fault::HalfOpen,
    Fault::ResetAnswer(0),
    Fault::ResetAnswer(60),
    Fault::Truncate(30),
    Fault::Stall(10),
    Fault::Slow(200, Duration::from_millis(20)),
];

fn client<T: Transport>(transport: T, url: &str, credential: Credential) -> Client<T> {
    Client::builder(transport).base_url(url).credential(credential).build().unwrap()
}

/// What a client says of a write, in one word.
fn claim<T>(outcome: &Result<T, Error>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(error) if error.may_have_changed() => "unknown",
        Err(_) => "not done",
    }
}

/// Every claim but `unknown` is true.
fn same(fault: Fault, what: &str, claim: &str, count: usize) {
    let truth = match count {
        0 => "not done",
        1 => "done",
        _ => "done twice",
    };
    println!("{what:<30} {fault:?}: {claim}");
    assert!(
        claim == truth || claim == "unknown" && count <= 1,
        "{what} with {fault:?}: {claim}, but {truth}"
    );
    // One fault alone never leaves a client in the dark: what became of it can be looked up.
    assert_eq!(claim, "done", "{what} with {fault:?}");
}

async fn what_is_said_is_true<T: Transport>(transport: impl Fn(&World) -> T, is_secure: bool) {
    let world = World::new(is_secure);
    let anonymous = client(transport(&world), &world.direct, Credential::None);
    let user = anonymous.log_in(&world.demo.email, Secret::new(&*world.demo.password), None).await.unwrap();
    let session = || Credential::Authtoken(user.session().unwrap().value);
    let judge = client(transport(&world), &world.direct, session());
    let judge = judge.stack(world.demo.api_key.clone());
    for (index, fault) in FAULTS.into_iter().enumerate() {
        let broken = client(transport(&world), &world.through, session());
        let stack = broken.stack(world.demo.api_key.clone());
        let (delivery, management) = (stack.delivery_tokens(), stack.management_tokens());
        let name = format!("fault {index}");

        let draft = DeliveryTokenDraft::new(&name).environment("production").branches(Grant::only(["main"]));
        let draft = delivery.check(draft).await.unwrap();
        world.proxy.arm(fault);
        let made = delivery.create(&draft).await;
        let held = judge.delivery_tokens().list().await.unwrap();
        let held: Vec<_> = held.iter().filter(|token| token.name == name).collect();
        same(fault, "create delivery token", claim(&made), held.len());
        let made = made.unwrap();
        assert!(held[0].token.as_ref().unwrap().same_as(made.token.as_ref().unwrap()));

        world.proxy.arm(fault);
        let deleted = delivery.delete(&made.uid).await;
        let held = judge.delivery_tokens().list().await.unwrap();
        let left = held.iter().filter(|token| token.uid == made.uid).count();
        same(fault, "delete delivery token", claim(&deleted), 1 - left);

        let draft = ManagementTokenDraft::new(&name)
            .module(ModuleId::ContentType, Access::Read)
            .branches(Grant::only(["main"]))
            .expiry("2099-12-10".parse::<Expiry>().unwrap());
        let draft = management.check(draft).await.unwrap();
        world.proxy.arm(fault);
        let made = management.create(&draft).await;
        let held = judge.management_tokens().list().await.unwrap();
        same(fault, "create management token", claim(&made), held.len());
        let made = made.unwrap();
        assert_eq!(held[0].uid, made.uid);
        assert!(made.token.is_some(), "a management token without its value is of no use");

        world.proxy.arm(fault);
        let deleted = management.delete(&made.uid).await;
        let left = judge.management_tokens().list().await.unwrap().len();
        same(fault, "delete management token", claim(&deleted), 1 - left);
    }
    assert_eq!(world.proxy.happened(), FAULTS.len() * 4);
}

#[test]
fn over_ureq() {
    ready(what_is_said_is_true(|world| Ready(UreqTransport::new(&world.settings).unwrap()), false)).unwrap();
}

#[test]
fn over_ureq_with_tls() {
    ready(what_is_said_is_true(|world| Ready(UreqTransport::new(&world.settings).unwrap()), true)).unwrap();
}

#[test]
fn over_reqwest() {
    block_on(what_is_said_is_true(|world| ReqwestTransport::new(&world.settings).unwrap(), false));
}

#[test]
fn over_reqwest_with_tls() {
    block_on(what_is_said_is_true(|world| ReqwestTransport::new(&world.settings).unwrap(), true));
}
