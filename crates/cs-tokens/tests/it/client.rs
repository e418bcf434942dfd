use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use cs_model::{
    Access, DeliveryTokenDraft, Grant, ManagementTokenDraft, ModuleId, Secret, TokenUid, ViolationId,
};
use cs_server::in_process::URL;
use cs_tokens::{Client, Credential, Error};

use crate::world::World;

#[test]
fn a_delivery_token_lives_and_dies() {
    let world = World::new();
    let tokens_of = world.stack();
    let tokens = tokens_of.delivery_tokens();
    let draft = DeliveryTokenDraft::new("web").environment("production").branches(Grant::All);
    let checked = tokens.check(draft.clone()).unwrap();
    let made = tokens.create_with_preview(&checked).unwrap();
    assert!(made.token.is_some() && made.preview_token.is_some());
    assert_eq!(made.to_draft().branches, Grant::only(["main", "development"]));
    assert_eq!(tokens.list().unwrap().len(), 1);

    let taken = tokens.check(draft).unwrap_err();
    let Error::Invalid(violations) = taken else { panic!("{taken:?}") };
    assert_eq!(violations.items()[0].rule, ViolationId::NameTaken);

    let changed = tokens.check_update(&made.uid, made.to_draft().description("new")).unwrap();
    let changed = tokens.update(&made.uid, &changed).unwrap();
    assert_eq!(changed.description.as_deref(), Some("new"));

    let preview = tokens_of.preview_tokens();
    let other = preview.create(&made.uid).unwrap();
    assert!(!other.value.same_as(made.preview_token.as_ref().unwrap()), "the one before stops working");
    preview.delete(&made.uid).unwrap();
    assert!(tokens.get(&made.uid).unwrap().preview_token.is_none());

    tokens.delete(&made.uid).unwrap();
    let gone = tokens.get(&made.uid).unwrap_err();
    assert_eq!(gone.code(), "refused");
    assert!(gone.fix().is_some());
    let second = tokens.create(&checked).unwrap();
    tokens.force_delete(&second.uid).unwrap();
}

#[test]
fn a_management_token_shows_its_value_once() {
    let world = World::new();
    let stack = world.stack();
    let tokens = stack.management_tokens();
    let draft = ManagementTokenDraft::new("ci")
        .module(ModuleId::Entry, Access::ReadWrite)
        .branches(Grant::only(["main"]));
    let made = tokens.create(&tokens.check(draft).unwrap()).unwrap();
    assert!(made.token.is_some());
    assert!(tokens.get(&made.uid).unwrap().token.is_none());
    assert!(tokens.list().unwrap().iter().all(|token| token.token.is_none()));
    let draft = made.to_draft().expiry("2027-06-30".parse().unwrap());
    let changed = tokens.update(&made.uid, &tokens.check_update(&made.uid, draft).unwrap()).unwrap();
    assert_eq!(changed.expiry().to_string(), "2027-06-30");
    tokens.delete(&made.uid).unwrap();
    assert!(tokens.list().unwrap().is_empty());
}

#[test]
fn a_session_begins_and_ends() {
    let world = World::new();
    let anonymous = |credential| {
        cs_tokens::blocking::Client::builder(Arc::clone(&world.transport))
            .base_url(URL)
            .credential(credential)
            .build()
            .unwrap()
    };
    let wrong =
        anonymous(Credential::None).log_in(cs_server::demo::EMAIL, Secret::new("canary"), None).unwrap_err();
    assert_eq!(wrong.code(), "refused");
    assert!(!format!("{wrong:?}").contains("canary"));

    let password = Secret::new(cs_server::demo::PASSWORD);
    let user = anonymous(Credential::None).log_in(cs_server::demo::EMAIL, password, None).unwrap();
    let client = anonymous(user.session().unwrap().into());
    assert_eq!(client.user().unwrap().uid, user.uid);
    assert_eq!(client.stacks(None).unwrap()[0].api_key, world.api_key);
    client.log_out().unwrap();
    let ended = client.user().unwrap_err();
    assert!(ended.api_error().unwrap().is_authentication(), "{ended:?}");
}

#[test]
fn a_second_factor_is_asked_for_once_and_only_when_it_is_wanted() {
    let world = World::new();
    let (service, now) = (world.transport.service(), world.transport.time());
    let anonymous =
        cs_tokens::blocking::Client::builder(Arc::clone(&world.transport)).base_url(URL).build().unwrap();
    let password = || Secret::new(cs_server::demo::PASSWORD);
    let email = cs_server::demo::EMAIL;
    let user =
        anonymous.log_in_with_code(email, password(), || panic!("there is no second factor yet")).unwrap();
    service.admin(now).enroll_authenticator(&user.uid, None).unwrap();

    let given_up = anonymous.log_in_with_code(email, password(), || None).unwrap_err();
    assert!(given_up.wants_second_factor(), "{given_up:?}");
    assert!(!given_up.api_error().unwrap().is_authentication(), "no session is over");
    let wrong = anonymous
        .log_in_with_code(email, Secret::new("canary"), || panic!("the password is wrong"))
        .unwrap_err();
    assert!(!wrong.wants_second_factor());

    let code = service.admin(now).authenticator_code(&user.uid).unwrap().unwrap();
    let mut asked = 0;
    let user = anonymous
        .log_in_with_code(email, password(), || {
            asked += 1;
            Some(code.clone())
        })
        .unwrap();
    assert_eq!(asked, 1);
    let client = world.client.with_credential(user.session().unwrap().into());
    client.log_out().unwrap();
    assert!(client.user().unwrap_err().api_error().unwrap().is_authentication(), "the service forgot it");
}

