//! The branches that are left: what fails while something is looked up, and what is given up.

use super::*;

/// What a write came to, `done` or the code of its error, and what was done about lost answers.
pub(super) fn ended<T>(
    steps: Vec<(&'static str, Back)>,
    write: impl FnOnce(&Client<MockBlockingTransport>) -> Result<T, Error>,
) -> (&'static str, Vec<Recovered>) {
    let (client, events) = script(steps);
    let code = write(&client).map_or_else(|error| error.code(), |_| "done");
    (code, heard(&events))
}

pub(super) fn forbidden() -> Back {
    Json(401, json!({ "error_message": "x", "error_code": 105 }))
}

pub(super) fn done() -> Back {
    Json(200, json!({ "notice": "x" }))
}

fn odd() -> Back {
    Json(200, json!({ "odd": 1 }))
}

fn marked(uid: &str) -> Back {
    Marked(token(uid))
}

pub(super) const UNKNOWN: &str = "outcome_unknown";

mod creations {
    use super::*;

    fn create(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).delivery_tokens().create(&web()))
    }

    fn create_management(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).management_tokens().create(&ci()))
    }

    #[test]
    fn a_token_is_made_although_its_twins_cannot_be_looked_for() {
        let steps = vec![
            (POST, LOST),
            (LIST, none()),
            (POST, one(token("blt1"))),
            (LIST, forbidden()),
            (PUT, one(as_sent())),
        ];
        assert_eq!(create(steps), ("done", vec![Recovered::Repeated, Recovered::TwinsNotSought]));
    }

    #[test]
    fn a_token_is_made_although_its_twin_cannot_be_deleted() {
        let steps = vec![
            (POST, LOST),
            (LIST, none()),
            (POST, one(token("blt2"))),
            (LIST, marked("blt1")),
            (DELETE, forbidden()),
            ("PUT delivery_tokens/blt2", one(as_sent())),
        ];
        assert_eq!(create(steps), ("done", vec![Recovered::Repeated, Recovered::TwinLeft]));
    }

    #[test]
    fn what_a_creation_leaves_is_told_with_what_to_do() {
        let told = |look: Back, rest: Vec<(&'static str, Back)>| {
            let steps = vec![
                (MANAGEMENT_POST, LOST),
                (MANAGEMENT_LIST, none()),
                (MANAGEMENT_POST, one(token("blt2"))),
                (MANAGEMENT_LIST, look),
            ];
            let texts = Arc::new(Mutex::new(Vec::new()));
            let note = Arc::clone(&texts);
            let steps = steps.into_iter().chain(rest).collect();
            let (client, _) = script_with(steps, move |builder| {
                builder.marks_from(|| Some(7)).on_recovery(move |event| {
                    assert_eq!(event.left.is_some(), event.what.leaves_work());
                    note.lock().unwrap().push(event.to_string());
                })
            });
            let made = stack(&client).management_tokens().create(&ci()).unwrap();
            assert!(made.token.is_some(), "the value is not lost");
            let texts = texts.lock().unwrap();
            texts[1..].to_vec()
        };
        let taken_off = || ("PUT management_tokens/blt2", one(token("blt2")));
        let twin = "POST /v3/stacks/management_tokens made a second token when its answer was lost, which is alive and could \
                    not be deleted (blt1): delete it";
        assert_eq!(told(marked("blt1"), vec![(MANAGEMENT_DELETE, forbidden()), taken_off()]), [twin]);
        let texts = told(forbidden(), vec![taken_off()]);
        let mark = format!("[cs-tokens:{:032x}]", 7);
        let left = format!(
            "(blt2): look for a management token of the stack whose description ends in {mark} other than that one, and delete it"
        );
        assert!(texts.len() == 1 && texts[0].ends_with(&left), "{texts:?}");
        let texts = told(none(), vec![("PUT management_tokens/blt2", refused())]);
        let left = format!("(blt2): take {mark} off its description");
        assert!(texts.len() == 1 && texts[0].ends_with(&left), "{texts:?}");
    }

    #[test]
    fn nothing_is_made_without_chance() {
        let (client, _) = script_with(vec![], |builder| builder.marks_from(|| None));
        let error = stack(&client).delivery_tokens().create(&web()).unwrap_err();
        assert!(error.code() == "no_random" && !error.may_have_changed(), "{error:?}");
    }

    #[test]
    fn of_two_that_bear_the_mark_one_is_taken_over() {
        let both = || Marked(json!([token("blt1"), token("blt2")]));
        let other = "DELETE delivery_tokens/blt2";
        let steps = |deleted: Back, rest: Vec<(&'static str, Back)>| {
            let steps = vec![(POST, LOST), (LIST, both()), (GET, one(token("blt1"))), (other, deleted)];
            steps.into_iter().chain(rest).collect()
        };
        assert_eq!(
            create(steps(done(), vec![(PUT, one(as_sent()))])),
            ("done", vec![Recovered::Removed, Recovered::Adopted])
        );
        // Which of them would stay is not known then.
        assert_eq!(create(steps(forbidden(), vec![])), (UNKNOWN, vec![]));
    }

    #[test]
    fn an_orphan_that_cannot_be_read_is_not_known() {
        let steps = vec![(POST, LOST), (LIST, marked("blt1")), (GET, forbidden())];
        assert_eq!(create(steps), (UNKNOWN, vec![]));
    }

    #[test]
    fn an_orphan_behind_a_refusal_is_deleted_and_made_anew() {
        let steps = vec![
            (MANAGEMENT_POST, LOST),
            (MANAGEMENT_LIST, none()),
            (MANAGEMENT_POST, refused()),
            (MANAGEMENT_LIST, marked("blt1")),
            (MANAGEMENT_DELETE, done()),
            (MANAGEMENT_POST, one(token("blt2"))),
            (MANAGEMENT_LIST, none()),
            ("PUT management_tokens/blt2", one(token("blt2"))),
        ];
        let told = vec![Recovered::Repeated, Recovered::Removed, Recovered::Repeated];
        assert_eq!(create_management(steps), ("done", told));
    }

    #[test]
    fn an_answer_without_the_value_is_a_lost_one() {
        let steps = vec![
            (MANAGEMENT_POST, one(json!({ "uid": "blt1" }))),
            (MANAGEMENT_LIST, marked("blt1")),
            (MANAGEMENT_DELETE, done()),
            (MANAGEMENT_POST, one(token("blt2"))),
            (MANAGEMENT_LIST, none()),
            ("PUT management_tokens/blt2", one(token("blt2"))),
        ];
        assert_eq!(create_management(steps), ("done", vec![Recovered::Removed, Recovered::Repeated]));
        let steps = vec![(MANAGEMENT_POST, LOST), (MANAGEMENT_LIST, forbidden())];
        assert_eq!(create_management(steps), (UNKNOWN, vec![]));
    }
}

