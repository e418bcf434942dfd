//! `cstok diff`

use crate::files::SHOP;
use crate::home::Home;

/// A management token in a file, as the API answers it.
fn token(home: &Home, file: &str, scope: &str, expires: &str) {
    home.write(
        file,
        &format!(
            r#"{{"token": {{"uid": "blt1", "name": "ci", "expires_on": {expires}, "scope": [{scope}]}}}}"#
        ),
    );
}

const READ: &str = r#"{"module": "entry", "acl": {"read": true}}"#;
const WRITE: &str = r#"{"module": "entry", "acl": {"read": true, "write": true}}"#;

#[test]
fn four_outcomes() {
    let home = Home::new();
    token(&home, "read.json", READ, "null");
    token(&home, "write.json", WRITE, "null");
    token(&home, "short.json", WRITE, "\"2027-01-31\"");
    home.run("diff read.json read.json --deny-widening").expect(0).says("equal");
    home.run("diff read.json write.json")
        .expect(0)
        .says("wider: `write.json` reaches more than `read.json`")
        .says("+ `entry:write`");
    home.run("diff read.json write.json --deny-widening").expect(3).says("widening is denied");
    home.run("diff write.json read.json --deny-widening").expect(0).says("narrower").says("- `entry:write`");
    home.run("diff read.json short.json --deny-widening")
        .expect(3)
        .says("incomparable")
        .says("- never expires");
    let ran = home.run("diff read.json write.json --deny-widening --json");
    ran.expect(3);
    let document = ran.document();
    assert_eq!(document["order"], "wider");
    assert_eq!(document["gained"].as_array().unwrap().len(), 1);
    assert!(document["lost"].as_array().unwrap().is_empty());
    assert_eq!(document["a"]["given"], "read.json");
    assert_eq!(document["b"]["uid"], "blt1");
}

#[test]
fn declared_tokens_and_those_of_the_target() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    home.run("apply shop.toml").expect(0);
    home.run("diff shop.toml#shop-ci shop-ci").expect(0).says("equal").says("target: local");
    home.write("wide.toml", &SHOP.replace("entry = \"r\"", "entry = \"rw\""));
    let ran = home.run("diff shop-ci wide.toml#shop-ci --deny-widening");
    ran.expect(3).says("+ `entry:write`");
    home.run("diff shop.toml#shop-ci wide.toml#management/shop-ci").expect(0).says_not("target:");
    home.run("diff shop-production shop-ci")
        .expect(0)
        .says("incomparable")
        .says("what a management token reaches");
    home.run("diff shop-staging shop-production").expect(0).says("environment `production`");
    home.run("management list --json");
}

#[test]
fn a_list_may_hold_both_kinds() {
    let home = Home::new();
    let web = r#"{"uid": "blt1", "name": "web", "type": "delivery", "scope": [{"module": "environment", "environments": ["production"]}]}"#;
    let adm = r#"{"uid": "blt2", "name": "adm", "type": "management", "expires_on": null, "scope": [{"module": "$all", "acl": {"read": true, "write": true}}]}"#;
    home.write("mix.json", &format!("[{web}, {adm}]"));
    home.run("diff mix.json#web mix.json#adm --deny-widening").expect(3).says("widening is denied");
    home.run("lint mix.json").expect(3).says("management/adm");
    home.run("can create entry --token mix.json#adm").says("management token");
}

#[test]
fn what_cannot_be_found_or_read() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    token(&home, "read.json", READ, "null");
    home.run("diff read.json shop.toml").expect(4).says("has 4 tokens").says("`shop.toml#shop-ci`");
    home.run("diff read.json shop.toml#nobody").expect(4).says("shop-audit");
    home.run("diff read.json nobody").expect(4).says("the stack has no token");
    home.run("diff read.json nothing.json").expect(4).says("nothing.json");
    home.run("diff read.json").expect(2);
    home.write("wrong.toml", "[[delivery]]\nnme = \"a\"\n");
    let ran = home.run("diff read.json wrong.toml#a --json");
    ran.expect(4).says("wrong.toml:2:1");
    home.write("short.json", "{\n");
    home.run("diff short.json read.json").expect(4).says("short.json:2:1: ");
    home.write("marked.json", &format!("\u{feff}{}", home.read("read.json")));
    home.run("diff read.json marked.json").expect(0).says("equal");
    home.write("wrong.json", "[\n1");
    let both = home.run("diff wrong.json wrong.toml#a --json");
    both.expect(4).says("wrong.json:2").says("wrong.toml:2:1");
    assert!(both.rules().len() >= 3, "{:?}", both.rules());
    home.run("diff nothing.json nowhere.json").expect(4).says("nothing.json").says("nowhere.json");
    home.run("diff read.json wrong.json").expect(4).says("wrong.json:2");
}
