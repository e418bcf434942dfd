//! `cstok can`

use crate::home::Home;

#[test]
fn an_allow_exits_with_0_and_a_refusal_with_3() {
    let home = Home::new();
    let entries = "can GET /v3/content_types/blog/entries --as management --branches main";
    home.run(&format!("{entries} --scope entry:r")).expect(0).says("allowed");
    home.run(&format!("{entries} --scope asset:r")).expect(3).says("not granted").says("fix:");
    home.run("can GET /v3/user --as delivery").expect(3).says("forbidden");
    home.run("can GET /v3/no/such/route --as authtoken --role owner").expect(3).says("unmapped");
}

#[test]
fn an_empty_list_of_branches_is_not_the_same_as_none() {
    let home = Home::new();
    let entries = "can GET /v3/content_types/blog/entries --as management --scope entry:r";
    home.run(entries).expect(0);
    home.run(&format!("{entries} --branches=")).expect(3).says("branch");
    home.run(&format!("{entries} --aliases=")).expect(3).says("branch");
    home.run(&format!("{entries} --branches= --branches main")).expect(0);
    let list = "can GET /v3/stacks/branches --as management";
    home.run(list).expect(3);
    let delivery = "can GET /v3/content_types/blog/entries --api delivery --as delivery --environments";
    home.run(&format!("{delivery} production --environment production")).expect(0);
    home.run(&format!("{delivery}= --environment production")).expect(3).says("environment");
}

#[test]
fn the_document_has_what_scripts_need() {
    let home = Home::new();
    let ran =
        home.run("can POST /v3/stacks/delivery_tokens --as management --scope $all:rw --all-branches --json");
    ran.expect(3);
    let document = ran.document();
    assert_eq!(document["verdict"], "forbidden");
    assert_eq!(document["route"]["method"], "POST");
    assert_eq!(document["route"]["path"], "/v3/stacks/delivery_tokens");
    assert!(document["route"]["module"].is_string() && document["route"]["action"].is_string());
    let rules = document["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        assert!(rule["id"].is_string() && rule["says"].is_string());
        assert!(!rule["sources"].as_array().unwrap().is_empty(), "{rule}");
    }
    assert!(document["fix"].is_array() && document["warnings"].is_array());
    let unmapped = home.run("can GET /nowhere --as anonymous --json").document();
    assert!(unmapped["route"].is_null());
}

#[test]
fn all_rules_that_apply_are_listed_and_what_decides_comes_first() {
    let home = Home::new();
    let line = "can GET /v3/workflows/blt1/disable --as management --scope workflow:rw --branches main";
    let document = home.json(line);
    let rules = document["rules"].as_array().unwrap();
    assert_eq!(rules[0]["id"], "management.scope_grants");
    assert_eq!(rules[0]["effect"], "allow");
    let note = rules.iter().find(|rule| rule["id"] == "any.state_change_through_get").unwrap();
    assert_eq!(note["effect"], "note");
    assert_eq!(note["citations"][0]["title"], "Content Management API, OpenAPI 3.0.0");
    home.run(line).expect(0).says("any.state_change_through_get").says("OA3 (Content Management API");
    // Nothing stands there twice.
    let mut ids: Vec<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len());
}

#[test]
fn time_is_an_argument() {
    let home = Home::new();
    let line = "can GET /v3/content_types --as management --scope content_type:r --branches main --expires 2027-01-31";
    home.run(&format!("{line} --now 2027-01-30T23:00:00Z")).expect(0);
    home.run(&format!("{line} --now 2027-02-02")).expect(3);
}

#[test]
fn facts_of_users_count() {
    let home = Home::new();
    let line = "can POST /v3/stacks/delivery_tokens --as authtoken --role";
    home.run(&format!("{line} owner")).expect(0);
    home.run(&format!("{line} content-manager")).expect(3);
    home.run(&format!("{line} boss")).expect(2).says("possible values");
}

