//! `cstok who-can`

use serde_json::Value;

use crate::files::SHOP;
use crate::home::Home;

fn shop() -> Home {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    home
}

fn verdict<'a>(document: &'a Value, kind: &str, name: &str) -> &'a Value {
    let who = document["who"].as_array().unwrap();
    &who.iter().find(|each| each["kind"] == kind && each["name"] == name).unwrap()["verdict"]
}

#[test]
fn tokens_of_every_kind_and_users_by_role() {
    let home = shop();
    let ran = home.run("who-can POST /v3/content_types");
    ran.expect(0).says("KIND").says("content-manager").says("3 of 10 credentials can");
    assert!(ran.out.lines().all(|text| text.chars().count() <= 100), "{}", ran.out);
    let document = home.json("who-can POST /v3/content_types");
    assert_eq!(document["route"]["module"], "content_type");
    assert_eq!(verdict(&document, "management", "shop-ci"), "not_granted");
    assert_eq!(verdict(&document, "management", "shop-audit"), "not_granted");
    assert_eq!(verdict(&document, "delivery", "shop-staging"), "forbidden");
    assert_eq!(verdict(&document, "authtoken", "developer"), "allow");
    assert_eq!(verdict(&document, "anonymous", "-"), "forbidden");
    for each in document["who"].as_array().unwrap() {
        assert!(!each["rules"].as_array().unwrap().is_empty(), "{each}");
    }
}

#[test]
fn the_request_has_facts() {
    let home = shop();
    let line = "who-can GET /v3/content_types/blog/entries --api cda --environment production --branch main";
    let document = home.json(line);
    assert_eq!(verdict(&document, "delivery", "shop-production"), "allow");
    assert_eq!(verdict(&document, "delivery", "shop-staging"), "not_granted");
    let preview = home
        .json("who-can GET /v3/content_types/blog/entries --api preview --environment production --draft");
    assert_eq!(verdict(&preview, "preview", "shop-production"), "allow");
    let later = home.json("who-can GET /v3/content_types --branch main --now 2099-01-01");
    assert_eq!(verdict(&later, "management", "shop-ci"), "not_granted");
    assert_eq!(verdict(&later, "management", "shop-audit"), "allow");
}

#[test]
fn what_has_no_route_can_be_asked_for_too() {
    let home = shop();
    home.run("who-can access_token:reset").expect(0).says("3 of 10 credentials can");
    let document = home.json("who-can access_token:reset");
    assert!(document["route"].is_null());
    assert_eq!(verdict(&document, "authtoken", "developer"), "allow");
    assert_eq!(verdict(&document, "authtoken", "content-manager"), "not_granted");
    assert_eq!(verdict(&document, "management", "shop-ci"), "forbidden");
    for each in document["who"].as_array().unwrap() {
        let exit = if each["verdict"] == "allow" { 0 } else { 3 };
        let name = each["name"].as_str().unwrap();
        if each["kind"] == "authtoken" {
            home.run(&format!("can access_token:reset --as authtoken --role {name}")).expect(exit);
        }
    }
    home.run("who-can access_token:rest").expect(2).says("access_token:reset");
}

#[test]
fn what_no_document_knows_is_for_nobody() {
    let home = shop();
    let ran = home.run("who-can GET /v3/nowhere --json");
    ran.expect(3);
    assert!(ran.document()["route"].is_null());
    home.run("who-can GET /v3/nowhere").expect(3).says("unmapped");
    home.run("who-can GET").expect(2).says("`GET` needs a path").says("GET /v3/content_types");
}
