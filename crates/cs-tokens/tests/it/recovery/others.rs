//! Preview tokens and sessions: what tells what became of a request about them.

use super::*;

#[test]
fn a_preview_token_is_known_by_its_value() {
    let create = |client: &Client<_>| stack(client).preview_tokens().create(&uid());
    let (client, _) =
        script(vec![(GET, one(token("blt1"))), (PREVIEW_POST, LOST), (GET, with_preview("new"))]);
    assert_eq!(create(&client).unwrap().value.reveal(), "new");
    let repeated = |second, looks: Vec<_>| {
        let mut steps = vec![(GET, with_preview("old")), (PREVIEW_POST, LOST), (GET, with_preview("old"))];
        steps.push((PREVIEW_POST, second));
        steps.extend(looks.into_iter().map(|look| (GET, look)));
        script(steps)
    };
    // The first one was late, so that its value is the one that counts; or both were, one after the other.
    for looks in [vec!["newer", "newer"], vec!["new", "newer", "newer"]] {
        for second in [LOST, with_preview("new")] {
            let (client, events) = repeated(second, looks.iter().map(|value| with_preview(value)).collect());
            assert_eq!(create(&client).unwrap().value.reveal(), "newer");
            assert_eq!(heard(&events), [Recovered::Repeated, Recovered::Confirmed]);
        }
    }
    // Somebody else makes others all the time, deletes it, or the token; or nothing can be read.
    for looks in [
        ["1", "2", "3", "4"].map(with_preview).into(),
        vec![with_preview("new"), one(token("blt1"))],
        vec![with_preview("new"), gone()],
        vec![with_preview("new"), LOST, LOST, LOST],
    ] {
        let (client, events) = repeated(LOST, looks);
        assert_eq!(create(&client).unwrap_err().code(), "outcome_unknown");
        assert_eq!(heard(&events), [Recovered::Repeated]);
    }
}

#[test]
fn a_preview_token_that_somebody_else_made_meanwhile_stays() {
    let delete = |client: &Client<_>| stack(client).preview_tokens().delete(&uid());
    for after in [one(token("blt1")), with_preview("theirs"), gone()] {
        let (client, _) = script(vec![(GET, with_preview("old")), (PREVIEW_DELETE, LOST), (GET, after)]);
        delete(&client).unwrap();
    }
    let (client, events) = script(vec![
        (GET, with_preview("old")),
        (PREVIEW_DELETE, LOST),
        (GET, with_preview("old")),
        (PREVIEW_DELETE, Json(200, json!({ "notice": "x" }))),
    ]);
    delete(&client).unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated]);
}

#[test]
fn a_session_that_is_refused_has_ended() {
    const USER: &str = "GET user";
    const LOG_OUT: &str = "DELETE user-session";
    let over = || Json(401, json!({ "error_code": 105 }));
    let user = || Json(200, json!({ "user": { "uid": "u" } }));
    let (client, _) = script(vec![(LOG_OUT, LOST), (USER, over())]);
    client.log_out().unwrap();
    let (client, events) = script(vec![(LOG_OUT, LOST), (USER, user()), (LOG_OUT, over())]);
    client.log_out().unwrap();
    assert_eq!(heard(&events), [Recovered::Repeated, Recovered::Confirmed]);
    let (client, _) = script(vec![(LOG_OUT, LOST), (USER, LOST), (USER, LOST), (USER, LOST)]);
    assert_eq!(client.log_out().unwrap_err().code(), "outcome_unknown");
}

#[test]
fn nobody_knows_of_a_session_whose_login_was_lost() {
    let (client, _) = script(vec![("POST user-session", LOST)]);
    let error = client.log_in("me@example.com", Secret::new("canary"), None).unwrap_err();
    assert_eq!(error.code(), "outcome_unknown");
    assert!(error.fix().unwrap().contains("sessions of the user"), "{error:?}");
}
