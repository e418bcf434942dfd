//! `doctor`: pasted answers and targets.

use crate::home::Home;
use crate::serve::Server;

#[test]
fn a_pasted_answer_is_explained() {
    let home = Home::new();
    home.write(
        "answer.json",
        r#"{"error_message":"x","error_code":141,"errors":{"scope.branch_or_alias":["x"]}}"#,
    );
    home.run("doctor --status 422 --body answer.json").expect(0).says("branch_scope_missing").says("fix ");
    let pasted = "HTTP/1.1 401 Unauthorized\n\n{\"error_message\":\"x\",\"error_code\":161}";
    let ran = home.run_with_input("doctor --body - --json", pasted);
    ran.expect(0);
    assert_eq!(ran.document()["diagnosis"]["id"], "environment_forbidden");
    home.run("doctor --status 200").expect(2).says("refuses nothing").says_not("Nobody has described");
    home.run("doctor --status 418").expect(3).says("Nobody has described");
    home.run_with_input("doctor --body -", "{}").expect(2).says("--status");
    home.run("doctor --status 99").expect(2);
    let followed = format!(
        "HTTP/2 301\nnel: {{\"a\":1}}\nlocation: /b\n\nHTTP/2 401\nnel: {{\"a\":1}}\n\n{}",
        &pasted[27..]
    );
    let ran = home.run_with_input("doctor --body - --json", &followed);
    assert_eq!(ran.expect(0).document()["diagnosis"]["id"], "environment_forbidden");
    home.run_with_input("doctor --body - --status 422", &followed).expect(2).says("leave --status out");
}

#[test]
fn a_target_is_examined() {
    let home = Home::new();
    let ran = home.run("doctor --branch deploy --json");
    ran.expect(0);
    let document = ran.document();
    let checks: Vec<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["check"].as_str().unwrap())
        .collect();
    for check in ["reach", "clock", "credential", "api_key", "role", "limits", "branch"] {
        assert!(checks.contains(&check), "{check} is not in {checks:?}");
    }
    home.run("doctor --branch mian").expect(3).says("did you mean `main`?");
}

#[test]
fn a_failing_target_is_explained() {
    let server = Server::start(&["--demo"]);
    let url = server.text("url");
    let home = || Home::new().with("CONTENTSTACK_API_KEY", server.text("api_key"));
    let unknown = home().with("CONTENTSTACK_AUTHTOKEN", "bltnosuchsession");
    unknown.run(&format!("doctor --url {url}")).expect(3).says("credential").says("Log in again");
    let known = home().with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"));
    known.run(&format!("doctor --url {url}")).expect(0).says("the clocks agree");
    known.run(&format!("doctor --url {url} --stack bltnosuchstack")).expect(3).says("region");
    known.run("doctor --url http://127.0.0.1:9").expect(3).says("reach");
    // Without a credential, what can be found out without one.
    let ran = home().run(&format!("doctor --url {url}"));
    ran.expect(3)
        .says("answers")
        .says("is known here")
        .says("there is none")
        .says("try: log in: cstok login");
    home().run("doctor --url http://127.0.0.1:9").expect(3).says("reach").says_not("is known here");
}

#[test]
fn a_service_with_another_clock_is_found_out() {
    let server = Server::start(&["--demo", "--clock", "offset:400d"]);
    let home = Home::new().with("CONTENTSTACK_AUTHTOKEN", server.text("authtoken"));
    let ran = home.run(&format!("doctor --url {} --stack {}", server.text("url"), server.text("api_key")));
    ran.says("this machine's clock is 400 days behind the API's").says_not("the clocks agree");
}

#[test]
fn no_other_host_is_asked_unless_the_target_is_elsewhere() {
    Home::new().run("doctor --probe-regions").expect(2).says("lives in no region").says("--region");
}
