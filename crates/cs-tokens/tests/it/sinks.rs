//! What is in env files already, and what becomes of it.

use std::fs;

use cs_server::in_process::URL;
use cs_tokens::{Action, Declaration, PlanOptions, Sinks};
use expect_test::expect;

use crate::apply::uids_hidden;
use crate::world::{World, lines};

const TWO: &str = r#"
[[delivery]]
name = "web"
environments = ["production"]
branches = ["main"]
preview = true
sink = { env_file = ".env", variable = "TOKEN", preview_variable = "PREVIEW" }

[[management]]
name = "ci"
scope = { entry = "rw" }
branches = ["main"]
sink = { env_file = ".env", variable = "CI" }
"#;

fn write(world: &World, text: &str) {
    fs::write(world.path().join(".env"), text).unwrap();
}

#[test]
fn a_value_that_somebody_else_put_there_is_not_overwritten() {
    let world = World::new();
    let text = "TOKEN=mine\n# cstok: preview token `web` blt1 of stack bltother\nPREVIEW=x\nCI='other'\n";
    write(&world, text);
    expect![[r#"
        shop.toml:7:40: error[sink.occupied]: `TOKEN` in `.env` holds a value that no `# cstok:` line claims; this would overwrite it
        shop.toml:7:68: error[sink.occupied]: `PREVIEW` in `.env` holds the value of the preview token `web` (blt1) of another stack, bltother; this would overwrite it
        shop.toml:13:40: error[sink.occupied]: `CI` in `.env` holds a value that no `# cstok:` line claims; this would overwrite it"#]]
    .assert_eq(&world.problems(TWO).join("\n"));
    assert_eq!(world.read(".env"), text);
    assert!(world.stack().inventory().unwrap().delivery.is_empty());
}

#[test]
fn the_right_value_may_stand_there_already() {
    let world = World::new();
    world.settle(TWO);
    let (token, preview, ci) =
        (world.value(".env", "TOKEN"), world.value(".env", "PREVIEW"), world.value(".env", "CI"));
    let uid = world.stack().management_tokens().list().unwrap()[0].uid.to_string();
    // Nothing says whose the values are: those that the API shows can be compared, the third is anybody's.
    write(&world, &format!("TOKEN={token}\nPREVIEW=\"{preview}\"\nCI={ci}\n"));
    let problems = world.problems(TWO);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("`CI` in `.env`"), "{problems:?}");
    // The fix names the line that adopts the value, and it works.
    let Err(cs_tokens::PlanError::Problems(found)) = world.try_plan(TWO, PlanOptions::default()) else {
        panic!()
    };
    let (_, line) = found.items()[0].fix.split_once(": ").unwrap();
    assert_eq!(line, format!("# cstok: management token `ci` {uid} of stack {}", world.api_key));
    write(&world, &format!("TOKEN={token}\nPREVIEW=\"{preview}\"\n{line}\nCI={ci}\n"));
    assert!(
        !world.plan(TWO).changes().any(|step| step.action != Action::Protect),
        "{}",
        lines(&world.plan(TWO))
    );
}

#[test]
fn a_live_token_that_the_file_does_not_declare_keeps_its_value() {
    let world = World::new();
    world.settle(TWO);
    let before = world.read(".env");
    let renamed = TWO.replace("\"ci\"", "\"build\"");
    let problems = world.problems(&renamed);
    assert!(problems[0].contains("holds the value of the management token `ci`"), "{problems:?}");
    assert_eq!(world.read(".env"), before);
    // Who prunes says that it may go.
    let applied = world.apply_with(&renamed, PlanOptions::default().prune());
    assert!(applied.is_complete(), "{:?}", applied.failed);
    world.settle(&renamed);
    // And the value of a token that is gone stands in nobody's way.
    let token = world.stack().management_tokens().list().unwrap()[0].clone();
    world.stack().management_tokens().delete(&token.uid).unwrap();
    let plan = world.plan(TWO);
    assert!(
        lines(&plan).contains("note: overwrites the value of the management token `build`"),
        "{}",
        lines(&plan)
    );
    world.settle(TWO);
}

#[test]
fn an_empty_variable_is_a_missing_one() {
    let world = World::new();
    world.settle(TWO);
    let text: String = world
        .read(".env")
        .lines()
        .map(|line| line.split_once('=').map_or(format!("{line}\n"), |(name, _)| format!("{name}=\n")))
        .collect();
    write(&world, &text);
    let plan = world.plan(TWO);
    assert_eq!((plan.count(Action::Deliver), plan.count(Action::Replace)), (1, 1), "{}", lines(&plan));
    world.settle(TWO);
    assert!(!world.value(".env", "CI").is_empty());
}

#[test]
fn what_a_token_leaves_behind_is_removed() {
    let world = World::new();
    world.settle(TWO);
    let without = TWO
        .replace("preview = true\n", "")
        .replace(", preview_variable = \"PREVIEW\"", "")
        .split("[[management]]")
        .next()
        .unwrap()
        .to_owned();
    let (plan, sinks) = world.try_plan(&without, PlanOptions::default().prune()).unwrap();
    expect![[r#"
        delete_preview delivery web
            note: removes the value that ends by this from .env:PREVIEW
        delete management ci
            the file does not declare it
            note: removes the value that ends by this from .env:CI
    "#]]
    .assert_eq(&lines(&plan));
    assert!(world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap().is_complete());
    let text = world.read(".env");
    assert!(text.contains("TOKEN=") && !text.contains("PREVIEW") && !text.contains("CI"), "{text}");
    world.settle(&without);
    // A variable of another name: the value moves there.
    let moved = without.replace("\"TOKEN\"", "\"OTHER\"")
        + "\n[[management]]"
        + TWO.split("[[management]]").nth(1).unwrap();
    world.settle(&moved);
    let moved = moved.replace("\"CI\"", "\"CI_2\"");
    let plan = uids_hidden(&lines(&world.plan(&moved)));
    assert!(plan.contains("note: removes the value that ends by this from .env:CI\n"), "{plan}");
    world.settle(&moved);
    assert!(!world.read(".env").contains("\nCI="));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_mended() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.settle(TWO);
    let path = world.path().join(".env");
    let (text, mode) = (world.read(".env"), || fs::metadata(&path).unwrap().permissions().mode() & 0o777);
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let plan = world.plan(TWO);
    assert!(plan.has_changes);
    expect![[r#"
        protect delivery web
            .env has mode 0644, so that others can read the values in it
            note: changes the mode of .env from 0644 to 0600
        unchanged delivery web
        unchanged management ci
    "#]]
    .assert_eq(&lines(&plan));
    assert_eq!(mode(), 0o644, "a plan changes nothing");
    world.settle(TWO);
    assert_eq!((mode(), world.read(".env")), (0o600, text));
    // A step that writes to the file mends it on its way.
    fs::write(&path, "MINE=1\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let plan = world.plan(TWO);
    assert_eq!(plan.count(Action::Protect), 0);
    assert!(lines(&plan).contains("note: changes the mode of .env from 0640 to 0600"), "{}", lines(&plan));
    // A file without a value of ours is nobody's concern.
    fs::remove_file(&path).unwrap();
    world.settle(TWO);
}

#[test]
fn one_file_under_two_names_is_one() {
    let world = World::new();
    fs::create_dir(world.path().join("sub")).unwrap();
    let absolute = world.path().join(".env").display().to_string();
    for other in ["sub/../.env", &absolute, "./sub/.././.env"] {
        let text = TWO.replace(
            "{ env_file = \".env\", variable = \"CI\" }",
            &format!("{{ env_file = \"{other}\", variable = \"TOKEN\" }}"),
        );
        let problems = world.problems(&text);
        assert_eq!(problems.len(), 1, "{other}: {problems:?}");
        assert!(
            problems[0].contains("error[sink.conflict]") && problems[0].contains("at line 7"),
            "{problems:?}"
        );
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.path(), world.path().join("linked")).unwrap();
        let text = TWO.replace("\".env\", variable = \"CI\"", "\"linked/.env\", variable = \"CI\"");
        world.settle(&text);
        assert!(world.read(".env").contains("CI=") && world.read(".env").contains("TOKEN="));
        let conflict = text.replace("\"CI\"", "\"PREVIEW\"");
        assert!(world.problems(&conflict)[0].contains("error[sink.conflict]"));
    }
}

#[test]
fn a_file_that_is_no_env_file_is_refused() {
    let world = World::new();
    for (text, line) in [("[[delivery]]\n", 1), ("A=1\nkey: value\n", 2), ("{}\n", 1)] {
        write(&world, text);
        let problems = world.problems(TWO);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let says = format!("error[sink.not_env_file]: `.env` is no env file: its line {line} is");
        assert!(problems[0].contains(&says), "{problems:?}");
        assert_eq!(world.read(".env"), text);
    }
    // The declaration itself, even where its lines look like those of an env file.
    let itself = world.path().join("tokens.toml");
    let text = format!(
        "delivery = [{{ name = \"web\", environments = [\"production\"], branches = [\"main\"], \
         sink = {{ env_file = \"{0}\", variable = \"T\" }} }}]\n",
        itself.display()
    );
    fs::write(&itself, &text).unwrap();
    let declaration = Declaration::read(&itself.display().to_string(), &text);
    let sinks = Sinks::read(world.path(), &declaration);
    let Err(cs_tokens::PlanError::Problems(found)) =
        world.stack().plan(&declaration, &sinks, PlanOptions::default())
    else {
        panic!()
    };
    assert!(found.items()[0].message.ends_with("it is the file that declares the tokens"), "{found:?}");
}

#[test]
fn two_writers_of_one_file_lose_nothing() {
    let world = World::new();
    let (stack, folder) = (&world.api_key, world.path());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                for number in 0..5 {
                    let sink = cs_tokens::Sink::new(".env", format!("T_{writer}_{number}"));
                    let delivery = cs_tokens::Delivery::new(stack, cs_model::TokenKind::Delivery, "web");
                    let uid = cs_model::TokenUid::new("blt1").unwrap();
                    sink.deliver(folder, &delivery, &uid, &cs_model::Secret::new("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(world.read(".env").lines().filter(|line| line.starts_with("T_")).count(), 20);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing else stays");
}

#[test]
fn names_beyond_the_first_page_are_known() {
    let world = World::new();
    for number in 0..130 {
        let request = http::Request::post(format!("{URL}/v3/environments"))
            .header("api_key", world.api_key.as_str())
            .header("authtoken", world.authtoken.reveal())
            .header("content-type", "application/json")
            .body(bytes::Bytes::from(format!(r#"{{"environment":{{"name":"env-{number}"}}}}"#)))
            .unwrap();
        let answer = cs_transport::BlockingTransport::send(&*world.transport, request).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        world.transport.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(world.stack().names().unwrap().environments.len(), 132);
    // The first that was made is on the last page.
    assert_eq!(world.problems(&TWO.replace("\"production\"", "\"env-0\"")), [""; 0]);
    let problems = world.problems(&TWO.replace("\"production\"", "\"env-x\""));
    assert!(
        problems[0].contains("it has `env-0`, ") && problems[0].ends_with(" and 122 more"),
        "{problems:?}"
    );
}

#[test]
fn sinks_of_another_machine_hold_what_they_should() {
    let world = World::new();
    world.settle(TWO);
    fs::remove_file(world.path().join(".env")).unwrap();
    assert!(world.plan(TWO).has_changes, "all values are missing here");

    let plan = |text: &str| {
        let declaration = Declaration::read("shop.toml", text);
        let sinks = Sinks::elsewhere(&declaration);
        let plan = world.stack().plan(&declaration, &sinks, PlanOptions::default())?;
        Ok::<_, cs_tokens::PlanError>((plan, sinks))
    };
    let (settled, _) = plan(TWO).unwrap();
    assert!(!settled.has_changes, "{}", lines(&settled));
    let actions = |plan: &cs_tokens::Plan| plan.changes().map(|step| step.action).collect::<Vec<_>>();
    let (changed, _) = plan(&TWO.replace("\"rw\"", "\"r\"")).unwrap();
    assert_eq!(actions(&changed), [Action::Update]);

    // What is new is planned, and cannot be made from here.
    let (new, sinks) = plan(&TWO.replace("\"ci\"", "\"other\"")).unwrap();
    assert_eq!(actions(&new), [Action::Create]);
    let applied = world.stack().apply(&new, &sinks, &mut |_| {}).unwrap();
    assert!(applied.failed.is_some());
    assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1);
    assert!(!world.path().join(".env").exists());

    // What is wrong with the text is wrong here, too.
    let Err(cs_tokens::PlanError::Problems(found)) = plan(&TWO.replace("\"CI\"", "\"TOKEN\"")) else {
        panic!()
    };
    assert_eq!(found.items()[0].rule, cs_model::ViolationId::SinkConflict);
}
