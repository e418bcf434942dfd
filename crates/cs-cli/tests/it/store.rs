//! The local store belongs to one process at a time, and lives on between runs.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::home::Home;

#[test]
fn what_was_made_is_there_the_next_time() {
    let home = Home::new();
    home.run("delivery create web --environment production --branch main").expect(0);
    home.run("delivery list").expect(0).says("web");
}

#[test]
fn a_second_process_is_told_who_has_it() {
    let home = Home::new();
    home.run("delivery create web --environment production --branch main").expect(0);
    let store = home.data().join("local.redb");
    let mut holder = home
        .command(["serve", "--json", "--listen", "127.0.0.1:0", "--store", store.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let ran = home.run("delivery list --json");
    ran.expect(7).says(&holder.id().to_string());
    assert_eq!(ran.document()["error"]["code"], "store.in_use");
    holder.kill().unwrap();
    holder.wait().unwrap();
    home.run("delivery list").expect(0);
}

#[test]
fn commands_at_the_same_time_wait_for_each_other() {
    let home = Home::new();
    home.run("delivery create web --environment production --branch main").expect(0);
    let children: Vec<_> = (0..3)
        .map(|_| {
            home.command(["delivery", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A slip in `--store` leaves no file behind.
#[test]
fn a_word_that_is_no_store_is_refused() {
    let home = Home::new();
    for word in ["memmory", "shop"] {
        let ran = home.run(&format!("serve --listen 127.0.0.1:0 --store {word}"));
        ran.expect(2).says("neither `memory`, nor a file").says(&format!("`{word}.redb` or `./{word}`"));
        assert!(!home.work().join(word).exists());
    }
}