#[test]
fn a_management_token_is_not_let_near_tokens() {
    let world = World::new();
    let client = cs_tokens::blocking::Client::builder(Arc::clone(&world.transport))
        .base_url(URL)
        .credential(Credential::Management(Secret::new("canary")))
        .build()
        .unwrap();
    let before = world.transport.requests();
    let denied = client.stack(world.api_key.clone()).management_tokens().list().unwrap_err();
    assert_eq!(denied.code(), "denied");
    assert_eq!(world.transport.requests(), before, "nothing was sent");
}

#[test]
fn the_preview_delete_may_carry_both_credentials() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let transport = cs_transport::from_fn(move |request: http::Request<bytes::Bytes>| {
        let names =
            ["authtoken", "authorization"].iter().filter(|name| request.headers().contains_key(**name));
        let sensitive = request.headers().iter().filter(|(_, value)| value.is_sensitive()).count();
        record.lock().unwrap().push((request.method().to_string(), names.count(), sensitive));
        Ok(http::Response::new(bytes::Bytes::from(
            r#"{"notice":"done","token":{"uid":"blt1","preview_token":"x"}}"#,
        )))
    });
    let client = cs_tokens::blocking::Client::builder(transport)
        .region("na")
        .credential(Credential::Authtoken(Secret::new("a")))
        .build()
        .unwrap();
    let stack = client.stack("blt1".parse().unwrap());
    let preview = stack.preview_tokens().with_management_token(Secret::new("m"));
    let uid = TokenUid::new("blt1").unwrap();
    preview.create(&uid).unwrap();
    preview.delete(&uid).unwrap();
    let expected = [("GET", 1, 1), ("POST", 1, 1), ("GET", 1, 1), ("DELETE", 2, 2)];
    let seen = seen.lock().unwrap();
    let seen: Vec<_> =
        seen.iter().map(|(method, names, marked)| (method.as_str(), *names, *marked)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_second_credential_that_cannot_go_along_is_told() {
    let held = [
        (Credential::Authtoken(Secret::new("a")), 2, false),
        (Credential::OAuth(Secret::new("o")), 1, true),
        (Credential::Management(Secret::new("n")), 1, true),
    ];
    for (credential, headers, is_told) in held {
        let (seen, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (sent, heard) = (Arc::clone(&seen), Arc::clone(&told));
        let transport = cs_transport::from_fn(move |request: http::Request<bytes::Bytes>| {
            if request.method() == http::Method::DELETE {
                let names = ["authtoken", "authorization"];
                let there = names.iter().filter(|name| request.headers().contains_key(**name));
                sent.store(there.count(), SeqCst);
            }
            let body = r#"{"notice":"done","token":{"uid":"blt1","preview_token":"x"}}"#;
            Ok(http::Response::new(bytes::Bytes::from(body)))
        });
        let client = cs_tokens::blocking::Client::builder(transport)
            .region("na")
            .credential(credential)
            .on_caution(move |caution| {
                heard.fetch_add(usize::from(caution.says.contains("left out")), SeqCst);
            })
            .build()
            .unwrap();
        let stack = client.stack("blt1".parse().unwrap());
        let uid = TokenUid::new("blt1").unwrap();
        let outcome = stack.preview_tokens().with_management_token(Secret::new("m")).delete(&uid);
        // What a client with a management token may not do is another matter.
        if outcome.is_ok() {
            assert_eq!(seen.load(SeqCst), headers);
        }
        assert_eq!(told.load(SeqCst), usize::from(is_told));
    }
}

/// The async face, on a runtime of one poll: the service in process never keeps anybody waiting.
#[test]
fn the_async_client_does_the_same() {
    fn is_send<F: Future + Send>(future: F) -> F {
        future
    }
    let world = World::new();
    let client = Client::builder(Arc::clone(&world.transport))
        .base_url(URL)
        .credential(Credential::Authtoken(world.authtoken.clone()))
        .build()
        .unwrap();
    let stack = client.stack(world.api_key.clone());
    let inventory = cs_transport::ready(is_send(stack.inventory())).unwrap().unwrap();
    assert_eq!(inventory.names, world.stack().names().unwrap());
    let declaration = cs_tokens::Declaration::read("a.toml", "");
    let sinks = cs_tokens::Sinks::read(world.path(), &declaration);
    let plan = is_send(stack.plan(&declaration, &sinks, cs_tokens::PlanOptions::default()));
    let plan = cs_transport::ready(plan).unwrap().unwrap();
    let mut progress = |_: &cs_tokens::Event<'_>| {};
    assert!(cs_transport::ready(is_send(stack.apply(&plan, &sinks, &mut progress))).unwrap().is_complete());
}