#[test]
fn what_cannot_be_read_is_a_usage_error() {
    let home = Home::new();
    home.run("can GET /v3/user --as robot").expect(2);
    home.run("can GET /v3/user --as management --scope entry").expect(2).says("entry:rw");
    home.run("can GET /v3/user --as management --expires soon").expect(2);
    home.run("can GET /v3/user --as management --profile nope").expect(2).says("documented-2026");
}

#[test]
fn every_option_is_taken_for_every_kind() {
    let home = Home::new();
    home.write("rules.toml", "grants = 'entry:rw'\n");
    let options = "--scope entry:rw,$all:r --branches main,development --all-branches --aliases deploy --all-aliases \
                   --environments production,staging --role custom,developer --role-rules rules.toml --org-owner --org-admin \
                   --expires 2001-01-01 --now 2026-11-21T00:00:00Z --branch main --alias deploy --environment production \
                   --draft --other-stack --stack-created 2024-01-01 --sso --idp-login --access-without-sso --strict-mode \
                   --oauth-scopes cm.entries.management:read,cm.nobody --publish-request reject --stage-open-to-all \
                   --user-named --approvers --profile live";
    for kind in ["delivery", "preview", "management", "authtoken", "access", "oauth", "anonymous"] {
        for api in ["cma", "cda", "preview", "graphql", "management", "delivery", "legacy-preview"] {
            let ran = home.run(&format!(
                "can post /v3/content_types/blog/entries/blt1/workflow --as {kind} {options} --api {api} --json"
            ));
            assert!([0, 3].contains(&ran.code), "{kind} on {api}: {}", ran.err);
            let document = ran.document();
            let mut keys: Vec<&String> = document.as_object().unwrap().keys().collect();
            // Their order depends on a feature of serde_json that other crates may turn on.
            keys.sort();
            assert_eq!(keys, ["fix", "route", "rules", "schema", "verdict", "warnings"]);
            assert_eq!(ran.code == 0, document["verdict"] == "allow", "{kind} on {api}");
        }
    }
}

#[test]
fn names_may_be_empty() {
    let home = Home::new();
    let ran = home.run_args([
        "can",
        "GET",
        "/v3/content_types",
        "--as",
        "management",
        "--scope",
        "",
        "--branches",
        "",
        "--environments",
        "",
    ]);
    ran.expect(3).says("content_type:read");
}

#[test]
fn whether_a_user_may_get_an_authtoken() {
    let home = Home::new();
    for (options, exit) in [
        ("", 0),
        ("--idp-login", 3),
        ("--sso", 3),
        ("--sso --access-without-sso", 0),
        ("--sso --org-owner", 0),
        ("--sso --access-without-sso --strict-mode", 3),
        ("--sso --org-owner --strict-mode", 0),
        ("--sso --idp-login --access-without-sso", 3),
    ] {
        let ask = |kind: &str| home.run(&format!("can POST /v3/user-session --as {kind} {options} --json"));
        let (user, nobody) = (ask("authtoken"), ask("anonymous"));
        assert_eq!((user.code, nobody.code), (exit, exit), "{options}: {}", nobody.out);
        // Who logs in has no credential yet, so it is the same question.
        if !options.is_empty() {
            assert_eq!(user.document(), nobody.document(), "{options}");
        }
    }
}

#[test]
fn without_a_role_the_user_owns_the_stack_unless_a_place_in_the_organization_is_named() {
    let home = Home::new();
    let line = "can POST /v3/stacks/management_tokens --as authtoken";
    home.run(line).expect(0).says("without --role the user is taken for the owner").says("(owner, profile");
    home.run(&format!("{line} --org-owner")).expect(3).says("no role, owner of the organization");
    home.run(&format!("{line} --org-admin")).expect(3);
    home.run(&format!("{line} --org-owner --role admin")).expect(0).says_not("note:");
    home.run(&format!("{line} --role none")).expect(3).says("The user has no role in the stack");
    home.run("can --help").says("[default: owner; none with --org-owner or --org-admin]");
}

