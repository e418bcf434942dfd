//! How an application tests its own code against the service, without a socket and without waiting.
//!
//! `cargo test -p cs-server --example app_test` runs it; in your own crate, `cs-server` is a dev-dependency.

use std::sync::Arc;

use bytes::Bytes;
use cs_model::{ApiKey, Secret};
use cs_server::in_process::InProcess;
use cs_server::store::MemoryStore;
use cs_server::{Options, Service, demo};
use cs_transport::{BlockingTransport, TransportError};
use http::Request;

/// What the application is about: it reads the names of a stack's environments, and asks again when it is told to wait.
struct Deployer<T> {
    transport: T,
    api_key: ApiKey,
    authtoken: Secret,
}

impl<T: BlockingTransport> Deployer<T> {
    fn environments(&self) -> Result<Vec<String>, TransportError> {
        loop {
            let request = Request::get("http://localhost/v3/environments")
                .header("api_key", self.api_key.as_str())
                .header("authtoken", self.authtoken.reveal())
                .body(Bytes::new())
                .unwrap_or_default();
            let answer = self.transport.send(request)?;
            if answer.status() == 429 {
                self.transport.sleep(std::time::Duration::from_secs(1));
                continue;
            }
            let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let names = body["environments"].as_array().into_iter().flatten();
            return Ok(names
                .filter_map(|environment| Some(environment["name"].as_str()?.to_owned()))
                .collect());
        }
    }
}

/// The application against a service of its own: with a stack, and a clock that only sleeping moves.
fn against_a_service() -> Result<Deployer<InProcess>, Box<dyn std::error::Error>> {
    let service = Arc::new(Service::new(MemoryStore::new(), Options::default()));
    let transport = InProcess::at(Arc::clone(&service), "2026-11-21T12:00:00Z".parse()?);
    let demo = demo::ensure(&service, transport.time())?;

    let authtoken = demo::session(&service, transport.time(), &demo)?;
    Ok(Deployer { api_key: demo.api_key, authtoken, transport })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", against_a_service()?.environments()?.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use cs_server::in_process::{Fault, FaultPlan};

    use super::*;

    fn deployer() -> Deployer<InProcess> {
        against_a_service().unwrap()
    }

    #[test]
    fn environments_have_names() {
        let mut names = deployer().environments().unwrap();
        names.sort();
        assert_eq!(names, ["production", "staging"]);
    }

    #[test]
    fn too_many_requests_are_waited_out() {
        let deployer = deployer();
        deployer.transport.faults().add(FaultPlan::new(Fault::Status(429)).times(3));
        let start = deployer.transport.time();
        assert_eq!(deployer.environments().unwrap().len(), 2);
        assert_eq!(
            deployer.transport.time().duration_since(start).as_secs(),
            3,
            "and nobody waited for real"
        );
        assert_eq!(deployer.transport.requests(), 4);
    }

    #[test]
    fn a_lost_answer_is_told() {
        let deployer = deployer();
        deployer.transport.fail_next(Fault::LoseAnswer);
        assert!(deployer.environments().is_err());
        assert!(deployer.environments().is_ok());
    }
}
