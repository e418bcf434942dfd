use bytes::Bytes;
use cs_model::generated::route;
use cs_model::{LimitId, Profile};
use cs_server::in_process::{Fault, URL};
use cs_tokens::blocking::Client;
use cs_tokens::{Action, ApplyError, Credential, PlanError, PlanOptions};
use cs_transport::{BlockingTransport, TransportError};
use http::{Request, Response};

use crate::world::{World, lines};

const ONE: &str = r#"
[[management]]
name = "ci"
scope = { entry = "rw" }
branches = ["main"]
sink = { env_file = ".env", variable = "TOKEN" }
"#;

#[test]
fn a_read_is_sent_again() {
    let world = World::new();
    world.transport.fail_next(Fault::LoseAnswer);
    world.transport.fail_next(Fault::Status(503));
    world.stack().names().unwrap();
    world.transport.fail_next(Fault::NoConnection);
    for _ in 0..3 {
        world.transport.fail_next(Fault::LoseRequest);
    }
    let error = world.stack().names().unwrap_err();
    assert_eq!(error.to_string(), "no answer to GET /v3/environments after 4 attempts");
}

#[test]
fn a_write_whose_answer_is_lost_is_found_out_about() {
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::Truncate, Fault::Status(503)] {
        let world = World::new();
        world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, fault);
        world.settle(ONE);
        let tokens = world.stack().management_tokens().list().unwrap();
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0].description.as_deref(), Some(""), "the mark is gone");
    }
}

#[test]
fn a_write_about_which_nothing_can_be_found_out_says_what_to_look_for() {
    let world = World::new();
    for fault in [Fault::LoseAnswer, Fault::LoseRequest] {
        let (plan, sinks) = world
            .try_plan(&ONE.replace("\"ci\"", &format!("\"ci-{fault:?}\"")), PlanOptions::default())
            .unwrap();
        world.cut_off(route::POST_STACKS_MANAGEMENT_TOKENS, fault, route::GET_STACKS_MANAGEMENT_TOKENS);
        let failed = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap().failed.unwrap();
        assert_eq!(failed.error.code(), "outcome_unknown");
        let text = failed.error.to_string();
        assert_eq!(text, "nobody knows whether POST /v3/stacks/management_tokens took effect");
        let fix = failed.error.fix().unwrap();
        let before = "look for a management token of the stack whose description ends in [cs-tokens:";
        assert!(fix.starts_with(before) && fix.ends_with(" before you try again"), "{fix}");
    }
    assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1, "the lost answer was to a token");

    for _ in 0..4 {
        world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::NoConnection);
    }
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
    world.transport.fail_next_on(route::POST_STACKS_MANAGEMENT_TOKENS, Fault::Status(403));
    let applied = world.apply(&three);
    let names = |steps: &[cs_tokens::Step]| steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&applied.done), ["a"]);
    assert_eq!(applied.failed.as_ref().unwrap().step.name, "b");
    assert_eq!(names(&applied.not_reached), ["c"]);
    let uids: Vec<_> = applied.tokens.iter().map(|row| row.uid.is_some()).collect();
    assert_eq!(uids, [true, false, false]);
    world.settle(&three);
}

/// The transport of a world, with something about its requests changed.
struct Around<'a, F> {
    world: &'a World,
    send: F,
}

impl<F> BlockingTransport for Around<'_, F>
where
    F: Fn(Request<Bytes>) -> Result<Response<Bytes>, TransportError> + Send + Sync,
{
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        (self.send)(request)
    }

    fn now(&self) -> jiff::Timestamp {
        self.world.transport.now()
    }
}

/// Carries out a plan of a text by requests that are sent so, and gives back how it failed.
fn fails_over(
    world: &World,
    text: &str,
    send: impl Fn(Request<Bytes>) -> Result<Response<Bytes>, TransportError> + Send + Sync,
) -> ApplyError {
    let (plan, sinks) = world.try_plan(text, PlanOptions::default()).unwrap();
    let client = Client::builder(Around { world, send })
        .base_url(URL)
        .credential(Credential::Authtoken(world.authtoken.clone()))
        .build()
        .unwrap();
    let stack = client.stack(world.api_key.clone());
    stack.apply(&plan, &sinks, &mut |_| {}).unwrap().failed.unwrap().error
}

/// The same while something happens after each `POST`.
fn fails(world: &World, text: &str, happens: impl Fn() + Send + Sync) -> ApplyError {
    fails_over(world, text, |request| {
        let makes = request.method() == http::Method::POST;
        let answer = world.transport.send(request);
        if makes {
            happens();
        }
        answer
    })
}

