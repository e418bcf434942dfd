//! `login`, `logout`, `whoami`.

use serde_json::{Value, json};

use crate::home::Home;
use crate::serve::Server;
use crate::serve::admin::ask;

const EMAIL: &str = "owner@demo.invalid";
const PASSWORD: &str = "demo-password-for-loopback-only";

/// The value in the one session file.
fn kept(home: &Home) -> Option<(std::path::PathBuf, String)> {
    let file = std::fs::read_dir(home.data().join("sessions")).ok()?.next()?.unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    let session: Value = serde_json::from_str(&text).unwrap();
    Some((file, session["authtoken"].as_str().unwrap().to_owned()))
}

#[test]
fn a_session_is_kept_and_ended() {
    let home = Home::new();
    home.run("whoami").expect(0).says(EMAIL).says("demo owner");
    let login = home.run_with_input(&format!("login {EMAIL}"), &format!("{PASSWORD}\n"));
    login.expect(0).says("logged in").says_not(PASSWORD);
    let (file, value) = kept(&home).unwrap();
    login.says_not(&value);
    #[cfg(unix)]
    assert_eq!(crate::home::mode(&file), 0o600);
    home.run("whoami").expect(0).says("cstok login").says_not(&value);
    home.run("delivery list").expect(0);
    home.run("logout").expect(0).says(EMAIL);
    assert!(!file.exists());
    home.run("logout").expect(0).says("no session");
    home.run("whoami").expect(0).says("demo owner");
}

#[test]
fn the_password_may_come_from_the_environment() {
    let home = Home::new().with("CSTOK_PASSWORD", PASSWORD);
    home.run(&format!("login {EMAIL}")).expect(0).says_not(PASSWORD);
    assert!(kept(&home).is_some());
}

#[test]
fn a_wrong_password_is_refused_and_nothing_is_kept() {
    let home = Home::new();
    let ran = home.run_with_input(&format!("login {EMAIL} --json"), "wrong-canary\n");
    ran.expect(6).says_not("wrong-canary");
    assert_eq!(ran.document()["error"]["code"], "refused");
    assert!(kept(&home).is_none());
    home.run(&format!("login {EMAIL}")).expect(2).says("no password");
}

#[test]
fn commands_leave_no_session_behind() {
    let home = Home::new().with("CSTOK_PASSWORD", PASSWORD);
    home.run(&format!("login {EMAIL}")).expect(0);
    // More than the twenty sessions after which the oldest ends.
    for _ in 0..22 {
        home.run(&format!("login {EMAIL}")).expect(0);
    }
    home.run("whoami").expect(0);
    home.run("logout").expect(0);
    for _ in 0..3 {
        home.run("delivery list").expect(0);
    }
}

#[test]
fn a_second_factor_is_asked_for_and_a_logout_ends_the_session() {
    let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
    let url = server.text("url");
    let admin = |method, path: &str, body| ask(&server, &server.text("admin_token"), method, path, &body).1;
    let home = Home::new();
    let login = home.run_with_input(&format!("login {EMAIL} --url {url} --json"), &format!("{PASSWORD}\n"));
    let uid = login.expect(0).document()["user_uid"].as_str().unwrap().to_owned();
    home.run(&format!("logout --url {url}")).expect(0);
    let factor = format!("/users/{uid}/second-factor");
    admin("PUT", &factor, json!({ "kind": "authenticator" }));

    let line = format!("login {EMAIL} --url {url}");
    home.run_with_input(&line, &format!("{PASSWORD}\n")).expect(2).says("two-factor code");
    home.run_with_input(&line, &format!("{PASSWORD}\n000000\n")).expect(6).says_not(PASSWORD);
    assert!(kept(&home).is_none());
    let code = admin("GET", &format!("{factor}/code"), Value::Null)["code"].as_str().unwrap().to_owned();
    home.run_with_input(&line, &format!("{PASSWORD}\n{code}\n")).expect(0).says_not(&code);
    let (_, session) = kept(&home).unwrap();
    home.run(&format!("whoami --url {url}")).expect(0);

    let elsewhere = Home::new().with("CONTENTSTACK_AUTHTOKEN", &session);
    elsewhere.run(&format!("whoami --url {url}")).expect(0);
    home.run(&format!("logout --url {url}")).expect(0);
    assert!(kept(&home).is_none());
    elsewhere.run(&format!("whoami --url {url}")).expect(6).says_not(&session);
}

