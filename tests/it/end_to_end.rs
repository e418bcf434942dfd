//! One script, every way to the service: in process, reqwest on a socket, ureq on a socket; async and blocking.

use std::path::Path;
use std::sync::Arc;

use cs_model::{
    Access, Against, ApiKey, DeliveryTokenDraft, Draft, Expiry, Grant, ManagementTokenDraft, Module,
    ModuleId, Profile, Secret,
};
use cs_server::demo::{self, Demo};
use cs_server::in_process::InProcess;
use cs_server::store::RedbStore;
use cs_server::{Options, Service};
use cs_tokens::plan::{Action, PlanOptions};
use cs_tokens::{Client, Credential, Declaration, Error, Sinks};
use cs_transport::{Ready, ReqwestTransport, Settings, Transport, UreqTransport, ready};
use jiff::Timestamp;

fn service(now: Timestamp, options: Options) -> (Arc<Service>, Demo) {
    let service = Arc::new(Service::new(RedbStore::memory().unwrap(), options));
    let demo = demo::ensure(&service, now).unwrap();
    (service, demo)
}

/// The service on a socket of loopback, for the life of the test process.
fn socket() -> (String, Demo) {
    // Ten writes a second would only make this slow; in process, where waiting is free, they are on.
    let (service, demo) = service(Timestamp::now(), Options::default().no_rate_limit());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            cs_server::http::serve(listener, service, std::future::pending()).await.unwrap();
        });
    });
    (format!("http://{}", receiver.recv().unwrap()), demo)
}

#[test]
fn in_process() {
    let start = "2026-11-21T12:00:00Z".parse().unwrap();
    let (service, demo) = service(start, Options::default());
    let transport = InProcess::at(service, start);
    ready(script(&transport, "http://localhost", &demo)).unwrap();
}

#[test]
fn over_reqwest() {
    let (url, demo) = socket();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let transport = ReqwestTransport::new(&Settings::default()).unwrap();
    runtime.block_on(script(&transport, &url, &demo));
}

#[test]
fn over_ureq() {
    let (url, demo) = socket();
    let transport = Ready(UreqTransport::new(&Settings::default()).unwrap());
    ready(script(&transport, &url, &demo)).unwrap();
}