#[test]
fn custom_roles_have_rules() {
    let home = Home::new();
    home.write("role.toml", "grants = 'entry:rw,content_type:r'\nexcept = 'entry:w'\nbranches = ['main']\n");
    let line = "/v3/content_types/blog/entries --as authtoken --role-rules role.toml";
    home.run(&format!("can GET {line}")).expect(0).says("authtoken (custom,");
    home.run(&format!("can POST {line}")).expect(3);
    home.run(&format!("can GET {line} --branch development")).expect(3);
    home.run(&format!("can POST {line} --role custom,admin")).expect(0);
    home.run("can GET /v3/assets --as authtoken --role custom").expect(3);
    home.write(
        "role.json",
        r#"{"role": {"rules": [
            {"module": "content_type", "content_types": ["$all"], "acl": {"read": true, "sub_acl": {"read": true}}},
            {"module": "asset", "assets": ["blt1"], "acl": {"read": true}}
        ]}}"#,
    );
    let ran = home.run("can GET /v3/content_types/blog/entries --as authtoken --role-rules role.json");
    ran.expect(0).says("role.json: warning[role_rules]: rule 2 (`asset`)");
    home.run("can GET /v3/assets --as authtoken --role-rules role.json").expect(3);
}

#[test]
fn wrong_rules_are_told_all_at_once_with_their_lines() {
    let home = Home::new();
    home.write("role.toml", "grants = 'entry'\n\nexept = 'asset:w'\n");
    let ran = home.run("can GET /v3/assets --as authtoken --role-rules role.toml --json");
    ran.expect(4).says("role.toml:1: error[role_rules]").says("role.toml:3: error[role_rules]");
    assert_eq!(ran.rules(), ["role_rules", "role_rules"]);
    home.run("can GET /v3/assets --as authtoken --role-rules nothing.toml").expect(4).says("nothing.toml");
}

const TOKEN: &str = r#"{"notice": "made", "token": {"uid": "blt1", "name": "ci", "expires_on": "2027-01-31",
    "scope": [{"module": "entry", "acl": {"read": true}}, {"module": "branch", "branches": ["main"], "acl": {"read": true}}]}}"#;

#[test]
fn a_token_in_a_file_has_its_own_facts() {
    let home = Home::new();
    home.write("token.json", TOKEN);
    let line = "can GET /v3/content_types/blog/entries --token token.json";
    home.run(&format!("{line} --now 2026-11-21"))
        .expect(0)
        .says("asking for the management token `ci` (blt1)");
    home.run(&format!("{line} --now 2026-11-21 --as management")).expect(0);
    home.run(&format!("{line} --now 2026-11-21 --branch development")).expect(3);
    home.run(&format!("{line} --now 2028-01-01")).expect(3);
    // What the command line says wins.
    home.run(&format!("{line} --now 2028-01-01 --expires never")).expect(0);
    home.run(&format!("{line} --now 2026-11-21 --scope asset:r")).expect(3);
    home.run(&format!("{line} --as delivery")).expect(2).says("--as says delivery");
    home.run(&format!("{line} --as authtoken")).expect(2).says("--as says authtoken");
}

#[test]
fn a_delivery_token_stands_for_its_preview_token() {
    let home = Home::new();
    home.write(
        "token.json",
        r#"{"uid": "blt1", "name": "shop", "token": "cs0123", "scope": [
            {"module": "environment", "environments": [{"name": "production", "uid": "blt2"}], "acl": {"read": true}},
            {"module": "branch", "branches": ["main"], "acl": {"read": true}}]}"#,
    );
    let line =
        "can GET /v3/content_types/blog/entries --token token.json --branch main --environment production";
    let ran = home.run(&format!("{line} --api cda"));
    ran.expect(0).says("as delivery").says_not("cs0123");
    home.run(&format!("{line} --api cda --draft")).expect(3);
    home.run(&format!("{line} --api preview --as preview --draft")).expect(0);
    home.run(&format!("{line} --api cda --environment staging")).expect(2);
}

