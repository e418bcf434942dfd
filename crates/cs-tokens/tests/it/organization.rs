//! The organization of a client, and what is known of whose stacks are whose.

use std::sync::Arc;

use cs_model::Profile;
use cs_server::in_process::{InProcess, URL};
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_tokens::Credential;
use cs_tokens::blocking::Client;

use crate::world::START;

#[test]
fn under_single_sign_on_the_organization_opens_its_stacks() {
    let start: jiff::Timestamp = START.parse().unwrap();
    let profile = Profile::find("documented-2026").unwrap();
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default().profile(profile.clone())));
    let demo = demo::ensure(&service, start).unwrap();
    let authtoken = demo::session(&service, start, &demo).unwrap();
    service.admin(start).set_single_sign_on(&demo.organization_uid, true, false).unwrap();
    let transport = Arc::new(InProcess::at(service, start));
    let client = |organization: Option<&str>| {
        let builder = Client::builder(Arc::clone(&transport)).base_url(URL).profile(profile.clone());
        let builder = builder.credential(Credential::Authtoken(authtoken.clone()));
        let builder = match organization {
            Some(uid) => builder.organization(uid.parse().unwrap()),
            None => builder,
        };
        builder.build().unwrap()
    };

    let without = client(None);
    assert!(without.stacks(None).unwrap().is_empty(), "no error is made of it");
    assert_eq!(without.stack(demo.api_key.clone()).names().unwrap_err().code(), "refused");

    let with = client(Some(&demo.organization_uid));
    assert_eq!(with.stacks(None).unwrap()[0].api_key, demo.api_key);
    with.stack(demo.api_key.clone()).names().unwrap();
    let owner = with.examine(Some(&demo.api_key), None).unwrap();
    assert!(owner.iter().any(|finding| finding.says.contains("owns the stack")), "{owner:?}");
}
