//! Answers of whatever stands between: they prove nothing of what the API did.

use super::branches::{UNKNOWN, done, ended, forbidden};
use super::*;

/// What a gateway says that does not know the path.
fn page(status: u16) -> Back {
    Page(status, "<html>gateway</html>")
}

/// A refusal of the API for something else than a missing token.
fn for_else(status: u16, code: u32) -> Back {
    Json(status, json!({ "error_message": "x", "error_code": code }))
}

/// One look, as often as one that may pass is repeated.
fn three(at: &'static str, back: impl Fn() -> Back) -> Vec<(&'static str, Back)> {
    (0..3).map(|_| (at, back())).collect()
}

fn listed() -> (&'static str, Back) {
    (LIST, Json(200, json!({ "tokens": [token("blt1")] })))
}

fn delete(
    look: Vec<(&'static str, Back)>,
    rest: Vec<(&'static str, Back)>,
) -> (&'static str, Vec<Recovered>) {
    let steps = [(DELETE, LOST)].into_iter().chain(look).chain(rest).collect();
    ended(steps, |client| stack(client).delivery_tokens().delete(&uid()))
}

#[test]
fn the_list_decides_where_an_answer_proves_nothing() {
    let message = || (GET, Json(404, json!({ "message": "no such route" })));
    let general = || (GET, for_else(422, 141));
    for look in [three(GET, || page(404)), three(GET, || page(422)), vec![message()], vec![general()]] {
        let again = delete(look, vec![listed(), (DELETE, done())]);
        assert_eq!(again, ("done", vec![Recovered::Repeated]));
    }
    for look in [three(GET, || page(404)), vec![message()], vec![general()]] {
        assert_eq!(delete(look, vec![(LIST, none())]), ("done", vec![Recovered::Confirmed]));
    }
}

#[test]
fn a_token_that_cannot_be_asked_for_is_not_known_to_be_gone() {
    for code in [900, 901] {
        let both = delete(vec![(GET, for_else(422, code))], vec![(LIST, for_else(422, code))]);
        assert_eq!(both, (UNKNOWN, vec![]));
    }
    assert_eq!(delete(vec![(GET, for_else(412, 109))], vec![]), (UNKNOWN, vec![]));
    assert_eq!(delete(three(GET, || page(404)), three(LIST, || page(404))), (UNKNOWN, vec![]));
}

#[test]
fn an_update_is_not_denied_for_a_page() {
    let steps = |list| {
        let look = three(GET, || page(404));
        let steps: Vec<_> = [(PUT, LOST)].into_iter().chain(look).chain([list]).collect();
        ended(steps, |client| stack(client).delivery_tokens().update(&uid(), &web()))
    };
    assert_eq!(steps(listed()), (UNKNOWN, vec![]));
    assert_eq!(steps((LIST, none())), ("refused", vec![]), "somebody deleted it");
}

#[test]
fn a_preview_token_is_not_denied_for_a_page() {
    let steps = |write, list| {
        let before = [(GET, with_preview("old")), (write, LOST)];
        before.into_iter().chain(three(GET, || page(404))).chain([list]).collect()
    };
    let create = |client: &Client<_>| stack(client).preview_tokens().create(&uid());
    let delete = |client: &Client<_>| stack(client).preview_tokens().delete(&uid());
    assert_eq!(ended(steps(PREVIEW_POST, listed()), create), (UNKNOWN, vec![]));
    assert_eq!(ended(steps(PREVIEW_DELETE, listed()), delete), (UNKNOWN, vec![]));
    assert_eq!(ended(steps(PREVIEW_DELETE, (LIST, none())), delete), ("done", vec![]));
}

#[test]
fn a_session_is_over_when_the_api_says_so() {
    const USER: &str = "GET user";
    const LOG_OUT: &str = "DELETE user-session";
    let log_out = |look: Vec<(&'static str, Back)>| {
        let steps = [(LOG_OUT, LOST)].into_iter().chain(look).collect();
        ended(steps, |client| client.log_out())
    };
    assert_eq!(log_out(three(USER, || page(401))), (UNKNOWN, vec![]));
    let over = vec![(USER, page(401)), (USER, forbidden())];
    assert_eq!(log_out(over), ("done", vec![Recovered::Confirmed]));
    let user = || (USER, Json(200, json!({ "user": { "uid": "u" } })));
    let steps = vec![user(), (LOG_OUT, refused()), user()];
    assert_eq!(log_out(steps), ("refused", vec![Recovered::Repeated]), "it goes on");
    // What stands between says nothing of the request before.
    let steps = vec![user(), (LOG_OUT, page(401)), user(), (LOG_OUT, page(401)), user()];
    assert_eq!(log_out(steps), (UNKNOWN, vec![Recovered::Repeated, Recovered::Repeated]));
    // Nor does it end a session by saying that all is well.
    let steps = vec![user(), (LOG_OUT, Json(200, json!({ "status": "maintenance" }))), (USER, forbidden())];
    assert_eq!(log_out(steps), ("done", vec![Recovered::Repeated, Recovered::Confirmed]));
}

const HERE: &str = "https://api.contentstack.io/v3/stacks/delivery_tokens/blt1";
const EUROPE: &str = "https://eu-api.contentstack.com/v3/stacks/delivery_tokens";

#[test]
fn an_answer_that_leaves_open_what_was_done_is_a_lost_one() {
    let open = || [page(408), page(499), Elsewhere(303, HERE), Elsewhere(302, HERE), Elsewhere(302, EUROPE)];
    for back in open() {
        let steps = vec![
            (POST, back),
            (LIST, Marked(token("blt1"))),
            (GET, one(token("blt1"))),
            (PUT, one(as_sent())),
        ];
        let created = ended(steps, |client| stack(client).delivery_tokens().create(&web()));
        assert_eq!(created, ("done", vec![Recovered::Adopted]));
    }
    for back in open() {
        let steps = vec![(DELETE, back), (GET, one(token("blt1"))), (DELETE, done())];
        let deleted = ended(steps, |client| stack(client).delivery_tokens().delete(&uid()));
        assert_eq!(deleted, ("done", vec![Recovered::Repeated]));
    }
}

#[test]
fn where_nothing_tells_what_was_done_there_is_something_to_check() {
    let open = || [page(408), page(499), out_of_order(), Elsewhere(303, HERE), Elsewhere(302, "/login")];
    for back in open() {
        let (client, _) = script(vec![("POST user-session", back)]);
        let error = client.log_in("me@example.com", Secret::new("canary"), None).unwrap_err();
        assert_eq!((error.code(), error.may_have_changed()), (UNKNOWN, true), "{error:?}");
        assert!(error.fix().unwrap().contains("end sessions of the user"), "{error:?}");
    }
    for back in open() {
        let (client, _) = script_with(vec![(POST, back)], Builder::without_marks);
        let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
        assert_eq!(error.code(), UNKNOWN, "{error:?}");
        assert!(error.fix().unwrap().contains("look for one that was just made"), "{error:?}");
    }
    for back in open() {
        let (client, _) = script(vec![(DELETE, back)]);
        let delete = cs_model::endpoint::DeleteDeliveryToken::new(uid());
        let error = client.send(Some(&"blt0".parse().unwrap()), &delete).unwrap_err();
        assert_eq!(error.code(), UNKNOWN, "{error:?}");
        assert!(error.fix().unwrap().contains("whether blt1 is still there"), "{error:?}");
    }
    // What the API said is shown all the same.
    let (client, _) = script(vec![("POST user-session", Json(503, json!({ "error_message": "busy" })))]);
    let error = client.log_in("me@example.com", Secret::new("canary"), None).unwrap_err();
    assert_eq!(error.api_error().unwrap().status, 503);
    // A refusal is one, and so is whatever becomes of a request that only reads.
    let (client, _) = script(vec![("POST user-session", forbidden()), ("GET user", Elsewhere(303, HERE))]);
    assert_eq!(client.log_in("me@example.com", Secret::new("canary"), None).unwrap_err().code(), "refused");
    assert_eq!(client.user().unwrap_err().code(), "redirected");
}

#[test]
fn a_raw_write_that_is_sent_elsewhere_is_in_doubt() {
    let raw = |back| {
        let (client, _) = script(vec![(DELETE, back)]);
        let request = cs_tokens::RawRequest::new(cs_model::Method::Delete, "/v3/stacks/delivery_tokens/blt1");
        client.send_raw(Some(&"blt0".parse().unwrap()), &request).unwrap_err()
    };
    let error = raw(Elsewhere(303, HERE.split_at(8).1));
    assert_eq!(error.code(), UNKNOWN, "{error:?}");
    assert!(error.fix().unwrap().contains("is still there"), "{error:?}");
    assert_eq!(raw(Elsewhere(301, EUROPE)).code(), "redirected", "that is what is wrong");
}

#[test]
fn whoever_asks_in_the_wrong_region_is_told_so() {
    let (client, _) = script(vec![(POST, Elsewhere(301, EUROPE)), (LIST, Elsewhere(301, EUROPE))]);
    let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
    assert!(error.code() == "redirected" && error.may_have_changed(), "{error:?}");
    assert!(error.fix().unwrap().contains("`eu`"), "{error:?}");
    // Where a redirect says nothing of a region, what to look for is told.
    let (client, _) = script(vec![(POST, Elsewhere(303, HERE)), (LIST, Elsewhere(302, "/login"))]);
    let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
    assert!(error.fix().unwrap().contains("[cs-tokens:"), "{error:?}");
}
