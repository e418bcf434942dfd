//! A whole file applied, with one fault at every step.

use crate::flaw::{Flaw, Flaws};
use cs_server::in_process::URL;
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, Declaration, PlanError, PlanOptions, Sinks};
use cs_transport::{Decorator as _, Ready, ready};

use super::lab::Lab;

const FILE: &str = r#"
[[delivery]]
name = "web"
environments = ["production"]
branches = ["main"]
preview = true
sink = { env_file = ".env", variable = "WEB", preview_variable = "PREVIEW" }

[[management]]
name = "ci"
scope = { entry = "rw", environment = "r" }
branches = ["main"]
sink = { env_file = ".env", variable = "CI" }
"#;

/// Applies the file while the planned thing happens. Gives back how it ended and how many requests it took.
fn apply(lab: &Lab, folder: &std::path::Path, plan: Vec<(usize, Flaw)>) -> (&'static str, usize) {
    let client = Client::builder(Flaws::new(plan).around(lab.transport()))
        .base_url(URL)
        .unpaced()
        .credential(Credential::Authtoken(lab.session()))
        .build()
        .unwrap();
    let stack = client.stack(lab.demo.api_key.clone());
    let declaration = Declaration::read("shop.toml", FILE);
    let sinks = Sinks::read(folder, &declaration);
    let ended = match stack.plan(&declaration, &sinks, PlanOptions::default()) {
        Err(PlanError::Client(error)) => error.code(),
        Err(PlanError::Problems(problems)) => panic!("{problems:?}"),
        Err(other) => panic!("{other:?}"),
        Ok(plan) if !plan.has_changes => "settled",
        Ok(plan) => {
            let applied = stack.apply(&plan, &sinks, &mut |_| {}).unwrap();
            applied.failed.map_or("done", |failed| failed.error.code())
        }
    };
    let flaws = client.transport();
    ready(flaws.decorator().settle(&Ready(flaws.inner()))).unwrap();
    (ended, flaws.decorator().passed())
}

/// The value of a variable in the env file.
fn value(folder: &std::path::Path, variable: &str) -> String {
    let text = std::fs::read_to_string(folder.join(".env")).unwrap();
    text.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('=')).unwrap().to_owned()
}

#[test]
fn one_fault_at_every_step_of_an_apply() {
    let lab = Lab::new();
    let folder = tempfile::tempdir().unwrap();
    let (_, steps) = apply(&lab, folder.path(), Vec::new());
    lab.tidy();
    let mut cases = 0;
    for step in 0..steps {
        for flaw in Flaw::ALL {
            let folder = tempfile::tempdir().unwrap();
            let (ended, _) = apply(&lab, folder.path(), vec![(step, flaw)]);
            // Whatever happened: what is left to do is done by the next run, and nothing has been made twice.
            let again = apply(&lab, folder.path(), Vec::new()).0;
            assert!(matches!(again, "done" | "settled"), "{flaw:?} at {step}: {ended}, then {again}");
            assert_eq!(apply(&lab, folder.path(), Vec::new()).0, "settled", "{flaw:?} at {step}: {ended}");
            let state = lab.state();
            assert_eq!((state.delivery.len(), state.management.len()), (2, 2), "{flaw:?} at {step}: {ended}");
            let web =
                state.delivery.values().find(|token| token["value"] == value(folder.path(), "WEB").as_str());
            assert_eq!(
                web.unwrap()["preview"],
                value(folder.path(), "PREVIEW").as_str(),
                "{flaw:?} at {step}"
            );
            let ci = Credential::Management(cs_model::Secret::new(value(folder.path(), "CI")));
            assert!(lab.is_alive(ci), "{flaw:?} at {step}: {ended}");
            lab.tidy();
            cases += 1;
        }
    }
    println!("one fault, a file applied: {cases} cases");
    assert!(cases > 100, "{cases}");
}
