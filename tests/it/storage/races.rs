//! Limits hold when everybody asks at once, on one process and on several replicas. `cargo xtask ci --deep` asks ten times as often.

use std::sync::Barrier;
use std::thread;

use cs_server::store::{Ending, Mode, PostgresAddress, PostgresStore, RedbStore, Store};
use cs_tests::{Answer, Api, Postgres, Served};
use serde_json::json;

use super::load::{DELIVERY, delivery};
use super::often;

const CREATORS: usize = 64;
const LOGINS: usize = 30;

/// Delivery tokens of a stack, and authtokens of a user (seed 001).
const MOST: usize = 20;

/// Sends one request from each of many threads at the same time, in turn to each replica.
fn at_once(count: usize, replicas: &[Api], send: impl Fn(&Api, usize) -> Answer + Sync) -> Vec<Answer> {
    let start = Barrier::new(count);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|n| {
                let (start, send) = (&start, &send);
                scope.spawn(move || {
                    start.wait();
                    send(&replicas[n % replicas.len()], n)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn creators_race(replicas: &[Api]) {
    let answers = at_once(CREATORS, replicas, |api, n| {
        api.send("POST", DELIVERY, Some(&delivery(&format!("token {n}")))).unwrap()
    });
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    let refused: Vec<_> = answers.iter().filter(|(status, _)| *status != 201).collect();
    assert_eq!(made, MOST);
    assert_eq!(refused.len(), CREATORS - MOST);
    for (status, body) in &refused {
        assert_eq!(*status, 422, "{body}");
        // All the same refusal: that of the limit.
        assert_eq!(body, &refused[0].1);
    }
    for api in replicas {
        assert_eq!(api.send("GET", DELIVERY, None).unwrap().1["tokens"].as_array().unwrap().len(), MOST);
    }
}

fn logins_race(served: &Served, replicas: &[Api]) {
    let login = json!({ "user": { "email": served.text("email"), "password": served.text("password") } });
    let answers =
        at_once(LOGINS, replicas, |api, _| api.send("POST", "/v3/user-session", Some(&login)).unwrap());
    let mut live = 0;
    for (status, body) in &answers {
        assert_eq!(*status, 200, "{body}");
        let authtoken = body["user"]["authtoken"].as_str().unwrap();
        match replicas[0].clone().with_authtoken(authtoken).send("GET", "/v3/user", None).unwrap().0 {
            200 => live += 1,
            status => assert_eq!(status, 401),
        }
    }
    assert_eq!(live, MOST);
}

/// The sessions in the store are the last ones that were made: no number is missing behind the first.
fn only_the_newest(store: &dyn Store) {
    let mut numbers = Vec::new();
    let mut last = 0;
    store
        .transact(Mode::Read, &mut |tx| {
            numbers = tx
                .scan(b"user_session/")?
                .into_iter()
                .map(|(key, _)| {
                    String::from_utf8(key).unwrap().rsplit('/').next().unwrap().parse::<u64>().unwrap()
                })
                .collect();
            last = serde_json::from_slice(&tx.get(b"counter")?.unwrap()).unwrap();
            Ok(Ending::Discard)
        })
        .unwrap();
    let newest: Vec<u64> = (last + 1 - MOST as u64..=last).collect();
    assert_eq!(numbers, newest);
}

#[test]
fn three_replicas_keep_one_limit() {
    for _ in 0..often(1) {
        let postgres = Postgres::start().unwrap();
        let served = [(); 3].map(|()| Served::over(&postgres.url(), &["--no-rate-limit"]).unwrap());
        let replicas = served.each_ref().map(Api::new);
        creators_race(&replicas);
        logins_race(&served[0], &replicas);
        only_the_newest(&PostgresStore::open(&PostgresAddress::parse(&postgres.url()).unwrap()).unwrap());
    }
}

#[test]
fn one_process_over_a_file_keeps_its_limits() {
    for _ in 0..often(1) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.redb");
        let mut served = Served::over(path.to_str().unwrap(), &["--no-rate-limit"]).unwrap();
        let replicas = [Api::new(&served)];
        creators_race(&replicas);
        logins_race(&served, &replicas);
        served.kill().unwrap();
        only_the_newest(&RedbStore::open(&path).unwrap());
    }
}
