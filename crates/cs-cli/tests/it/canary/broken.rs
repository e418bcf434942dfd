//! Every file that `cstok` reads and that can hold a secret, with one in a place where nobody expects it: what is said of the
//! file is where it is wrong, and never what stands there.

use std::fs;
use std::path::Path;

use super::{MARK, home, marked, watched};
use crate::home::Home;

/// An address where nobody listens.
const URL: &str = "http://127.0.0.1:9";

fn plant(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Texts of JSON files that are none of ours, each with a secret.
fn json() -> Vec<String> {
    let mark = marked("json");
    vec![
        mark.clone(),
        format!("\"{mark}\""),
        format!("[\"{mark}\"]"),
        format!("{{\"schema\": \"{mark}\"}}"),
        format!("{{\"schema\": 1, \"url\": [\"{mark}\"]}}"),
        format!(
            "{{\"schema\": 1, \"url\": \"{URL}\", \"email\": \"x\", \"authtoken\": {{\"x\": \"{mark}\"}}}}"
        ),
        format!("{{\"access_token\": [\"{mark}\"]}}"),
        format!(
            "{{\"access_token\": \"{mark}\", \"refresh_token\": \"{mark}\", \"expires_at\": \"{mark}\"}}"
        ),
        format!("{{\"access_token\": \"{mark}\", \"expires_at\": \"2020-01-01T00:00:00Z\""),
        format!("{{\"tokens\": \"{mark}\"}}"),
        format!("{{\"tokens\": [{{\"uid\": \"blt1\", \"name\": \"a\", \"token\": [\"{mark}\"]}}]}}"),
        format!("{{\"token\": {{\"uid\": \"blt1\", \"name\": \"a\", \"scope\": \"{mark}\"}}}}"),
        format!("{{\"silence\": [\"{mark}\"]}}"),
    ]
}

/// Texts of TOML files that are none of ours, each with a secret in the place of a value.
fn toml() -> Vec<String> {
    let mark = marked("toml");
    let in_quotes = [
        "schema = \"{}\"",
        "schema = [\"{}\"]",
        "targets = \"{}\"",
        "[targets]\na = \"{}\"",
        "[targets.a]\nurl = [\"{}\"]",
        "[targets.a]\nurl = \"{}",
        "[targets.a]\nurl = {}",
        "[targets.a]\nregion = \"na\"\nregion = \"{}\"",
        "[targets.a]\nregion = \"na\"\nauthtoken = \"{}\"",
        "[targets.a]\nregion = \"na\"\nauthtoken_env = \"{} x\"",
        "[targets.a]\nregion = \"na\"\noauth_client_id = \"{}\"",
        "[targets.a]\nregion = \"na\"\napi_key = \"{} x\"",
        "[targets.a]\nregion = \"na\"\norganization = \"{} x\"",
        "[[delivery]]\nname = [\"{}\"]",
        "[[delivery]]\nname = \"web\"\ntoken = \"{}\"",
        "[[delivery]]\nname = \"web\"\nenvironments = \"{}\"",
        "[[management]]\nname = \"ci\"\ntoken = \"{}\"\nexpires_on = {}",
        "[[test]]\nname = \"x\"\nas = {}",
        "[[silence]]\nlint = [\"{}\"]",
        "\"{}\"",
    ];
    in_quotes.into_iter().map(|text| text.replace("{}", &mark)).collect()
}

/// Runs lines, and insists that none repeats a secret.
fn run(home: &Home, lines: &[&str], about: &str) {
    for line in lines {
        for form in ["-vv", "--json -vv"] {
            let line = format!("{line} {form}");
            let ran = watched(home, &line, "", &[MARK.to_owned()]);
            assert!(!ran.all().contains(MARK), "{about}: `{line}`:\n{}", ran.all());
            assert!(!ran.err.contains("panicked"), "{about}: `{line}`:\n{}", ran.err);
        }
    }
}

#[test]
fn a_broken_session() {
    let home = home();
    let file = home.data().join("sessions/http___127.0.0.1_9.json");
    let lines = ["whoami", "logout"].map(|line| format!("{line} --url {URL}"));
    for text in json() {
        plant(&file, &text);
        run(&home, &lines.each_ref().map(String::as_str), &text);
    }
}

#[test]
fn a_broken_configuration() {
    let home = home();
    for text in toml() {
        plant(&home.config(), &text);
        run(&home, &["whoami --target a", "login me@shop.example --target a"], &text);
    }
}

#[test]
fn a_broken_grant_or_token_in_a_file() {
    let home = home();
    let app = "oauth_client_id = \"app\"\noauth_redirect_uri = \"https://app.example\"";
    let config = format!(
        "[targets.a]\nurl = \"{URL}\"\nauthtoken_file = \"planted\"\n\
         [targets.b]\nurl = \"{URL}\"\noauth_file = \"planted\"\n{app}\n"
    );
    fs::write(home.config(), config).unwrap();
    let file = home.config().with_file_name("planted");
    for text in json().into_iter().chain([format!("{}\u{7}", marked("value"))]) {
        plant(&file, &text);
        run(&home, &["whoami --target b", "delivery list --target b --stack blt0123456789abcdef"], &text);
        // What is text in one line is taken for a token, and sent to nobody.
        plant(&file, &format!("{text}\n{text}"));
        run(&home, &["whoami --target a"], &text);
    }
}

#[test]
fn broken_files_that_commands_are_given() {
    let home = home();
    let reads = [
        "plan FILE",
        "apply FILE --yes",
        "lint FILE",
        "lint planted.json --baseline FILE",
        "policy test FILE",
        "diff FILE#a FILE#b",
        "can GET /v3/user --token FILE#a",
        "doctor --body FILE --status 401",
    ];
    let mut json = json();
    // In TOML this is the name of a table, and names are shown.
    json.retain(|text| !text.starts_with("[\""));
    for (name, texts) in [("planted-broken.json", json), ("planted-broken.toml", toml())] {
        let lines = reads.map(|line| line.replace("FILE", name));
        for text in texts {
            home.write(name, &text);
            run(&home, &lines.each_ref().map(String::as_str), &text);
        }
    }
}

#[test]
fn a_broken_store() {
    for name in ["local.redb", "local.redb.journal", "local.redb.holder"] {
        for is_made in [false, true] {
            let home = home();
            if is_made {
                home.run("delivery create web --environment production --branch main").expect(0);
            }
            let file = home.data().join(name);
            plant(&file, &format!("{}\n{{\"pid\": \"{}\"}}", marked("store"), marked("holder")));
            let create = "delivery create web2 --environment production --branch main";
            run(&home, &["whoami", "delivery list", create, "logout", "serve --port nowhere"], name);
        }
    }
}

#[test]
fn a_secret_in_the_variable_of_the_api_key() {
    let home = home().with("CONTENTSTACK_API_KEY", format!("blt0123456789abcdef\n{}", marked("key")));
    run(&home, &["whoami --url http://127.0.0.1:9", "delivery list --url http://127.0.0.1:9"], "a variable");
}
