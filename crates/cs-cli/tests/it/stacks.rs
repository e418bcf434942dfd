//! One command on many stacks, with credentials of their own.

use serde_json::{Value, json};

use crate::files::{SHOP, of_each};
use crate::home::Home;
use crate::serve::Server;
use crate::serve::admin::ask;

/// A service with two stacks of one owner.
pub(crate) struct Two {
    server: Server,
    owner: String,
    pub(crate) first: String,
    pub(crate) second: String,
}

impl Two {
    pub(crate) fn new() -> Self {
        let server = Server::start(&["--demo", "--admin", "127.0.0.1:0"]);
        let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"));
        let who = home.json(&format!("whoami --url {}", server.text("url")));
        let owner = who["user"]["uid"].as_str().unwrap().to_owned();
        let body = json!({
            "organization_uid": server.text("organization_uid"), "name": "Blog", "owner_uid": owner,
        });
        let (_, made) = ask(&server, &server.text("admin_token"), "POST", "/stacks", &body);
        let second = made["api_key"].as_str().unwrap().to_owned();
        Self { first: server.text("api_key"), server, owner, second }
    }

    pub(crate) fn url(&self) -> String {
        self.server.text("url")
    }

    pub(crate) fn home(&self) -> Home {
        Home::new().with("CONTENTSTACK_AUTHTOKEN", self.server.text("authtoken"))
    }

    pub(crate) fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        ask(&self.server, &self.server.text("admin_token"), method, path, body).1
    }
}

/// Name, exit code and error code of each stack.
pub(crate) fn outcomes(document: &Value) -> Vec<(String, u64, Option<String>)> {
    let stacks = document["stacks"].as_array().unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    stacks
        .iter()
        .map(|stack| {
            (text(&stack["name"]).unwrap(), stack["exit"].as_u64().unwrap(), text(&stack["error"]["code"]))
        })
        .collect()
}

#[test]
fn one_failing_stack_hides_nothing_of_the_others() {
    let two = Two::new();
    let home = two.home();
    let (url, first, second) = (two.url(), &two.first, &two.second);
    home.write("shop.toml", SHOP);
    home.run(&format!("apply shop.toml --yes --url {url} --stack {first}")).expect(0);
    let line =
        format!("delivery list --url {url} --stack {first} --stack blt0000000000000000 --stack {second}");
    let ran = home.run(&line);
    ran.expect(6)
        .says("shop-production")
        .says("the stack has no delivery tokens")
        .says("1 of 3 stacks failed");
    let ran = home.run(&format!("{line} --json"));
    let document = ran.expect(6).document();
    let expected = [
        (first.clone(), 0, None),
        ("blt0000000000000000".to_owned(), 6, Some("refused".to_owned())),
        (second.clone(), 0, None),
    ];
    assert_eq!(outcomes(&document), expected);
    assert_eq!(document["failed"], 1);
    assert!(!document["stacks"][0]["result"]["tokens"].as_array().unwrap().is_empty());
    assert_eq!(document["stacks"][0]["result"]["target"]["api_key"], first.as_str());
}

#[test]
fn all_stacks_are_those_that_the_user_can_see() {
    let two = Two::new();
    let home = two.home();
    for command in ["delivery list", "management list", "lint", "doctor", "who-can GET /v3/stacks"] {
        let ran = home.run(&format!("{command} --url {} --all-stacks --json", two.url()));
        assert!([0, 3].contains(&ran.code), "{command}: {ran:?}");
        let names: Vec<String> = outcomes(&ran.document()).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), 2, "{command}: {names:?}");
        assert!(names.contains(&"Blog".to_owned()), "{command}: {names:?}");
    }
    home.write("shop.toml", &of_each(SHOP));
    home.run(&format!("plan shop.toml --check --url {} --all-stacks", two.url()))
        .expect(4)
        .says("stack Blog")
        .says("shop-production");
    // The local target, whose store one process opens at a time, has stacks, too.
    Home::new().run("delivery list --all-stacks").expect(0).says("stack Demo stack");
}

