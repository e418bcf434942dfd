//! No command shows a value that nobody asked for.

use crate::files::SHOP;
use crate::home::Home;

#[test]
fn no_output_holds_a_value() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    let mut shown = home.run("apply shop.toml").all();
    let mut values: Vec<String> = Vec::new();
    for (file, name) in [
        (".env.production", "DELIVERY"),
        (".env.production", "PREVIEW"),
        (".env.production", "MANAGEMENT"),
        (".env.staging", "DELIVERY"),
        (".env.staging", "MANAGEMENT"),
    ] {
        values.push(home.variable(file, name).unwrap());
    }
    for line in [
        "plan shop.toml",
        "apply shop.toml",
        "export",
        "delivery list",
        "delivery get shop-production",
        "management list",
        "management get shop-ci",
        "whoami",
        "delivery update shop-production --description x",
        "management update shop-ci --description x",
        "preview create shop-staging --env-file .env.x --variable P",
    ] {
        shown += &home.run(line).all();
        shown += &home.run(&format!("{line} --json")).all();
    }
    values.push(home.variable(".env.x", "P").unwrap());
    for value in values {
        assert!(value.len() > 10);
        assert!(!shown.contains(&value));
    }
}

#[test]
fn credentials_of_the_environment_are_never_shown() {
    let canary = "bltcanarycanarycanary";
    for name in ["CONTENTSTACK_AUTHTOKEN", "CONTENTSTACK_MANAGEMENT_TOKEN", "CONTENTSTACK_OAUTH_TOKEN"] {
        let home = Home::new().with(name, canary).with("CONTENTSTACK_API_KEY", "blt1");
        for line in
            ["delivery list --url http://127.0.0.1:9", "whoami --url http://127.0.0.1:9 --json", "whoami"]
        {
            home.run(line).says_not(canary);
        }
    }
}