#[test]
fn a_session_that_no_keyring_keeps_is_ended() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = Home::new();
    // A machine without a keyring, or a program without one: either way no file is written instead.
    let ran =
        home.run_with_input(&format!("login {EMAIL} --keyring -v --url {url}"), &format!("{PASSWORD}\n"));
    ran.says("keyring").says_not(PASSWORD);
    if cfg!(feature = "keyring") {
        ran.expect(1).says("method=DELETE route=\"/v3/user-session\"").says_not("could not be ended");
    } else {
        ran.expect(2).says_not("route=\"/v3/user-session\"");
    }
    assert!(kept(&home).is_none());
    home.run_with_input(&format!("login {EMAIL} --keyring"), &format!("{PASSWORD}\n")).expect(2);
}

/// The file of the session for an address.
fn planted(home: &Home, url: &str, text: &str) -> std::path::PathBuf {
    let folder = home.data().join("sessions");
    std::fs::create_dir_all(&folder).unwrap();
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = url.trim_start_matches("https://").chars().map(plain).collect();
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, text).unwrap();
    #[cfg(unix)]
    chmod(&file, 0o600);
    file
}

#[cfg(unix)]
fn chmod(file: &std::path::Path, mode: u32) {
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_broken_session_is_told_by_its_place_and_replaced_by_a_login() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = Home::new();
    for text in [
        "\"canary-session\"",
        "{\"schema\": \"canary-session\"}",
        "{\"schema\": 1, \"authtoken\": [\"canary-session\"]}",
        "canary-session",
    ] {
        let file = planted(&home, &url, text);
        for line in ["whoami", "logout", "whoami --json"] {
            let ran = home.run(&format!("{line} --url {url}"));
            ran.expect(1).says("it is none (line 1, column").says("log in again").says_not("canary-session");
        }
        let login = home.run_with_input(&format!("login {EMAIL} --url {url}"), &format!("{PASSWORD}\n"));
        login.expect(0).says_not("canary-session");
        home.run(&format!("whoami --url {url}")).expect(0);
        assert!(file.exists(), "it is in the same file");
    }
}

#[cfg(unix)]
#[test]
fn a_session_that_others_may_read_is_ended_but_not_used() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = Home::new();
    let log_in = || home.run_with_input(&format!("login {EMAIL} -v --url {url}"), &format!("{PASSWORD}\n"));
    log_in().expect(0);
    let (file, _) = kept(&home).unwrap();
    chmod(&file, 0o644);
    home.run(&format!("whoami --url {url}"))
        .expect(2)
        .says("mode 644")
        .says("chmod 600")
        .says("cstok logout");
    log_in().expect(0).says("method=DELETE route=\"/v3/user-session\"").says_not("could not be ended");
    assert_eq!(crate::home::mode(&file), 0o600);
    chmod(&file, 0o640);
    home.run(&format!("logout --url {url}")).expect(0).says("logged out");
    assert!(!file.exists());
}

#[test]
fn a_session_that_came_while_another_one_was_ended_stays() {
    use std::io::{Read, Write};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let home = Home::new();
    let session =
        |value: &str| json!({ "schema": 1, "url": url, "email": "me@shop.example", "authtoken": value });
    let file = planted(&home, &url, &session("first").to_string());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap();
            assert!(read > 0);
            // Another `cstok login` is done before the answer is here.
            planted(&home, &url, &session("second").to_string());
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 16\r\nconnection: close\r\n\r\n{\"notice\":\"bye\"}";
            stream.write_all(answer.as_bytes()).unwrap();
        });
        home.run(&format!("logout --url {url}")).expect(0).says("logged out");
    });
    assert!(std::fs::read_to_string(file).unwrap().contains("second"));
}