#[test]
fn under_single_sign_on_no_stack_is_no_success() {
    let two = Two::new();
    let organization = two.server.text("organization_uid");
    let sso = json!({ "enabled": true, "strict_mode": false });
    two.admin("PUT", &format!("/organizations/{organization}/single-sign-on"), &sso);
    let home = two.home();
    home.write("shop.toml", &of_each(SHOP));
    for command in ["apply shop.toml --yes", "plan shop.toml", "doctor", "lint"] {
        let ran = home.run(&format!("{command} --url {} --all-stacks", two.url()));
        ran.expect(2).says("sees no stacks").says("single sign-on").says("`organization`");
    }
    let ran = home.run(&format!("apply shop.toml --yes --url {} --all-stacks --json", two.url()));
    assert_eq!(ran.expect(2).document()["error"]["code"], "no_stacks");
    let ran = home.run(&format!("delivery list --url {} --all-stacks", two.url()));
    ran.expect(0).says("no stacks").says("warning").says("single sign-on");

    let target = |organization: &str| {
        let text = format!("[targets.here]\nurl = \"{}\"\norganization = \"{organization}\"\n", two.url());
        std::fs::write(home.config(), text).unwrap();
    };
    target(&organization);
    // Blog has none of the environments.
    home.run("apply shop.toml --yes --target here --all-stacks")
        .expect(4)
        .says("stack Blog")
        .says("1 of 2 stacks");
    let document = home.json("delivery list --target here --all-stacks");
    assert_eq!(outcomes(&document).len(), 2);
    target("blt0000000000000000");
    let ran = home.run("apply shop.toml --yes --target here --all-stacks");
    ran.expect(2).says("blt0000000000000000").says_not("single sign-on");
}

#[test]
fn stacks_of_a_target_have_credentials_of_their_own() {
    let two = Two::new();
    let home = Home::new().with("BLOG", "not-a-session");
    let token = home.config().with_file_name("shop.token");
    std::fs::write(&token, two.server.text("authtoken") + "\n").unwrap();
    let text = format!(
        "[targets.here]\nurl = \"{}\"\n[targets.here.stacks.shop]\napi_key = \"{}\"\nauthtoken_file = \"shop.token\"\n\
         [targets.here.stacks.blog]\napi_key = \"{}\"\nauthtoken_env = \"BLOG\"\n",
        two.url(),
        two.first,
        two.second
    );
    std::fs::write(home.config(), text).unwrap();
    let all = || {
        let ran = home.run("management list --target here --all-stacks --json");
        ran.says_not("not-a-session").says_not(&two.server.text("authtoken"));
        outcomes(&ran.document())
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |mode| std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        home.run("management list --target here --stack shop").expect(2).says("chmod 600");
        mode(0o600);
    }
    let refused = Some("refused".to_owned());
    assert_eq!(all(), [("blog".to_owned(), 6, refused), ("shop".to_owned(), 0, None)]);
    home.run("management list --target here --stack shop").expect(0).says(&two.first);
    home.run(&format!("management list --target here --stack {}", two.first)).expect(0);
    home.run("management list --target here --stack blog").expect(6);
    let mistyped = home.run("management list --target here --stack blgo");
    mistyped.says("names no stack `blgo`").says("`blog`, `shop`").says("taken for an API key");
    home.run(&format!("management list --target here --stack {}", two.first)).says_not("API key");
}

