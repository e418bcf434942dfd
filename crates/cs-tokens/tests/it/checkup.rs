//! Examining a target.

use std::time::Duration;

use cs_server::in_process::{Fault, URL};
use cs_tokens::blocking::Client;
use cs_tokens::{Credential, Finding, Health};

use crate::world::World;

fn health(findings: &[Finding], check: &str) -> Vec<Health> {
    findings.iter().filter(|finding| finding.check == check).map(|finding| finding.health).collect()
}

#[test]
fn a_healthy_target_says_so() {
    let world = World::new();
    let findings = world.client.examine(Some(&world.api_key), Some("main")).unwrap();
    assert!(findings.iter().any(|finding| finding.says == "the user owns the stack"), "{findings:?}");
    for check in ["reach", "credential", "api_key", "branch"] {
        assert_eq!(health(&findings, check), [Health::Good], "{findings:?}");
    }
    for check in ["role", "limits"] {
        assert_eq!(health(&findings, check), [Health::Good, Health::Good], "{findings:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let world = World::new();
    let findings = world.client.examine(Some(&"blt1".parse().unwrap()), None).unwrap();
    assert_eq!(health(&findings, "api_key"), [Health::Bad], "{findings:?}");
    assert!(findings.last().unwrap().fix.as_ref().unwrap().contains("region"));

    let findings = world.client.examine(Some(&world.api_key), Some("mian")).unwrap();
    assert_eq!(findings.last().unwrap().fix.as_deref(), Some("did you mean `main`?"));

    for _ in 0..4 {
        world.transport.fail_next(Fault::NoConnection);
    }
    let findings = world.client.examine(None, None).unwrap();
    assert_eq!(health(&findings, "reach"), [Health::Bad]);

    let other = |credential| {
        let client =
            Client::builder(std::sync::Arc::clone(&world.transport)).base_url(URL).credential(credential);
        client.build().unwrap().examine(Some(&world.api_key), None).unwrap()
    };
    let unknown = other(Credential::Authtoken(cs_model::Secret::new("canary")));
    assert_eq!(health(&unknown, "credential"), [Health::Bad], "{unknown:?}");
    assert!(!format!("{unknown:?}").contains("canary"));
    let without = other(Credential::None);
    for (check, expected) in [("reach", Health::Good), ("api_key", Health::Good), ("credential", Health::Bad)]
    {
        assert_eq!(health(&without, check), [expected], "what can be known without one is told: {without:?}");
    }
    let anonymous = Client::builder(std::sync::Arc::clone(&world.transport)).base_url(URL).build().unwrap();
    let nowhere = anonymous.examine(Some(&"blt1".parse().unwrap()), None).unwrap();
    assert_eq!(health(&nowhere, "api_key"), [Health::Bad], "{nowhere:?}");
}

#[test]
fn clocks_that_differ_are_told() {
    let world = World::new();
    let client = Client::builder(Skewed(&world)).base_url(URL);
    let client = client.credential(Credential::Authtoken(world.authtoken.clone())).build().unwrap();
    let findings = client.examine(Some(&world.api_key), None).unwrap();
    let clock = findings.iter().find(|finding| finding.check == "clock").unwrap();
    assert_eq!(clock.health, Health::Warning, "{clock:?}");
    assert!(clock.says.contains("ahead of"), "{clock:?}");
}

/// A machine whose clock is an hour ahead, with a service that says what time it is.
struct Skewed<'a>(&'a World);

impl cs_transport::BlockingTransport for Skewed<'_> {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, cs_transport::TransportError> {
        let mut answer = self.0.transport.send(request)?;
        answer.headers_mut().insert("date", "Sat, 21 Nov 2026 12:00:00 GMT".parse().unwrap());
        Ok(answer)
    }

    fn sleep(&self, duration: Duration) {
        self.0.transport.sleep(duration);
    }

    fn now(&self) -> jiff::Timestamp {
        self.0.transport.now() + Duration::from_secs(3600)
    }
}

#[test]
fn regions_are_asked_without_a_credential_and_only_those_that_are_named() {
    let asked = std::sync::Mutex::new(Vec::new());
    let transport = cs_transport::from_fn(|request: http::Request<bytes::Bytes>| {
        for name in ["authtoken", "authorization"] {
            assert!(!request.headers().contains_key(name), "{name} goes to {}", request.uri());
        }
        let host = request.uri().host().unwrap().to_owned();
        let (status, body) = match host.as_str() {
            "eu-api.contentstack.com" => (401, r#"{"error_message":"x","error_code":105}"#),
            _ => (412, r#"{"error_message":"x","error_code":109}"#),
        };
        asked.lock().unwrap().push(host);
        Ok(http::Response::builder().status(status).body(bytes::Bytes::from(body)).unwrap())
    });
    let client = Client::builder(transport)
        .region("na")
        .credential(Credential::Authtoken(cs_model::Secret::new("canary")))
        .build()
        .unwrap();
    let regions: Vec<_> =
        ["na", "eu"].iter().map(|name| cs_model::facts::Region::find(name).unwrap()).collect();
    let findings = client.probe_regions(&"blt1".parse().unwrap(), &regions).unwrap();
    let found: Vec<_> = findings.iter().map(|finding| (finding.health, finding.says.as_str())).collect();
    assert_eq!(
        found,
        [(Health::Warning, "region na does not know it"), (Health::Warning, "region eu knows stack blt1"),]
    );
    assert_eq!(findings[1].fix.as_deref(), Some("use region `eu`"));
    let nowhere = client.probe_regions(&"blt1".parse().unwrap(), &regions[..1]).unwrap();
    assert_eq!(nowhere.last().unwrap().health, Health::Bad);
    drop(client);
    assert_eq!(
        *asked.lock().unwrap(),
        ["api.contentstack.io", "eu-api.contentstack.com", "api.contentstack.io"]
    );
}

/// What another region says of its rate is nothing to the client's own.
#[test]
fn a_region_that_is_asked_does_not_slow_the_client_down() {
    let slept = std::sync::Arc::new(std::sync::Mutex::new(Duration::ZERO));
    let client = Client::builder(Refusing(std::sync::Arc::clone(&slept)))
        .region("na")
        .credential(Credential::Authtoken(cs_model::Secret::new("canary")))
        .pace(cs_transport::RateLimit::new(cs_transport::RateLimiters::new()))
        .build()
        .unwrap();
    let eu = cs_model::facts::Region::find("eu").unwrap();
    let findings = client.probe_regions(&"blt1".parse().unwrap(), &[eu]).unwrap();
    assert_eq!(health(&findings, "region"), [Health::Warning, Health::Bad], "{findings:?}");
    let before = *slept.lock().unwrap();
    client.user().unwrap();
    assert_eq!(*slept.lock().unwrap(), before);
}

/// Where Europe has had enough for the next half minute. Its clock stands still.
struct Refusing(std::sync::Arc<std::sync::Mutex<Duration>>);

impl cs_transport::BlockingTransport for Refusing {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, cs_transport::TransportError> {
        let is_refused = request.uri().host() == Some("eu-api.contentstack.com");
        let body = bytes::Bytes::from_static(br#"{"user":{"uid":"u"}}"#);
        let answer = http::Response::builder().status(if is_refused { 429 } else { 200 });
        Ok(answer.header("retry-after", "40").body(body).unwrap())
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }

    fn now(&self) -> jiff::Timestamp {
        let start: jiff::Timestamp = crate::world::START.parse().unwrap();
        start + *self.0.lock().unwrap()
    }
}