/// Every request of the tokens reference, and what surrounds them, with the refusals that matter.
async fn script<T: Transport>(transport: &T, url: &str, demo: &Demo) {
    let client =
        |credential| Client::builder(transport).base_url(url).credential(credential).build().unwrap();
    let profile = Profile::seeds();

    // A session
    let anonymous = client(Credential::None);
    let wrong = anonymous.log_in(&demo.email, Secret::new("wrong"), None).await.unwrap_err();
    assert_eq!(refusal(&wrong), (422, Some(104)));
    let user = anonymous.log_in(&demo.email, Secret::new(&*demo.password), None).await.unwrap();
    let session = client(Credential::Authtoken(user.session().unwrap().value));
    assert_eq!(session.user().await.unwrap().email.as_deref(), Some(&*demo.email));
    let stacks = session.stacks(None).await.unwrap();
    assert!(stacks.iter().any(|stack| stack.api_key == demo.api_key));

    // Names
    let stack = session.stack(demo.api_key.clone());
    let names = stack.names().await.unwrap();
    assert_eq!(names.environments.iter().collect::<Vec<_>>(), ["production", "staging"]);
    assert_eq!(names.branches.iter().collect::<Vec<_>>(), ["development", "main"]);
    assert_eq!(names.aliases.iter().collect::<Vec<_>>(), ["deploy", "release"]);

    // Delivery tokens
    let tokens = stack.delivery_tokens();
    let draft = DeliveryTokenDraft::new("e2e delivery")
        .environment("production")
        .branches(Grant::All)
        .aliases(Grant::only(["deploy"]));
    let made = tokens.create(&tokens.check(draft.clone()).await.unwrap()).await.unwrap();
    let value = made.token.clone().unwrap();
    let read = tokens.get(&made.uid).await.unwrap();
    assert!(read.token.as_ref().unwrap().same_as(&value));
    assert_eq!(read.to_draft().branches, Grant::only(["development", "main"]));
    let taken = tokens.check(draft.clone()).await.unwrap_err();
    assert!(
        matches!(&taken, Error::Invalid(found) if found.items()[0].rule.name() == "name.taken"),
        "{taken:?}"
    );
    let mut change = read.to_draft();
    change.environments = ["staging".to_owned()].into();
    let checked = tokens.check_update(&made.uid, change.clone()).await.unwrap();
    let updated = tokens.update(&made.uid, &checked).await.unwrap();
    assert_eq!(updated.to_draft(), change);
    assert!(
        tokens.get(&made.uid).await.unwrap().token.unwrap().same_as(&value),
        "the value remains constant"
    );
    assert!(tokens.list().await.unwrap().iter().any(|token| token.uid == made.uid));

    // Preview tokens
    let preview = stack.preview_tokens().create(&made.uid).await.unwrap();
    let seen = tokens.get(&made.uid).await.unwrap().preview_token.unwrap();
    assert!(seen.same_as(&preview.value));
    stack.preview_tokens().delete(&made.uid).await.unwrap();
    assert!(tokens.get(&made.uid).await.unwrap().preview_token.is_none());
    tokens.delete(&made.uid).await.unwrap();
    let gone = tokens.get(&made.uid).await.unwrap_err();
    assert!(matches!(gone, Error::Refused { .. }), "{gone:?}");
    let both =
        DeliveryTokenDraft::new("e2e with preview").environment("staging").branches(Grant::only(["main"]));
    let both = tokens.create_with_preview(&tokens.check(both).await.unwrap()).await.unwrap();
    assert!(both.preview_token.is_some());
    tokens.force_delete(&both.uid).await.unwrap();

    // Management tokens
    let tokens = stack.management_tokens();
    let draft = ManagementTokenDraft::new("e2e management")
        .module(ModuleId::Entry, Access::Read)
        .branches(Grant::only(["main"]))
        .expiry("2099-12-10".parse::<Expiry>().unwrap());
    let made = tokens.create(&tokens.check(draft.clone()).await.unwrap()).await.unwrap();
    let value = made.token.clone().unwrap();
    assert!(tokens.get(&made.uid).await.unwrap().token.is_none(), "the value is shown once");
    let change = draft.module(Module::All, Access::ReadWrite);
    let checked = tokens.check_update(&made.uid, change.clone()).await.unwrap();
    assert_eq!(tokens.update(&made.uid, &checked).await.unwrap().to_draft(), change);

    // A management token may not manage tokens: refused here, before anything is sent, and there.
    let by_token = client(Credential::Management(value));
    let denied = by_token.stack(demo.api_key.clone()).delivery_tokens().list().await.unwrap_err();
    assert!(matches!(denied, Error::Denied(_)), "{denied:?}");
    tokens.delete(&made.uid).await.unwrap();

    // A draft that breaks the rules is never sent.
    let two = DeliveryTokenDraft::new("two").environment("production").environment("staging");
    assert!(two.check(&Against::new(&profile, transport.now())).is_err());

    // Another stack
    let other = session.stack(ApiKey::new("blt0000000000000000").unwrap());
    assert_eq!(refusal(&other.delivery_tokens().list().await.unwrap_err()), (412, Some(109)));

    plan_and_apply(&session, &demo.api_key).await;

    session.log_out().await.unwrap();
    assert_eq!(refusal(&session.user().await.unwrap_err()), (401, Some(105)));
}

/// The example file, from nothing to "no changes", and back.
async fn plan_and_apply<T: Transport>(client: &Client<T>, api_key: &ApiKey) {
    let text = std::fs::read_to_string(cs_tests::root().join("examples/shop.toml")).unwrap();
    let declaration = Declaration::parse("examples/shop.toml", &text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let stack = client.stack(api_key.clone());
    let plan = |root: &Path| Sinks::read(root, &declaration);

    let sinks = plan(folder.path());
    let first = stack.plan(&declaration, &sinks, PlanOptions::default()).await.unwrap();
    assert!(first.changes().all(|step| step.action == Action::Create), "{first:?}");
    let applied = stack.apply(&first, &sinks, &mut |_| {}).await;
    assert!(applied.is_complete(), "{:?}", applied.failed);

    let again = stack.plan(&declaration, &plan(folder.path()), PlanOptions::default()).await.unwrap();
    assert!(!again.has_changes, "{again:?}");

    let empty = Declaration::parse("empty.toml", "").unwrap();
    let sinks = Sinks::read(folder.path(), &empty);
    let prune = stack.plan(&empty, &sinks, PlanOptions::default().prune()).await.unwrap();
    assert_eq!(prune.count(Action::Delete), first.changes().count());
    assert!(stack.apply(&prune, &sinks, &mut |_| {}).await.is_complete());
    assert!(stack.delivery_tokens().list().await.unwrap().is_empty());
}

fn refusal(error: &Error) -> (u16, Option<u32>) {
    match error {
        Error::Refused { answer, .. } => (answer.status, answer.code),
        other => panic!("not refused by the API: {other:?}"),
    }
}