mod changes {
    use super::*;

    fn update(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).delivery_tokens().update(&uid(), &web()))
    }

    fn delete(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).delivery_tokens().delete(&uid()))
    }

    fn there() -> (&'static str, Back) {
        (GET, one(token("blt1")))
    }

    const TWICE: [Recovered; 2] = [Recovered::Repeated; 2];

    #[test]
    fn an_update_is_given_up_after_three() {
        let steps = vec![(PUT, LOST), there(), (PUT, LOST), there(), (PUT, LOST), there()];
        assert_eq!(update(steps), (UNKNOWN, TWICE.to_vec()));
    }

    #[test]
    fn what_an_update_is_refused_for_is_told() {
        assert_eq!(update(vec![(PUT, refused())]), ("refused", vec![]));
        let steps = vec![(PUT, LOST), there(), (PUT, refused()), (GET, gone())];
        assert_eq!(update(steps), ("refused", vec![Recovered::Repeated]));
    }

    #[test]
    fn a_look_is_repeated_when_its_answer_says_nothing() {
        let steps = vec![(PUT, LOST), (GET, odd()), (GET, one(as_sent()))];
        assert_eq!(update(steps), ("done", vec![Recovered::Confirmed]));
        assert_eq!(update(vec![(PUT, LOST), (GET, forbidden())]), (UNKNOWN, vec![]));
        let steps = vec![(DELETE, LOST), (GET, odd()), (GET, gone())];
        assert_eq!(delete(steps), ("done", vec![Recovered::Confirmed]));
        assert_eq!(delete(vec![(DELETE, LOST), (GET, forbidden())]), (UNKNOWN, vec![]));
    }

    #[test]
    fn a_deletion_is_given_up_after_three() {
        let steps = vec![(DELETE, LOST), there(), (DELETE, LOST), there(), (DELETE, LOST), there()];
        assert_eq!(delete(steps), (UNKNOWN, TWICE.to_vec()));
    }

    #[test]
    fn what_a_deletion_is_refused_for_is_told() {
        let steps = vec![(DELETE, LOST), there(), (DELETE, refused()), there()];
        assert_eq!(delete(steps), ("refused", vec![Recovered::Repeated]));
    }

    #[test]
    fn management_tokens_are_looked_up_as_well() {
        const PUT: &str = "PUT management_tokens/blt1";
        const GET: &str = "GET management_tokens/blt1";
        let mut body = ci().draft().body(&cs_model::StackNames::default())["token"].take();
        body["uid"] = json!("blt1");
        let update = |client: &Client<_>| stack(client).management_tokens().update(&uid(), &ci());
        let steps = vec![(PUT, LOST), (GET, one(token("blt1"))), (PUT, LOST), (GET, one(body))];
        assert_eq!(ended(steps, update), ("done", vec![Recovered::Repeated, Recovered::Confirmed]));
        let delete = |client: &Client<_>| stack(client).management_tokens().delete(&uid());
        let steps = vec![(MANAGEMENT_DELETE, LOST), (GET, gone())];
        assert_eq!(ended(steps, delete), ("done", vec![Recovered::Confirmed]));
    }
}