#[test]
fn an_oauth_grant_in_a_file_is_refreshed_and_kept() {
    let two = Two::new();
    let scopes = ["cm.branches.management:read", "cm.roles.management:read"];
    let organization = two.server.text("organization_uid");
    let body = json!({ "user_uid": two.owner, "organization_uid": organization, "scopes": scopes });
    let mut grant = two.admin("POST", "/oauth-tokens", &body);
    let first = grant["refresh_token"].as_str().unwrap().to_owned();
    // About to end, as far as the file knows.
    grant["expires_at"] = json!("2020-01-01T00:00:00Z");
    let home = Home::new();
    let file = home.config().with_file_name("grant.json");
    std::fs::write(&file, grant.to_string()).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = format!(
        "[targets.app]\nurl = \"{}\"\noauth_file = \"grant.json\"\noauth_client_id = \"app\"\n\
         oauth_redirect_uri = \"https://app.example/callback\"\n",
        two.url(),
    );
    std::fs::write(home.config(), text).unwrap();
    let ran = home.run("whoami --target app -v");
    assert!(ran.err.contains("route=\"/token\""), "{ran:?}");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let second = kept["refresh_token"].as_str().unwrap();
    assert_ne!(second, first);
    ran.says_not(&first).says_not(second).says_not(kept["access_token"].as_str().unwrap());
    #[cfg(unix)]
    assert_eq!(crate::home::mode(&file), 0o600);
    // A refresh token works once: with many stacks there is one refresh, too.
    let mut due = kept.clone();
    due["expires_at"] = json!("2020-01-01T00:00:00Z");
    std::fs::write(&file, due.to_string()).unwrap();
    let stacks = "--stack blt1 --stack blt2 --stack blt3 --stack blt4 --stack blt5";
    let ran = home.run(&format!("management list --target app -v {stacks}"));
    assert_eq!(ran.err.matches("route=\"/token\"").count(), 1, "{ran:?}");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_ne!(kept["refresh_token"].as_str().unwrap(), second);
}

#[test]
fn what_is_said_meanwhile_names_its_stack() {
    let two = Two::new();
    let (first, second) = (&two.first, &two.second);
    let line = format!("delivery list --url {} --stack {first} --stack {second}", two.url());
    let ran = two.home().run(&line);
    let said: Vec<&str> = ran.expect(0).err.lines().collect();
    assert!(matches!(said[..], [target] if target.starts_with("target: ")), "where both are, once: {said:?}");
    assert!(!said[0].contains("stack"), "{said:?}");
    // What differs is said of each.
    let home = two.home();
    let text = format!(
        "[targets.here]\nurl = \"{}\"\nauthtoken_env = \"CONTENTSTACK_AUTHTOKEN\"\n\
         [targets.here.stacks.shop]\napi_key = \"{first}\"\n\
         [targets.here.stacks.blog]\napi_key = \"{second}\"\nauthtoken_env = \"OTHER\"\n",
        two.url(),
    );
    std::fs::write(home.config(), text).unwrap();
    let home = home.with("OTHER", two.server.text("authtoken"));
    let ran = home.run("delivery list --target here --all-stacks");
    ran.expect(0).says("shop: target: here").says("blog: target: here").says("authtoken from OTHER");
    // Several lines of one note, each with its stack.
    let home = two.home();
    home.write("shop.toml", &of_each(SHOP));
    let ran = home.run(&format!("plan shop.toml --url {} --stack {first} --stack {second}", two.url()));
    let is_of_all = |line: &&str| line.contains(" of 2 stacks failed") || line.starts_with("target: ");
    let said: Vec<&str> = ran.err.lines().filter(|line| !is_of_all(line)).collect();
    assert!(said.len() > 2, "{ran:?}");
    for line in said {
        assert!(line.starts_with(first.as_str()) || line.starts_with(second.as_str()), "`{line}` of {ran:?}");
    }
}

#[test]
fn what_works_on_one_stack_says_so() {
    let home = Home::new();
    home.write("shop.toml", SHOP);
    for line in
        ["apply -", "delivery delete x", "logout", "login a@example.com", "lint --format sarif", "plan -"]
    {
        home.run(&format!("{line} --stack blt1 --stack blt2")).expect(2);
        home.run(&format!("{line} --all-stacks")).expect(2);
    }
    home.run("delivery list --stack blt1 --all-stacks").expect(2);
    home.run("delivery list --stack blt1 --stack blt-%").expect(2).says("--stack");
}

#[test]
fn requests_are_told_when_they_are_asked_for() {
    let home = Home::new();
    assert!(!home.run("delivery list").err.contains("route="));
    let ran = home.run("delivery list -v");
    assert!(ran.err.contains("method=GET route=\"/v3/stacks/delivery_tokens\" attempt=1"), "{ran:?}");
    assert!(ran.err.contains("status=200") && !ran.err.contains("limit="), "{ran:?}");
    assert!(home.run("delivery list -vv --json").err.contains("cs_transport"));
}
