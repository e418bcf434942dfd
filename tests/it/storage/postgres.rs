//! What only PostgreSQL has: a table, an address, connections.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cs_model::Secret;
use cs_server::store::{Ending, Mode, PostgresAddress, PostgresStore, Store, StoreError};
use cs_tests::Postgres;

const TOKENS: &str = "/v3/stacks/delivery_tokens";

fn address(postgres: &Postgres) -> PostgresAddress {
    PostgresAddress::parse(&postgres.url()).unwrap()
}

fn put(store: &dyn Store, key: &str) -> Result<(), StoreError> {
    store.transact(Mode::Write, &mut |tx| {
        let known = tx.get(key.as_bytes())?.is_some();
        assert!(!known, "{key} twice");
        tx.put(key.as_bytes(), br#"{"name":"x"}"#).map(|()| Ending::Commit)
    })
}

fn count(store: &dyn Store) -> usize {
    let mut count = 0;
    store
        .transact(Mode::Read, &mut |tx| {
            count = tx.scan(b"")?.len();
            Ok(Ending::Discard)
        })
        .unwrap();
    count
}

#[test]
fn the_table_is_made_once_and_read_as_json() {
    let postgres = Postgres::start().unwrap();
    let address = address(&postgres);
    std::thread::scope(|scope| {
        for n in 0..6 {
            let address = &address;
            scope.spawn(move || {
                put(&PostgresStore::open(address).unwrap(), &format!("delivery/{n}")).unwrap();
            });
        }
    });
    let names =
        "select convert_from(key, 'UTF8') || '=' || (value ->> 'name') from cs_store where key >= '\\x01'";
    let found = postgres.run_sql(&format!("{names} order by key limit 2")).unwrap();
    assert_eq!(found, "delivery/0=x\ndelivery/1=x");
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(postgres.run_sql(tables).unwrap(), "1");
}

#[test]
fn a_newer_table_and_one_of_others_are_left_alone() {
    let postgres = Postgres::start().unwrap();
    drop(PostgresStore::open(&address(&postgres)).unwrap());
    postgres.run_sql(r#"update cs_store set value = '{"version":99}'"#).unwrap();
    let error = PostgresStore::open(&address(&postgres)).unwrap_err();
    assert!(matches!(error, StoreError::Version { found: 99, .. }), "{error:?}");
    postgres.run_sql("drop table cs_store; create table cs_store (key bytea, value json)").unwrap();
    let error = PostgresStore::open(&address(&postgres)).unwrap_err();
    assert!(matches!(error, StoreError::Connect { .. }), "{error:?}");
}

/// Also inside async code, where a client that brings a runtime of its own along would panic.
#[test]
fn it_works_within_async_code() {
    let postgres = Postgres::start().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = PostgresStore::open(&address(&postgres)).unwrap();
        put(&store, "a").unwrap();
        assert_eq!(count(&store), 1);
        drop(store);
    });
}

#[test]
fn connections_that_others_end_are_replaced() {
    let postgres = Postgres::start().unwrap();
    let store = PostgresStore::open(&address(&postgres)).unwrap();
    for n in 0..5 {
        put(&store, &format!("{n}")).unwrap();
        postgres
            .run_sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cs-server'",
            )
            .unwrap();
    }
    // In the middle of the work, too: it runs again.
    let mut runs = 0;
    store
        .transact(Mode::Write, &mut |tx| {
            runs += 1;
            tx.put(b"middle", b"1")?;
            if runs == 1 {
                postgres
                    .run_sql(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cs-server'",
                    )
                    .unwrap();
            }
            tx.get(b"other")?;
            Ok(Ending::Commit)
        })
        .unwrap();
    assert!(runs > 1);
    assert_eq!(count(&store), 6);
}

/// The answer to a commit is lost: a trigger ends the connection when everything else is done.
#[test]
fn a_lost_commit_is_looked_up_and_not_repeated() {
    let postgres = Postgres::start().unwrap();
    let store = PostgresStore::open(&address(&postgres)).unwrap();
    put(&store, "before").unwrap();
    // Deferred triggers run within the commit. The first two times, the transaction dies there with its connection.
    postgres
        .run_sql(
            "create sequence times; create function die() returns trigger language plpgsql as $$ begin \
             if nextval('times') <= 2 then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); \
             end if; return null; end $$; create constraint trigger die after insert on cs_store \
             deferrable initially deferred for each row when (new.key = 'victim') execute function die()",
        )
        .unwrap();
    put(&store, "victim").unwrap();
    assert_eq!(count(&store), 2);
    assert_eq!(postgres.run_sql("select last_value from times").unwrap(), "3");
}