#[test]
fn a_token_whose_value_cannot_be_kept_is_deleted_again() {
    let world = World::new();
    let folder = world.path().join(".env");
    let error = fails(&world, ONE, || std::fs::create_dir_all(&folder).unwrap());
    assert!(matches!(&error, ApplyError::Sink { made: Some(_), undo: None, .. }), "{error:?}");
    assert!(error.to_string().ends_with("that was just made is deleted again"), "{error}");
    assert!(world.stack().management_tokens().list().unwrap().is_empty());

    std::fs::remove_dir(&folder).unwrap();
    world.transport.fail_next_on(route::DELETE_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID, Fault::Status(403));
    let error = fails(&world, ONE, || std::fs::create_dir_all(&folder).unwrap());
    assert!(matches!(&error, ApplyError::Sink { made: Some(_), undo: Some(_), .. }), "{error:?}");
    assert!(error.to_string().contains("could not be deleted again (the API refused DELETE"), "{error}");
    assert!(error.fix().unwrap().contains("by hand"));
}

#[test]
fn no_token_is_made_for_a_sink_that_has_changed() {
    let world = World::new();
    for text in ["TOKEN=mine\n", "# cstok: management token `ci` blt1 of stack blt2\nTOKEN=x\n"] {
        let (plan, sinks) = world.try_plan(ONE, PlanOptions::default()).unwrap();
        std::fs::write(world.path().join(".env"), text).unwrap();
        let before = world.transport.requests();
        let failed = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap().failed.unwrap();
        let cause = std::error::Error::source(&failed.error).unwrap().to_string();
        assert!(cause.starts_with("`TOKEN` in `.env` has been changed since"), "{cause}");
        assert_eq!(world.transport.requests(), before);
        assert_eq!(world.read(".env"), text);
        std::fs::remove_file(world.path().join(".env")).unwrap();
    }
}

#[test]
fn a_sink_that_changes_while_the_token_is_made_is_not_overwritten() {
    let world = World::new();
    let file = world.path().join(".env");
    let error = fails(&world, ONE, || std::fs::write(&file, "TOKEN=mine\n").unwrap());
    assert!(matches!(&error, ApplyError::Sink { made: Some(_), undo: None, .. }), "{error:?}");
    assert_eq!(world.read(".env"), "TOKEN=mine\n");
    assert!(world.stack().management_tokens().list().unwrap().is_empty());
}

const PREVIEW: &str = r#"
[[delivery]]
name = "web"
environments = ["production"]
branches = ["main"]
preview = true
sink = { env_file = ".env", variable = "TOKEN", preview_variable = "PREVIEW" }
"#;

#[test]
fn a_token_that_stays_incomplete_is_named_and_leaves_no_dead_value() {
    let world = World::new();
    // The service as the pages describe it: creating a token with a preview token answers without the latter's value, so that
    // it takes a second request.
    let run = || {
        fails_over(&world, PREVIEW, |mut request| {
            if request.method() == http::Method::POST {
                let uri = request.uri().to_string().replace("?create%5Fwith%5Fpreview%5Ftoken=true", "");
                *request.uri_mut() = uri.replace("?create_with_preview_token=true", "").parse().unwrap();
            }
            world.transport.send(request)
        })
    };
    let preview = route::POST_STACKS_DELIVERY_TOKENS_BY_DELIVERY_TOKEN_UID_PREVIEW_TOKEN;
    world.transport.fail_next_on(preview, Fault::Status(403));
    let error = run();
    assert!(matches!(&error, ApplyError::Incomplete { undo: None, .. }), "{error:?}");
    assert!(error.to_string().contains("that was just made is deleted again"), "{error}");
    assert!(world.stack().delivery_tokens().list().unwrap().is_empty());
    assert_eq!(world.read(".env"), "", "the value of a token that is gone goes, too");

    world.transport.fail_next_on(preview, Fault::Status(403));
    world.transport.fail_next_on(route::DELETE_STACKS_DELIVERY_TOKENS_BY_TOKEN_UID, Fault::Status(403));
    let error = run();
    let uid = world.stack().delivery_tokens().list().unwrap()[0].uid.to_string();
    let text = error.to_string();
    assert!(
        text.contains(&format!("the delivery token {uid} that was just made could not be deleted")),
        "{text}"
    );
    assert!(text.ends_with(".env:TOKEN holds its value"), "{text}");
    assert!(error.fix().unwrap().contains(&uid));
    // The token is alive, and the next plan completes it.
    expect_test::expect![[r#"
        create_preview delivery web
    "#]]
    .assert_eq(&lines(&world.plan(PREVIEW)));
    world.settle(PREVIEW);
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
            let (plan, sinks) = world.try_plan(ONE, PlanOptions::default()).unwrap();
            if step == route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID {
                // The first one takes the mark off the new token.
                world.transport.fail_next_on(step, Fault::Slow(std::time::Duration::ZERO));
            }
            let get = route::GET_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID;
            // The first one finds the new token before the old one is deleted.
            world.transport.fail_next_on(get, Fault::Slow(std::time::Duration::ZERO));
            world.cut_off(step, fault, get);
            let applied = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap();
            let error = &applied.failed.as_ref().unwrap().error;
            let ApplyError::Unfinished { made, .. } = error else { panic!("{error:?}") };
            assert_eq!(applied.tokens[0].uid.as_ref(), Some(&made.uid), "it is there");
            assert!(error.to_string().contains(".env:TOKEN holds its value"), "{error}");
            assert!(error.fix().unwrap().ends_with("finishes the replacement"), "{error:?}");
            let value = world.value(".env", "TOKEN");
            let plan = world.plan(ONE);
            let lost_last =
                step == route::PUT_STACKS_MANAGEMENT_TOKENS_BY_TOKEN_UID && fault == Fault::LoseAnswer;
            assert_eq!(plan.count(Action::Replace), usize::from(!lost_last), "{}", lines(&plan));
            let finish = plan.changes().find(|step| step.action == Action::Replace);
            assert!(finish.is_none_or(|step| step.sinks.is_empty() && step.notes.is_empty()), "{finish:?}");
            world.settle(ONE);
            assert_eq!(world.value(".env", "TOKEN"), value, "the new value is kept");
            assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1);
        }
    }
}