mod previews {
    use super::*;

    fn create(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).preview_tokens().create(&uid()))
    }

    fn delete(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| stack(client).preview_tokens().delete(&uid()))
    }

    fn without() -> (&'static str, Back) {
        (GET, one(token("blt1")))
    }

    fn old() -> (&'static str, Back) {
        (GET, with_preview("old"))
    }

    #[test]
    fn a_value_that_the_answer_lacks_is_read() {
        let made = || (PREVIEW_POST, one(token("blt1")));
        assert_eq!(create(vec![without(), made(), (GET, with_preview("new"))]), ("done", vec![]));
        assert_eq!(create(vec![without(), made(), without()]), ("no_value", vec![]));
        // It is made, whether it can be read or not.
        for looks in [vec![(GET, LOST), (GET, LOST), (GET, LOST)], vec![(GET, forbidden())]] {
            let steps = [without(), made()].into_iter().chain(looks).collect();
            let (client, _) = script(steps);
            let error = stack(&client).preview_tokens().create(&uid()).unwrap_err();
            assert!(error.code() == UNKNOWN && error.may_have_changed(), "{error:?}");
            assert!(error.fix().unwrap().contains("look at its preview token"), "{error:?}");
        }
    }

    #[test]
    fn what_a_creation_is_refused_for_is_told() {
        assert_eq!(create(vec![(GET, forbidden())]), ("refused", vec![]));
        assert_eq!(create(vec![without(), (PREVIEW_POST, refused())]), ("refused", vec![]));
        let lost = || (PREVIEW_POST, LOST);
        assert_eq!(create(vec![without(), lost(), (GET, gone())]), ("refused", vec![]));
        let steps = vec![without(), lost(), without(), (PREVIEW_POST, refused()), without()];
        assert_eq!(create(steps), ("refused", vec![Recovered::Repeated]));
    }

    #[test]
    fn a_creation_is_given_up_after_three() {
        let lost = || (PREVIEW_POST, LOST);
        assert_eq!(create(vec![without(), lost(), (GET, forbidden())]), (UNKNOWN, vec![]));
        let steps = vec![without(), lost(), without(), lost(), without(), lost(), without()];
        assert_eq!(create(steps), (UNKNOWN, vec![Recovered::Repeated; 2]));
    }

    #[test]
    fn a_deletion_where_there_is_none_ends_when_it_is_answered() {
        let steps = vec![without(), (PREVIEW_DELETE, LOST), without(), (PREVIEW_DELETE, done())];
        assert_eq!(delete(steps), ("done", vec![Recovered::Repeated]));
        let steps = vec![without(), (PREVIEW_DELETE, LOST), (GET, with_preview("theirs"))];
        assert_eq!(delete(steps), ("done", vec![Recovered::Confirmed]), "another one was made meanwhile");
    }

    #[test]
    fn what_a_deletion_is_refused_for_is_told() {
        let steps = vec![old(), (PREVIEW_DELETE, LOST), old(), (PREVIEW_DELETE, refused()), old()];
        assert_eq!(delete(steps), ("refused", vec![Recovered::Repeated]));
        assert_eq!(delete(vec![old(), (PREVIEW_DELETE, refused())]), ("refused", vec![]));
    }

    #[test]
    fn a_deletion_is_given_up_after_three() {
        let lost = || (PREVIEW_DELETE, LOST);
        assert_eq!(delete(vec![old(), lost(), (GET, forbidden())]), (UNKNOWN, vec![]));
        let steps = vec![old(), lost(), old(), lost(), old(), lost(), old()];
        assert_eq!(delete(steps), (UNKNOWN, vec![Recovered::Repeated; 2]));
    }
}

mod sessions {
    use super::*;

    const USER: &str = "GET user";
    const LOG_OUT: &str = "DELETE user-session";

    fn log_out(steps: Vec<(&'static str, Back)>) -> (&'static str, Vec<Recovered>) {
        ended(steps, |client| client.log_out())
    }

    fn user() -> (&'static str, Back) {
        (USER, Json(200, json!({ "user": { "uid": "u" } })))
    }

    #[test]
    fn what_a_logout_is_refused_for_is_told() {
        assert_eq!(log_out(vec![(LOG_OUT, forbidden())]), ("refused", vec![]));
        let steps = vec![(LOG_OUT, LOST), user(), (LOG_OUT, refused()), user()];
        assert_eq!(log_out(steps), ("refused", vec![Recovered::Repeated]));
    }

    #[test]
    fn a_logout_is_given_up_after_three() {
        let steps = vec![(LOG_OUT, LOST), user(), (LOG_OUT, LOST), user(), (LOG_OUT, LOST), user()];
        assert_eq!(log_out(steps), (UNKNOWN, vec![Recovered::Repeated; 2]));
    }
}
