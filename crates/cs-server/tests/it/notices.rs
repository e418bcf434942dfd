//! The notice before a management token expires: "get notified (via email) seven days before" (seed 002).

use std::sync::Arc;
use std::sync::Barrier;

use cs_model::Profile;
use cs_model::generated::LimitId;
use cs_server::store::{Mode, RedbStore, Store, StoreError, Work};
use cs_server::{Event, EventKind, Service};
use serde_json::{Value, json};

use crate::stage::{MANAGEMENT, Stage, management, options, rw, with};

fn notified(stage: &Stage, name: &str, expires_on: &str) -> String {
    let body = with(management(name, &[("entry", rw())]), "expires_on", json!(expires_on));
    let body = with(body, "is_email_notification_enabled", json!(true));
    stage.ask("POST", MANAGEMENT, &body).ok()["token"]["uid"].as_str().unwrap().to_owned()
}

fn events(stage: &Stage) -> Vec<Event> {
    stage.service.admin(stage.now()).events(0).unwrap()
}

/// Name and expiry of each notice.
fn notices(stage: &Stage) -> Vec<(String, String)> {
    let notice = |event: Event| match event.kind {
        EventKind::ExpiryNotice { name, expires_on, .. } => Some((name, expires_on.to_string())),
        _ => None,
    };
    events(stage).into_iter().filter_map(notice).collect()
}

#[test]
fn given_seven_days_before_once_and_to_whoever_asked() {
    let stage = Stage::new();
    let uid = notified(&stage, "ci", "2027-01-10");
    notified(&stage, "later", "2027-06-01T10:00:00.000Z");
    let quiet = with(management("quiet", &[("entry", rw())]), "expires_on", json!("2027-01-10"));
    stage.ask("POST", MANAGEMENT, &quiet).ok();
    stage.set_now("2027-01-02T23:59:59Z");
    assert_eq!(notices(&stage), []);
    stage.set_now("2027-01-03T00:00:00Z");
    let given = events(&stage);
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].at.0, "2027-01-03T00:00:00.000Z");
    assert_eq!(
        serde_json::to_value(&given[0]).unwrap(),
        json!({
            "number": 1, "at": "2027-01-03T00:00:00.000Z", "kind": "expiry_notice", "api_key": stage.api_key(),
            "token_uid": uid, "name": "ci", "expires_on": "2027-01-10", "user_uid": stage.demo.owner_uid,
        })
    );
    for time in
        ["2027-01-03T00:00:01Z", "2027-01-09T00:00:00Z", "2027-01-03T00:00:00Z", "2027-01-11T00:00:00Z"]
    {
        stage.set_now(time);
        assert_eq!(notices(&stage).len(), 1, "{time}");
    }
    stage.set_now("2027-05-25T10:00:00Z");
    assert_eq!(notices(&stage).len(), 2);
    assert_eq!(stage.service.admin(stage.now()).events(1).unwrap().len(), 1, "those after the first");
    // Nothing of it shows on the token.
    let path = format!("{MANAGEMENT}/{uid}");
    let token = stage.get(&path).ok()["token"].clone();
    assert_eq!(token["created_at"], token["updated_at"]);
    assert!(token.get("noticed_for").is_none());
}

#[test]
fn requests_bring_the_time_along() {
    let stage = Stage::new();
    notified(&stage, "ci", "2027-01-10");
    stage.set_now("2027-01-04T12:00:00Z");
    // Any request, also one that is refused.
    stage.send("GET", MANAGEMENT, &[], &Value::Null).is(412, 109);
    let earlier = stage.service.admin("2026-11-21T12:00:00Z".parse().unwrap());
    let given = earlier.events(0).unwrap();
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].at.0, "2027-01-03T00:00:00.000Z", "when it fell due, not when somebody looked");
}

/// A clock that is moved over several notices, and over the expiry itself, brings each of them once, in their order.
#[test]
fn a_leap_of_the_clock_gives_each_at_its_time() {
    let stage = Stage::new();
    notified(&stage, "b", "2027-03-10");
    notified(&stage, "a", "2027-01-10");
    stage.set_now("2026-12-01T08:00:00Z");
    notified(&stage, "soon", "2026-12-05");
    stage.set_now("2028-01-01T00:00:00Z");
    let given: Vec<String> = events(&stage).into_iter().map(|event| event.at.0).collect();
    let expected = ["2026-12-01T08:00:00.000Z", "2027-01-03T00:00:00.000Z", "2027-03-03T00:00:00.000Z"];
    assert_eq!(given, expected);
    stage.set_now("2026-12-01T08:00:00Z");
    stage.set_now("2029-01-01T00:00:00Z");
    assert_eq!(events(&stage).len(), 3);
}