/// Another process may take a replacement for something left over.
#[test]
fn an_old_token_stays_where_the_new_one_is_gone() {
    let world = World::new();
    world.settle(ONE);
    let old = world.stack().management_tokens().list().unwrap()[0].uid.clone();
    std::fs::remove_file(world.path().join(".env")).unwrap();
    let error = fails_over(&world, ONE, |request| {
        if request.method() == http::Method::GET && request.uri().path().contains("/management_tokens/") {
            let stack = world.stack();
            for token in stack.management_tokens().list().unwrap() {
                if token.name.contains("(replacement ") {
                    stack.management_tokens().delete(&token.uid).unwrap();
                }
            }
        }
        world.transport.send(request)
    });
    assert!(matches!(error, ApplyError::Unfinished { .. }), "{error:?}");
    let left = world.stack().management_tokens().list().unwrap();
    assert_eq!(left.iter().map(|token| &token.uid).collect::<Vec<_>>(), [&old], "the old one lives");
    world.settle(ONE);
}

/// What the rules refuse by now is found before anything is deleted, also where there is room for one token only.
#[test]
fn a_draft_that_is_over_by_now_deletes_nothing() {
    let soon = format!("{ONE}expires_on = \"2026-11-25\"\n");
    for most in [10, 1] {
        let profile = Profile::seeds().with_limit(LimitId::ManagementTokensPerStack, Some(most), "a test");
        let world = World::with(profile);
        world.settle(&soon);
        std::fs::remove_file(world.path().join(".env")).unwrap();
        let (plan, sinks) = world.try_plan(&soon, PlanOptions::default()).unwrap();
        assert_eq!(plan.count(Action::Replace), 1);
        world.transport.advance(std::time::Duration::from_secs(10 * 86_400));
        let error = world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap().failed.unwrap().error;
        assert_eq!(error.code(), "invalid", "{error:?}");
        assert_eq!(world.stack().management_tokens().list().unwrap().len(), 1, "the old one lives");
    }
}

#[test]
fn what_an_interrupted_replacement_left_is_recognised() {
    let world = World::new();
    world.settle(ONE);
    std::fs::remove_file(world.path().join(".env")).unwrap();
    let (plan, sinks) = world.try_plan(ONE, PlanOptions::default()).unwrap();
    world.cut_off(
        route::POST_STACKS_MANAGEMENT_TOKENS,
        Fault::LoseAnswer,
        route::GET_STACKS_MANAGEMENT_TOKENS,
    );
    assert!(!world.stack().apply(&plan, &sinks, &mut |_| {}).unwrap().is_complete());
    let plan = world.plan(ONE);
    assert_eq!(plan.count(Action::Replace), 1);
    let left = plan.steps.iter().find(|step| step.action == Action::Unmanaged).unwrap();
    assert!(left.why.as_ref().unwrap().starts_with("left over"));
    assert!(left.is_about_leftover());
}

#[test]
fn problems_of_the_file_are_told_even_when_the_stack_cannot_be_read() {
    let world = World::new();
    for _ in 0..4 {
        world.transport.fail_next(Fault::NoConnection);
    }
    let text = ONE.replace("sink = ", "snik = ");
    let Err(PlanError::Problems(problems)) = world.try_plan(&text, PlanOptions::default()) else { panic!() };
    assert_eq!(problems.items().len(), 1);
    for _ in 0..4 {
        world.transport.fail_next(Fault::NoConnection);
    }
    assert!(matches!(world.try_plan(ONE, PlanOptions::default()), Err(PlanError::Client(_))));
}
