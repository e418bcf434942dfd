//! What was acknowledged outlives `kill -9` at any moment. `cargo xtask ci --deep` kills ten times as often.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cs_server::store::{PostgresAddress, PostgresStore, RedbStore, Store};
use cs_tests::{Api, Postgres, Served};

use super::audit::audit;
use super::load::Known;
use super::often;

const ARGUMENTS: [&str; 1] = ["--no-rate-limit"];

/// How long the first write after a start is waited for.
const FIRST_WRITE: Duration = Duration::from_secs(20);

/// A moment in the middle of the load, another one each time.
fn moment(n: usize) -> Duration {
    Duration::from_millis(20 + (n as u64 * 37) % 131)
}

fn service_is_killed(times: usize, place: &str, open: impl Fn() -> Box<dyn Store>) {
    let known = Known::default();
    for n in 0..times {
        let mut served = Served::over(place, &ARGUMENTS).unwrap();
        let api = Api::new(&served);
        known.compare(&api);
        let stop = AtomicBool::new(false);
        let before = known.acknowledged.load(Ordering::SeqCst);
        thread::scope(|scope| {
            let load = scope.spawn(|| known.work(&api, &stop, false));
            // On a busy machine the load takes its time to begin, and nobody can lose what nobody wrote.
            let start = Instant::now();
            while known.acknowledged.load(Ordering::SeqCst) == before && start.elapsed() < FIRST_WRITE {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(moment(n));
            served.kill().unwrap();
            load.join().unwrap();
        });
        audit(&*open());
    }
    known.compare(&Api::new(&Served::over(place, &ARGUMENTS).unwrap()));
    let acknowledged = known.acknowledged.load(Ordering::SeqCst);
    assert!(acknowledged > times, "{acknowledged} acknowledged writes are no load");
}

#[test]
fn a_service_over_a_file_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    service_is_killed(often(20), path.to_str().unwrap(), || Box::new(RedbStore::open(&path).unwrap()));
}

#[test]
fn a_service_over_postgresql_is_killed() {
    let postgres = Postgres::start().unwrap();
    let address = PostgresAddress::parse(&postgres.url()).unwrap();
    service_is_killed(often(20), &postgres.url(), || Box::new(PostgresStore::open(&address).unwrap()));
}

#[test]
fn postgresql_itself_is_killed() {
    let postgres = Postgres::start().unwrap();
    let address = PostgresAddress::parse(&postgres.url()).unwrap();
    let replicas = [(); 2].map(|()| Served::over(&postgres.url(), &ARGUMENTS).unwrap());
    let apis = replicas.each_ref().map(Api::new);
    let known = Known::default();
    let times = often(5);
    for n in 0..times {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for api in &apis {
                scope.spawn(|| known.work(api, &stop, true));
            }
            thread::sleep(moment(n) * 2);
            postgres.kill().unwrap();
            postgres.resume().unwrap();
            // The service gets over it without help.
            thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::SeqCst);
        });
        audit(&PostgresStore::open(&address).unwrap());
        known.compare(&apis[n % 2]);
    }
    let acknowledged = known.acknowledged.load(Ordering::SeqCst);
    assert!(acknowledged > times, "{acknowledged} acknowledged writes are no load");
}
