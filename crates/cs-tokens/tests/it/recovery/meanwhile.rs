//! Changes that somebody else makes while an update is in doubt: they are never undone.

use super::branches::{UNKNOWN, ended};
use super::*;

/// The token as somebody else left it, then.
fn theirs(updated_at: &str) -> Value {
    let mut token = token("blt1");
    (token["name"], token["updated_at"]) = (json!("theirs"), json!(updated_at));
    token
}

/// Right after the first request left.
const AFTER: &str = "1970-01-01T00:00:00.001Z";

fn update(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
    ended(steps, |client| stack(client).delivery_tokens().update(&uid(), &web()))
}

#[test]
fn a_change_that_came_after_ours_is_left_alone() {
    let old = || (GET, one(token("blt1")));
    assert_eq!(update(vec![(PUT, LOST), (GET, one(theirs(AFTER)))]), (UNKNOWN, vec![]));
    let steps = vec![(PUT, LOST), old(), (PUT, LOST), (GET, one(theirs(AFTER)))];
    assert_eq!(update(steps), (UNKNOWN, vec![Recovered::Repeated]));
    // The first may have been done before theirs, so that the refusal is not all there is to know.
    let steps = vec![(PUT, LOST), old(), (PUT, refused()), (GET, one(theirs(AFTER)))];
    assert_eq!(update(steps), (UNKNOWN, vec![Recovered::Repeated]));
    let (client, _) = script(vec![(PUT, LOST), (GET, one(theirs(AFTER)))]);
    let error = stack(&client).delivery_tokens().update(&uid(), &web()).unwrap_err();
    assert!(error.fix().unwrap().contains("which somebody may have changed since"), "{error:?}");
}

#[test]
fn only_what_is_certainly_older_is_written_over() {
    let again = |found: Back| vec![(PUT, LOST), (GET, found), (PUT, one(as_sent()))];
    assert_eq!(update(again(one(theirs(BEFORE)))), ("done", vec![Recovered::Repeated]));
    // The clocks behind one API may be apart by as much.
    assert_eq!(update(vec![(PUT, LOST), (GET, one(theirs("1969-12-31T23:59:58Z")))]), (UNKNOWN, vec![]));
    let undated = [("token", theirs(BEFORE))].into_iter().collect();
    assert_eq!(update(vec![(PUT, LOST), (GET, Undated(200, undated))]), (UNKNOWN, vec![]));
    let mut ageless = theirs(BEFORE);
    ageless.as_object_mut().unwrap().remove("updated_at");
    assert_eq!(update(vec![(PUT, LOST), (GET, one(ageless))]), (UNKNOWN, vec![]));
}

#[test]
fn the_token_that_was_just_made_is_known_as_it_was() {
    let made = || {
        let mut made = token("blt1");
        made["updated_at"] = json!(AFTER);
        one(made)
    };
    let create = |client: &Client<_>| stack(client).delivery_tokens().create(&web());
    let steps = vec![(POST, made()), (PUT, LOST), (GET, made()), (PUT, one(as_sent()))];
    assert_eq!(ended(steps, create), ("done", vec![Recovered::Repeated]));
    let steps = vec![(POST, made()), (PUT, LOST), (GET, one(theirs(AFTER)))];
    assert_eq!(ended(steps, create), ("done", vec![Recovered::MarkLeft]));
    // Ours came through, and somebody set it back.
    let mut set_back = token("blt1");
    set_back["updated_at"] = json!("1970-01-01T00:00:00.002Z");
    let steps = vec![(POST, made()), (PUT, LOST), (GET, one(set_back))];
    assert_eq!(ended(steps, create), ("done", vec![Recovered::MarkLeft]));
}

/// The service; when the answer to the first update is lost, somebody else changes the token.
struct Meddling<'a> {
    world: &'a crate::world::World,
    theirs: Mutex<Option<(TokenUid, Checked<DeliveryTokenDraft>)>>,
}

impl cs_transport::BlockingTransport for Meddling<'_> {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let is_update = request.method() == "PUT";
        let answer = self.world.transport.send(request);
        let theirs = self.theirs.lock().unwrap().take_if(|_| is_update);
        if let Some((uid, draft)) = theirs {
            self.world.stack().delivery_tokens().update(&uid, &draft).unwrap();
        }
        answer
    }

    fn sleep(&self, duration: std::time::Duration) {
        self.world.transport.sleep(duration);
    }

    fn now(&self) -> Timestamp {
        self.world.transport.now()
    }
}

#[test]
fn what_apply_changed_and_somebody_set_back_stays_as_they_want_it() {
    use cs_model::generated::route::PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID;
    use cs_server::in_process::{Fault, URL};

    const SHOP: &str = include_str!("../../shop.toml");
    let world = crate::world::World::new();
    world.settle(SHOP);
    let is_ours = |token: &cs_model::DeliveryToken| token.name == "shop-production";
    let of_shop = || world.stack().delivery_tokens().list().unwrap().into_iter().find(is_ours).unwrap();
    let before = of_shop();
    world.transport.advance(std::time::Duration::from_secs(60));
    let edited = SHOP.replace("as customers see it", "as you see it");
    let (plan, sinks) = world.try_plan(&edited, cs_tokens::PlanOptions::default()).unwrap();
    world.transport.fail_next_on(PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID, Fault::LoseAnswer);
    let theirs = Mutex::new(Some((before.uid.clone(), checked(before.to_draft()))));
    let client = Client::builder(Meddling { world: &world, theirs })
        .base_url(URL)
        .credential(Credential::Authtoken(world.authtoken.clone()))
        .build()
        .unwrap();
    let applied = client.stack(world.api_key.clone()).apply(&plan, &sinks, &mut |_| {}).unwrap();
    assert_eq!(applied.failed.unwrap().error.code(), UNKNOWN);
    assert_eq!(of_shop().description, before.description);
}

#[test]
fn what_somebody_else_wrote_outlives_a_lost_answer() {
    use cs_model::generated::route::PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID;
    use cs_server::in_process::{Fault, URL};

    let named = |name: &str| {
        checked(DeliveryTokenDraft::new(name).environment("production").branches(Grant::only(["main"])))
    };
    for (theirs, ended) in [(true, UNKNOWN), (false, "done")] {
        for fault in [Fault::LoseAnswer, Fault::LoseRequest] {
            let world = crate::world::World::new();
            let uid = world.stack().delivery_tokens().create(&named("first")).unwrap().uid;
            world.transport.advance(std::time::Duration::from_secs(60));
            world.transport.fail_next_on(PUT_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID, fault);
            let theirs = Mutex::new(theirs.then(|| (uid.clone(), named("theirs"))));
            let left = if theirs.lock().unwrap().is_some() { "theirs" } else { "ours" };
            let client = Client::builder(Meddling { world: &world, theirs })
                .base_url(URL)
                .credential(Credential::Authtoken(world.authtoken.clone()))
                .build()
                .unwrap();
            let outcome = client.stack(world.api_key.clone()).delivery_tokens().update(&uid, &named("ours"));
            assert_eq!(outcome.map_or_else(|error| error.code(), |_| "done"), ended, "{fault:?}");
            assert_eq!(world.stack().delivery_tokens().get(&uid).unwrap().name, left, "{fault:?}");
        }
    }
}