#[test]
fn wrong_tokens_are_told_with_their_place() {
    let home = Home::new();
    home.write("token.json", "{\"token\":\n{\"name\": \"canary\", \"expires_on\": null}}");
    let ran = home.run("can GET /v3/assets --token token.json --json");
    ran.expect(4).says("token.json:").says_not("canary");
    assert_eq!(ran.rules(), ["token.shape"]);
    assert!(ran.document()["error"]["problems"][0]["line"].as_u64().unwrap() >= 1);
    home.write("token.json", "{\n\n!");
    home.run("can GET /v3/assets --token token.json").expect(4).says("token.json:3:1");
    home.write("token.json", r#"{"uid": "blt1", "name": "x", "scope": []}"#);
    home.run("can GET /v3/assets --token token.json").expect(4).says("--as");
    home.run("can GET /v3/assets --token token.json --as management").expect(3);
    home.run_with_input("can GET /v3/assets --token - --as management", TOKEN)
        .expect(3)
        .says("as management");
    home.run("can GET /v3/assets --token nothing.json").expect(4).says("nothing.json");
    home.write(
        "tokens.json",
        &format!("{{\"tokens\": [{0}, {0}]}}", r#"{"uid": "blt1", "name": "x", "expires_on": null}"#),
    );
    home.run("can GET /v3/assets --token tokens.json").expect(4).says("has 2 tokens");
    home.run("can GET /v3/assets --token tokens.json#y").expect(4).says("one of `x`");
    home.run("can GET /v3/assets --token tokens.json#blt1").expect(3);
}

#[test]
fn a_token_of_the_target_has_its_own_facts() {
    let home = Home::new();
    home.write("shop.toml", crate::files::SHOP);
    home.run("apply shop.toml").expect(0);
    let line = "can GET /v3/content_types/blog/entries";
    let ran = home.run(&format!("{line} --as-token shop-ci --branch main --json"));
    ran.expect(0).says("asking for the management token `shop-ci`");
    assert_eq!(ran.document()["verdict"], "allow");
    home.run(&format!("{line} --as-token shop-ci --branch development")).expect(3);
    let uid = home.json("delivery list")["tokens"][0]["uid"].as_str().unwrap().to_owned();
    home.run(&format!("{line} --as-token {uid} --as preview --api preview --draft")).expect(0);
    home.run(&format!("{line} --as-token nobody")).expect(4).says("shop-ci");
    home.run(&format!("{line} --as-token shop-ci --token a.json")).expect(2);
}

#[test]
fn what_has_no_route_can_be_asked_for_too() {
    let home = Home::new();
    home.run("can access_token:reset --as authtoken --role developer").expect(0);
    let ran = home.run("can access_token:reset --as authtoken --role content-manager --json");
    ran.expect(3);
    assert_eq!(ran.document()["verdict"], "not_granted");
    assert!(ran.document()["route"].is_null());
    home.run("can access_token:rest --as anonymous").expect(2).says("access_token:reset");
    home.run("can GET --as anonymous").expect(2).says("needs a path");
    home.run("can GET /v3/assets").expect(2).says("--as");
}

#[test]
fn the_matrix_shows_what_has_no_route() {
    let home = Home::new();
    let reset = |who: &str| {
        let document = home.json(&format!("can --list --as {who}"));
        let operations = document["operations"].as_array().unwrap().clone();
        let row = operations.iter().find(|row| row["operation"] == "access_token:reset");
        let code = home.run(&format!("can access_token:reset --as {who}")).code;
        let verdict = row.unwrap()["verdict"].clone();
        assert_eq!(verdict == "allow", code == 0, "{who}");
        verdict
    };
    assert_eq!(reset("authtoken --role developer"), "allow");
    assert_eq!(reset("authtoken --role content-manager"), "not_granted");
    assert_eq!(reset("management --scope $all:rw"), "forbidden");
}

#[test]
fn the_matrix_of_a_credential() {
    let home = Home::new();
    let line = "can --list --as management --scope entry:rw,asset:r --branches main";
    let ran = home.run(line);
    ran.expect(0).says("MODULE").says("management API").says("access_token:reset").says("routes allowed");
    assert!(ran.out.lines().all(|text| text.chars().count() <= 100), "{}", ran.out);
    let document = home.json(line);
    assert_eq!(document["profile"], "seeds");
    let verdict = |document: &serde_json::Value, module: &str, action: &str| {
        let cells = document["capabilities"].as_array().unwrap();
        let cell = cells
            .iter()
            .find(|cell| cell["api"] == "management" && cell["module"] == module && cell["action"] == action);
        cell.unwrap()["verdict"].clone()
    };
    assert_eq!(verdict(&document, "entry", "delete"), "allow");
    assert_eq!(verdict(&document, "asset", "read"), "allow");
    assert_eq!(verdict(&document, "asset", "delete"), "not_granted");
    assert_eq!(verdict(&document, "management_token", "read"), "forbidden");
    let elsewhere = home.json(&format!("{line} --branch development"));
    assert_eq!(verdict(&elsewhere, "entry", "delete"), "not_granted");
    let cells = home.json("can --list --as delivery --environments production --branches main --api cda");
    assert!(cells["capabilities"].as_array().unwrap().iter().all(|cell| cell["api"] == "delivery"));
    home.run("can GET /v3/assets --list --as anonymous").expect(2);
    home.run("can --list").expect(2);
}

#[test]
fn a_stage_decides_who_moves_an_entry() {
    let home = Home::new();
    home.write("role.toml", "grants = 'entry:r'\nbranches = ['main']\n");
    let line = "can POST /v3/content_types/blog/entries/blt1/workflow --as authtoken --role-rules role.toml";
    let closed = home.run(line);
    closed.expect(3).says("name the user or one of the user's roles in the access list of the stage");
    home.run(&format!("{line} --user-named")).expect(0);
    home.run(&format!("{line} --stage-open-to-all")).expect(0);
    home.run(&format!("{line} --stage-open-to-all --publish-request accept")).expect(3);
    home.run(&format!("{line} --user-named --publish-request accept")).expect(0);
}

#[test]
fn a_fix_is_also_what_the_request_meets() {
    let home = Home::new();
    let fixes = |line: &str| -> Vec<(String, String)> {
        let document = home.run(&format!("{line} --json")).expect(3).document();
        let text = |change: &serde_json::Value, key: &str| change[key].as_str().unwrap().to_owned();
        let fix = document["fix"].as_array().unwrap();
        fix.iter().map(|change| (text(change, "change"), text(change, "detail"))).collect()
    };
    let token = "--as management --scope $all:rw --branches main";
    for (line, change, detail) in [
        (
            format!("can POST /v3/content_types/blog/entries/blt1/workflow {token}"),
            "open_stage",
            "open the workflow stage to all users and roles",
        ),
        (
            format!("can POST /v3/workflows/publishing_rules {token} --approvers"),
            "leave_approvers_out",
            "leave the approvers out of the publish rule",
        ),
        (
            format!("can POST /v3/user-session {token}"),
            "send_no_credential",
            "send no credential: the request takes none",
        ),
        (
            "can GET /v3/stacks/sync --api cda --as delivery --environments dev --branches main --draft"
                .to_owned(),
            "ask_for_published",
            "ask for what is published: drafts are not read this way",
        ),
    ] {
        assert_eq!(fixes(&line), [(change.to_owned(), detail.to_owned())]);
        home.run(&line).expect(3).says(&format!("fix: {detail}"));
    }
}

#[test]
fn a_fix_is_everything_that_it_takes() {
    let home = Home::new();
    let line = "can GET /v3/content_types/blog/entries --as management --scope asset:r --branches main --branch next --json";
    let document = home.run(line).expect(3).document();
    let fix = document["fix"].as_array().unwrap();
    let changes: Vec<&str> = fix.iter().map(|change| change["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["add_scope", "grant_branch"]);
    assert_eq!(fix[0]["detail"], "add `entry:read` to the token's scope");
    assert_eq!(fix[1]["detail"], "grant branch `next`");
    // With these changes it is allowed.
    home.run(&line.replace("asset:r", "asset:r,entry:r").replace("--branches main", "--branches main,next"))
        .expect(0);
    let expired = home.run("can GET /v3/assets --as management --scope asset:r --expires 2020-01-01");
    expired.expect(3).says("fix: renew the token: expired on 2020-01-01");
    let role = home.run("can POST /v3/stacks/management_tokens --as management --scope $all:rw");
    role.expect(3).says("fix: use an authtoken of the owner or an admin of the stack");
}

#[test]
fn the_case_of_a_method_matters_and_is_hinted_at() {
    let home = Home::new();
    let ran = home.run("can get /v3/content_types --as authtoken --json");
    ran.expect(3).says("hint: methods are written in capitals: `GET`, not `get`");
    assert_eq!(ran.document()["verdict"], "unmapped");
    let patch = home.run("can PATCH /v3/content_types --as authtoken");
    patch.expect(3);
    assert!(!patch.err.contains("hint:"), "{}", patch.err);
}

#[test]
fn a_path_that_is_written_in_another_way_is_unmapped_and_hinted_at() {
    let home = Home::new();
    for (line, hint) in [
        (
            "GET https://api.contentstack.io/v3/content_types?limit=1",
            "hint: there is `GET /v3/content_types`\n",
        ),
        ("GET content_types", "hint: there is `GET /v3/content_types`\n"),
        ("GET /v3/stacks/sync", "hint: there is `GET /v3/stacks/sync` --api delivery\n"),
        ("post /user-session", "hint: there is `POST /v3/user-session`\n"),
    ] {
        let ran = home.run(&format!("can {line} --as management --scope content_type:r --json"));
        ran.expect(3).says(hint);
        assert_eq!(ran.document()["verdict"], "unmapped", "{line}");
    }
    home.run("can GET /v3/nowhere --as anonymous").expect(3).says_not("hint:");
    home.run("can GET /v3/content_types --as anonymous").expect(3).says_not("hint:");
}

#[test]
fn names_that_nobody_knows_are_taken_and_told() {
    let home = Home::new();
    let line = "can GET /v3/content_types/b/entries --as management --scope entry:r,contnt_type:r";
    home.run(line).expect(0).says("no document knows the module `contnt_type`: did you mean `content_type`");
    home.run(&line.replace("contnt", "content")).expect(0).says_not("note:");
    home.run(&format!("{line} --json")).expect(0).document();
    home.run_args([
        "can",
        "GET",
        "/v3/content_types",
        "--as",
        "management",
        "--scope",
        " content_type : r , $all:w",
    ])
    .expect(0)
    .says_not("note:");
    home.run("can GET /v3/content_types --as oauth --oauth-scopes cm.nobody")
        .expect(3)
        .says("no request takes the OAuth scope `cm.nobody`");
}

#[test]
fn a_stack_with_or_without_branches() {
    let home = Home::new();
    let line = "can GET /v3/content_types --as management --scope content_type:r";
    let verdict = |more: &str| home.run(&format!("{line} {more} --json")).document()["verdict"].clone();
    // Who names neither branches nor aliases is taken for a token of a stack without.
    assert_eq!(verdict(""), "allow");
    assert_eq!(verdict("--stack-without-branches=false"), "not_granted");
    assert_eq!(verdict("--branches development"), "not_granted");
    assert_eq!(verdict("--branches development --stack-without-branches"), "allow");
    assert_eq!(verdict("--branches development --branch development"), "allow");
}

#[test]
fn the_age_of_a_users_stack() {
    let home = Home::new();
    let line = "can access_token:reset --as authtoken --role developer";
    home.run(line).expect(0);
    home.run(&format!("{line} --stack-created 2020-12-16")).expect(0);
    home.run(&format!("{line} --stack-created 2020-12-17")).expect(3).says("authtoken.access_token_retired");
}

#[test]
fn a_custom_role_on_the_command_line() {
    let home = Home::new();
    let line = "can PUT /v3/assets/blt1 --as authtoken --role custom";
    home.run(&format!("{line} --scope asset:rw --branches main")).expect(0);
    home.run(&format!("{line} --scope asset:rw --branches next"))
        .expect(3)
        .says("authtoken.custom_role_branch");
    home.run(&format!("{line} --scope entry:rw --branches main")).expect(3).says("authtoken.custom_role");
}

#[test]
fn the_query_names_the_environment() {
    let home = Home::new();
    let ask = |path: &str, rest: &str| {
        home.run(&format!(
            "can GET {path} --api cda --as delivery --environments production --branches main {rest}"
        ))
    };
    let entries = "/v3/content_types/b/entries";
    ask(&format!("{entries}?environment=production"), "")
        .expect(0)
        .says_not("delivery.environment_not_named");
    ask(&format!("{entries}?limit=1&environment=staging"), "").expect(3).says("delivery.environment");
    ask(&format!("{entries}?environment=%70roduction"), "--environment production").expect(0);
    ask(&format!("{entries}?environment=staging"), "--environment production")
        .expect(2)
        .says("`production` and `staging`");
    ask(&format!("{entries}?environment="), "").expect(3);
    ask(entries, "--environment staging").expect(3);
}

#[test]
fn a_delivery_token_has_one_environment() {
    let home = Home::new();
    let line = "can GET /v3/content_types/b/entries --api cda --branches main --environment q --as delivery";
    home.run(&format!("{line} --environments p,q")).expect(3).says("delivery.one_environment_only");
    home.run(&format!("{line} --environments p,q --profile live"))
        .expect(0)
        .says("delivery.several_environments");
    home.run(&format!("{line} --environments q")).expect(0);
    // One that was given none reads nothing, whether that is said or not.
    for environments in ["", "--environments="] {
        home.run(&format!("{line} {environments}"))
            .expect(3)
            .says("use the token that was made for environment `q`");
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_unmapped() {
    use std::os::unix::ffi::OsStrExt;

    let home = Home::new();
    let path = std::ffi::OsStr::from_bytes(b"/v3/\xff");
    let mut args: Vec<_> = ["can", "GET"].map(std::ffi::OsStr::new).into();
    args.push(path);
    args.extend(["--as", "authtoken", "--json"].map(std::ffi::OsStr::new));
    let ran = home.run_args(args);
    ran.expect(3);
    assert_eq!(ran.document()["verdict"], "unmapped");
}

#[test]
fn nobody_has_no_facts_of_a_user_but_at_the_login() {
    let home = Home::new();
    home.run("can GET /v3/user --as anonymous --sso --idp-login")
        .expect(3)
        .says("change nothing here")
        .says("hint: POST /v3/user-session asks");
    home.run("can --list --as anonymous --sso").expect(0).says("change nothing here");
    let line = "can POST /v3/user-session --sso --org-owner --as anonymous";
    home.run(line)
        .expect(0)
        .says_not("change nothing")
        .says("as anonymous (a user who logs in, owner of the organization, profile `seeds`)");
}

#[test]
fn contradictory_options_are_told_all_at_once() {
    let home = Home::new();
    home.write("token.json", TOKEN);
    let ran = home.run(
        "can GET /v3/assets?environment=a --environment b --token token.json --as-token ci --as oauth --list",
    );
    ran.expect(2)
        .says("--token, --as-token: two tokens are named")
        .says("--as says oauth, and --token names")
        .says("--list: it asks for everything")
        .says("`b` and `a`")
        .says("error: 4 contradictions on the command line");
    let line = "can GET /v3/assets?environment=a --environment b --token token.json";
    let ran = home.run(&format!("{line} --as delivery --json"));
    ran.expect(2).says("--as says delivery").says("`b` and `a`");
    assert_eq!(ran.rules(), ["usage.contradiction"; 2]);
    assert_eq!(ran.document()["error"]["code"], "usage");
    // What is wrong with the token is told with them.
    home.write("token.json", "{");
    let ran = home.run(&format!("{line} --json"));
    ran.expect(2);
    assert_eq!(ran.rules(), ["usage.contradiction", "token.shape"]);
    home.run("can --help").says("contradicts it").says("--token or --as-token with an --as of another kind");
}