/// The commit is made, and its answer comes to nobody: what stands between lets no answer through.
#[test]
fn a_commit_whose_answer_is_lost_counts_once() {
    let postgres = Postgres::start().unwrap();
    let relay = super::relay::Relay::start(&postgres.socket().join(".s.PGSQL.5432"));
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", relay.port());
    let store = PostgresStore::open(&PostgresAddress::parse(&url).unwrap()).unwrap();
    for n in 0..8 {
        let key = format!("{n}");
        let mut runs = 0;
        store
            .transact(Mode::Write, &mut |tx| {
                runs += 1;
                assert_eq!(tx.get(key.as_bytes())?, None, "the commit was made, and the work ran again");
                if runs == 1 {
                    relay.swallow_one_answer();
                }
                tx.put(key.as_bytes(), b"1").map(|()| Ending::Commit)
            })
            .unwrap();
        assert_eq!(runs, 1);
        assert_eq!(count(&store), n + 1);
    }
}

#[test]
fn connections_over_the_network_are_encrypted_and_checked() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let postgres = Postgres::start_tls(port, "canary-password", &certificate, &key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, &certificate).unwrap();
    let open = |parameters: &str| {
        let url = format!("postgres://postgres@localhost:{port}/postgres?hostaddr=127.0.0.1&{parameters}");
        let address = PostgresAddress::parse(&url).unwrap().or_password(&Secret::new("canary-password"));
        PostgresStore::open(&address)
    };
    let trusting = format!("sslmode=verify-full&sslrootcert={}", roots.display());
    put(&open(&trusting).unwrap(), "a").unwrap();
    let encrypted = "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where ssl and usename = 'postgres'";
    let store = open(&trusting).unwrap();
    assert_eq!(count(&store), 1);
    assert_ne!(postgres.run_sql(encrypted).unwrap(), "0");
    for (parameters, why) in [
        ("sslmode=verify-full".to_owned(), "a certificate that nobody vouches for"),
        ("sslmode=disable".to_owned(), "the server takes no plain connection"),
        (trusting.replace("roots.pem", "none.pem"), "no such file"),
    ] {
        let error = open(&parameters).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Connect { .. }), "{why}: {error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{why}");
    }
}

/// `cstok serve` takes the address, and shows it without the password.
#[test]
fn cstok_serves_from_it_and_hides_the_password() {
    let postgres = Postgres::start().unwrap();
    let place = postgres.socket().display().to_string();
    let url = format!("postgres://postgres:canary-password@/postgres?host={place}");
    let served = cs_tests::Served::over(&url, &[]).unwrap();
    let hello = served.hello.to_string();
    assert!(!hello.contains("canary"), "{hello}");
    assert!(hello.contains(&place), "{hello}");
    let failing = |url: &str| {
        let output = Command::new(cs_tests::cstok().unwrap())
            .args(["serve", "--listen", "127.0.0.1:0", "--store", url])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("canary"), "{text}");
        (output.status.code(), text)
    };
    let (code, text) = failing("postgres://u:canary@127.0.0.1:1/d?connect_timeout=1");
    assert_eq!(code, Some(7), "{text}");
    let (code, text) = failing("postgres://u:canary@h:port/d");
    assert_eq!(code, Some(2), "{text}");
}

/// Soon, on a machine that does other things as well: far less than the 20 seconds that a request may wait for a database.
const SOON: f64 = 10.0;

fn seconds<T>(of: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    (of(), start.elapsed().as_secs_f64())
}

/// Whoever spreads requests over replicas, and whoever waits for an answer, learns soon that the database is gone, and soon that
/// it is back.
#[test]
fn a_database_that_is_gone_is_told_at_once() {
    let postgres = Postgres::start().unwrap();
    let served = cs_tests::Served::over(&postgres.url(), &["--no-rate-limit"]).unwrap();
    let api = cs_tests::Api::new(&served);
    let get = |path: &str| api.send("GET", path, None).map(|(status, _)| status);
    assert_eq!(get("/ready"), Some(200));
    assert_eq!(get(TOKENS), Some(200));
    postgres.kill().unwrap();
    let soon = |path: &str, wanted: u16| {
        let start = Instant::now();
        let mut status = get(path);
        while status != Some(wanted) && start.elapsed().as_secs_f64() < SOON {
            std::thread::sleep(Duration::from_millis(20));
            status = get(path);
        }
        let took = start.elapsed().as_secs_f64();
        assert_eq!(status, Some(wanted), "{path}");
        assert!(took < SOON, "{path} {took}");
    };
    // Its processes answer until each has seen that the first of them is gone, which takes a moment.
    for path in ["/ready", TOKENS, TOKENS, "/ready"] {
        soon(path, 503);
    }
    postgres.resume().unwrap();
    for path in [TOKENS, "/ready"] {
        soon(path, 200);
    }
}

#[test]
fn a_database_that_says_nothing_is_not_ready() {
    let postgres = Postgres::start().unwrap();
    let relay = super::relay::Relay::start(&postgres.socket().join(".s.PGSQL.5432"));
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", relay.port());
    let served = cs_tests::Served::over(&url, &[]).unwrap();
    let api = cs_tests::Api::new(&served);
    let ready = || seconds(|| api.send("GET", "/ready", None).map(|(status, _)| status));
    assert_eq!(ready().0, Some(200));
    relay.be_mute();
    let (status, took) = ready();
    assert_eq!(status, Some(503));
    assert!((0.5..SOON).contains(&took), "{took}");
}