#[test]
fn a_new_expiry_has_a_notice_of_its_own() {
    let stage = Stage::new();
    let uid = notified(&stage, "ci", "2027-01-10");
    let path = format!("{MANAGEMENT}/{uid}");
    let update = |change: Value| stage.ask("PUT", &path, &json!({ "token": change })).ok();
    // Moved before its time, then the wish taken back, then made again.
    update(json!({ "expires_on": "2027-02-10" }));
    stage.set_now("2027-01-05T00:00:00Z");
    assert_eq!(notices(&stage), []);
    update(json!({ "is_email_notification_enabled": false }));
    stage.set_now("2027-02-05T00:00:00Z");
    assert_eq!(notices(&stage), []);
    // Within the seven days it is due at once.
    update(json!({ "is_email_notification_enabled": true }));
    assert_eq!(notices(&stage), [("ci".to_owned(), "2027-02-10".to_owned())]);
    update(json!({ "name": "ci 2" }));
    update(json!({ "expires_on": "2027-02-10" }));
    assert_eq!(notices(&stage).len(), 1, "the same expiry");
    update(json!({ "expires_on": "2027-03-10" }));
    assert_eq!(notices(&stage).len(), 1);
    stage.set_now("2027-03-03T00:00:00Z");
    assert_eq!(notices(&stage).last().unwrap(), &("ci 2".to_owned(), "2027-03-10".to_owned()));
    // A token that is gone, or never expires, has none.
    let gone = notified(&stage, "gone", "2027-05-01");
    stage.ask("DELETE", &format!("{MANAGEMENT}/{gone}"), &Value::Null).ok();
    let never = notified(&stage, "never", "2027-05-01");
    let change = json!({ "token": { "expires_on": null } });
    stage.ask("PUT", &format!("{MANAGEMENT}/{never}"), &change).ok();
    stage.set_now("2027-06-01T00:00:00Z");
    assert_eq!(notices(&stage).len(), 2);
}

#[test]
fn how_many_days_before_is_a_limit_of_the_profile() {
    let days = |days: Option<u32>| {
        let stage = Stage::with(Profile::seeds().with_limit(LimitId::ExpiryNoticeDays, days, "test"));
        notified(&stage, "ci", "2027-01-10");
        stage.set_now("2026-12-15T00:00:00Z");
        notices(&stage).len()
    };
    assert_eq!((days(Some(30)), days(Some(7)), days(None)), (1, 0, 0));
}

/// An eviction says nothing in any answer, so it is recorded, too.
#[test]
fn a_token_that_gives_way_is_recorded() {
    let mut profile = Profile::seeds();
    for id in [LimitId::ManagementTokensPerStack, LimitId::DeliveryTokensPerStack] {
        let limit = &mut profile.limits[id as usize];
        (limit.value, limit.at_limit) = (Some(1), cs_model::profile::AtLimit::EvictOldest);
    }
    let stage = Stage::with(profile);
    let first = notified(&stage, "first", "2027-01-10");
    stage.management("second", &[("entry", rw())]);
    let site = stage.delivery("site");
    stage.delivery("blog");
    stage.set_now("2027-01-11T00:00:00Z");
    let seen: Vec<Value> = events(&stage).iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    assert_eq!(seen.len(), 2, "and no notice for one that is gone: {seen:?}");
    for (event, kind, uid, name) in
        [(&seen[0], "management", json!(first), "first"), (&seen[1], "delivery", site["uid"].clone(), "site")]
    {
        assert_eq!(event["kind"], "token_evicted");
        assert_eq!(
            (&event["token"], &event["token_uid"], &event["name"]),
            (&json!(kind), &uid, &json!(name))
        );
    }
}

/// One store under several replicas.
#[derive(Clone, Debug)]
struct Shared(Arc<RedbStore>);

impl Store for Shared {
    fn transact(&self, mode: Mode, work: &mut Work<'_>) -> Result<(), StoreError> {
        self.0.transact(mode, work)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

#[test]
fn several_replicas_give_it_once() {
    let store = Shared(Arc::new(RedbStore::memory().unwrap()));
    let options = || options(Profile::seeds()).no_rate_limit();
    let stage = Stage::on(Service::new(store.clone(), options()));
    let replicas: Vec<Arc<Service>> =
        (0..4).map(|_| Arc::new(Service::new(store.clone(), options()))).collect();
    for n in 0..10 {
        notified(&stage, &format!("token {n}"), "2027-01-10");
    }
    let now = "2027-01-04T00:00:00Z".parse().unwrap();
    let start = Barrier::new(8);
    let given: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (service, start) = (&replicas[n % 4], &start);
                scope.spawn(move || {
                    start.wait();
                    service.tick(now).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(given, 10);
    assert_eq!(stage.service.admin(now).events(0).unwrap().len(), 10);
    // A replica that starts later finds nothing to do.
    assert_eq!(Service::new(store, options()).tick(now).unwrap(), 0);
}
