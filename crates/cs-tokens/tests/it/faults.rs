use cs_model::generated::route;
use cs_server::in_process::Fault;
use cs_tokens::{Action, ApplyError, PlanError, PlanOptions};

use crate::world::{World, lines};

const ONE: &str = r#"
[[management]]
name = "ci"
scope = { entry = "rw" }
branches = ["main"]
sink = { env_file = ".env", variable = "TOKEN" }
"#;

#[test]
fn a_read_is_repeated_once() {
    let world = World::new();
    world.transport.fail_next(Fault::LoseAnswer);
    world.stack().names().unwrap();
    world.transport.fail_next(Fault::NoConnection);
    world.transport.fail_next(Fault::LoseRequest);
    let error = world.stack().names().unwrap_err();
    assert_eq!(error.to_string(), "no answer to GET /v3/environments after 2 attempts");
}

#[test]
fn a_write_is_never_repeated_and_its_outcome_is_unknown() {
    let world = World::new();
    for fault in [Fault::LoseAnswer, Fault::LoseRequest] {
        world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, fault);
        let text = ONE.replace("\"ci\"", &format!("\"ci-{fault:?}\""));
        let applied = world.apply(&text);
        let failed = applied.failed.unwrap();
        assert_eq!(failed.error.code(), "outcome_unknown");
        assert_eq!(
            failed.error.to_string(),
            "nobody knows whether POST /v3/stacks/management_tokens took effect; list the stack's management tokens and \
             look for one that was just made"
        );
    }
    assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1, "the lost answer was to a token");

    world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::NoConnection);
    assert_eq!(world.apply(ONE).failed.unwrap().error.code(), "no_answer", "it was never sent");
}

#[test]
fn a_refusal_for_the_rate_is_waited_out() {
    let world = World::new();
    let before = world.transport.time();
    world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::Status(429));
    world.settle(ONE);
    assert!(world.transport.time() > before);
}

#[test]
fn what_was_done_is_told_when_a_step_fails() {
    let world = World::new();
    let three = ["a", "b", "c"]
        .map(|name| ONE.replace("\"ci\"", &format!("\"{name}\"")).replace("TOKEN", name))
        .concat();
    world
        .transport
        .fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::Slow(std::time::Duration::ZERO));
    world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::Status(500));
    let applied = world.apply(&three);
    let names = |steps: &[cs_tokens::Step]| steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&applied.done), ["a"]);
    assert_eq!(applied.failed.as_ref().unwrap().step.name, "b");
    assert_eq!(names(&applied.not_reached), ["c"]);
    let uids: Vec<_> = applied.tokens.iter().map(|row| row.uid.is_some()).collect();
    assert_eq!(uids, [true, false, false]);
    world.settle(&three);
}

#[test]
fn a_token_whose_value_cannot_be_kept_is_deleted_again() {
    let world = World::new();
    let (plan, sinks) = world.try_plan(ONE, PlanOptions::default()).unwrap();
    // The folder was fine when it was looked at, and is not any more.
    std::fs::create_dir(world.path().join(".env")).unwrap();
    let applied = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap();
    let failed = applied.failed.unwrap();
    assert!(matches!(&failed.error, ApplyError::Sink { made: Some(_), undo: None, .. }), "{failed:?}");
    assert!(failed.error.to_string().ends_with("that was just made is deleted again"), "{}", failed.error);
    assert!(world.stack().management_tokens().list().unwrap().is_empty());

    world.transport.fail_next_on(route::DELETE_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, Fault::Status(500));
    let applied = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap();
    let failed = applied.failed.unwrap();
    assert!(matches!(&failed.error, ApplyError::Sink { made: Some(_), undo: Some(_), .. }), "{failed:?}");
    assert!(failed.error.fix().unwrap().contains("by hand"));
}

#[test]
fn an_interrupted_replacement_is_finished() {
    for step in [
        route::DELETE_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID,
        route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID,
    ] {
        for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
            let world = World::new();
            world.settle(ONE);
            std::fs::remove_file(world.path().join(".env")).unwrap();
            world.transport.fail_next_on(step, fault);
            assert!(!world.apply(ONE).is_complete());
            let value = world.value(".env", "TOKEN");
            let plan = world.plan(ONE);
            let lost_last =
                step == route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID && fault == Fault::LoseAnswer;
            assert_eq!(plan.count(Action::Replace), usize::from(!lost_last), "{}", lines(&plan));
            world.settle(ONE);
            assert_eq!(world.value(".env", "TOKEN"), value, "the new value is kept");
            assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1);
        }
    }
}

#[test]
fn what_an_interrupted_replacement_left_is_recognised() {
    let world = World::new();
    world.settle(ONE);
    std::fs::remove_file(world.path().join(".env")).unwrap();
    world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::LoseAnswer);
    assert!(!world.apply(ONE).is_complete());
    let plan = world.plan(ONE);
    assert_eq!(plan.count(Action::Replace), 1);
    let left = plan.steps.iter().find(|step| step.action == Action::Unmanaged).unwrap();
    assert!(left.why.as_ref().unwrap().starts_with("left over"));
}

#[test]
fn problems_of_the_file_are_told_even_when_the_stack_cannot_be_read() {
    let world = World::new();
    for _ in 0..2 {
        world.transport.fail_next(Fault::NoConnection);
    }
    let text = ONE.replace("sink = ", "snik = ");
    let Err(PlanError::Problems(problems)) = world.try_plan(&text, PlanOptions::default()) else { panic!() };
    assert_eq!(problems.items().len(), 1);
    for _ in 0..2 {
        world.transport.fail_next(Fault::NoConnection);
    }
    assert!(matches!(world.try_plan(ONE, PlanOptions::default()), Err(PlanError::Client(_))));
}
