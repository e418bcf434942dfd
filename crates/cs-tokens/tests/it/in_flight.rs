//! What a call takes while it is on its way.

use cs_model::Secret;
use cs_tokens::{Client, Credential};
use cs_transport::{Ready, from_fn};

/// Many calls wait at a time, and what each of them takes has to come back into the cache when its answer is there.
#[test]
fn a_call_on_its_way_takes_little_memory() {
    let transport = Ready(from_fn(|_| Ok(http::Response::default())));
    let credential = Credential::Authtoken(Secret::new("not-a-session"));
    let builder = Client::builder(transport).base_url("https://api.example.com").credential(credential);
    let client = builder.build().unwrap();
    let stack = client.stack("blt0000000000000001".parse().unwrap());
    let (tokens, uid) = (stack.delivery_tokens(), "blt0000000000000000".parse().unwrap());
    let get = size_of_val(&tokens.get(&uid));
    assert!(get <= 416, "{get} bytes");
}
