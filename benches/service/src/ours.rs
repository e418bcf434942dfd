//! The service, with enough stacks to make tokens in.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use cs_model::Secret;
use cs_server::http::Server;
use cs_server::store::{MemoryStore, RedbStore, Store};
use cs_server::{Options, Service, demo};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::load::{CONNECTIONS, Script};
use crate::served::Served;

/// How many tokens are made in one run, and how many a stack may have.
pub(crate) const CREATES: usize = 9_600;
pub(crate) const IN_A_STACK: usize = 20;

/// How many bytes the record of such a token has.
pub(crate) const RECORD: usize = 560;

const ENVIRONMENTS: &str = "/v3/environments";
pub(crate) const TOKENS: &str = "/v3/stacks/delivery_tokens";

/// The service with its demo owner, who has many stacks.
pub(crate) struct Ours {
    service: Arc<Service>,
    authtoken: Secret,
    stacks: Vec<String>,
}

impl Ours {
    /// Over memory.
    pub(crate) fn memory() -> Result<Self> {
        Self::over(MemoryStore::new())
    }

    /// Over a new file.
    pub(crate) fn file(path: &Path) -> Result<Self> {
        Self::over(RedbStore::open(path)?)
    }

    fn over(store: impl Store + 'static) -> Result<Self> {
        let now = Timestamp::now();
        let service = Arc::new(Service::new(store, Options::default().no_rate_limit()));
        let demo = demo::ensure(&service, now)?;
        let authtoken = demo::session(&service, now, &demo)?;
        Self { service, authtoken, stacks: vec![demo.api_key.as_str().to_owned()] }.with_stacks(&demo, now)
    }

    fn with_stacks(mut self, demo: &demo::Demo, now: Timestamp) -> Result<Self> {
        let admin = self.service.admin(now);
        let wanted = CREATES / IN_A_STACK + 1;
        let made: Vec<String> = std::thread::scope(|scope| {
            // Side by side, so that they share commits.
            let threads: Vec<_> = (0..CONNECTIONS)
                .map(|thread| {
                    scope.spawn(move || {
                        let numbers = (1..wanted).filter(|number| number % CONNECTIONS == thread);
                        let make = |number: usize| {
                            let name = format!("Stack {number}");
                            let made = admin.create_stack(&demo.organization_uid, &name, &demo.owner_uid);
                            made.map(|api_key| api_key.as_str().to_owned())
                        };
                        numbers.map(make).collect::<Result<Vec<_>, _>>()
                    })
                })
                .collect();
            let joined = threads.into_iter().map(|thread| {
                let made = thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?;
                made.map_err(anyhow::Error::from)
            });
            joined.collect::<Result<Vec<_>>>()
        })?
        .concat();
        self.stacks.extend(made);
        let body = json!({ "environment": { "name": "production", "urls": [] } }).to_string();
        std::thread::scope(|scope| {
            for thread in 0..CONNECTIONS {
                let (this, body) = (&self, &body);
                scope.spawn(move || {
                    for stack in (1..this.stacks.len()).filter(|stack| stack % CONNECTIONS == thread) {
                        // A stack without it shows in the first create.
                        let _ = this.handle("POST", stack, ENVIRONMENTS, body);
                    }
                });
            }
        });
        Ok(self)
    }

    /// The service itself.
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// A request as the service reads it.
    pub(crate) fn call(&self, method: &str, stack: usize, path: &str, body: &str) -> Result<Request<Bytes>> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("api_key", &self.stacks[stack])
            .header("authtoken", self.authtoken.reveal())
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_owned()))?;
        Ok(request)
    }

    fn handle(&self, method: &str, stack: usize, path: &str, body: &str) -> Result<(u16, Value)> {
        let response = self.service.handle(Timestamp::now(), &self.call(method, stack, path, body)?);
        Ok((response.status().as_u16(), serde_json::from_slice(response.body())?))
    }

    /// Makes a token; as the answer shows it.
    pub(crate) fn create(&self, stack: usize, name: &str) -> Result<Value> {
        let (status, mut answer) = self.handle("POST", stack, TOKENS, &body(name))?;
        ensure!(status == 201, "{answer}");
        Ok(answer["token"].take())
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, method: &str, stack: usize, path: &str, body: &str) -> Vec<u8> {
        let (api_key, authtoken) = (&self.stacks[stack], self.authtoken.reveal());
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\napi_key: {api_key}\r\nauthtoken: {authtoken}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }

    /// Requests that make as many tokens as the stacks may have.
    pub(crate) fn creates(&self) -> Result<Script> {
        let stacks: Vec<usize> = (1..self.stacks.len()).collect();
        let share = stacks.len().div_ceil(CONNECTIONS);
        let of = |stacks: &[usize]| {
            let each = |stack: usize| {
                (0..IN_A_STACK)
                    .map(move |number| self.request("POST", stack, TOKENS, &body(&format!("token {number}"))))
            };
            stacks.iter().copied().flat_map(each).collect::<Vec<_>>()
        };
        let requests: Vec<_> = stacks.chunks(share).map(of).collect();
        ensure!(requests.len() == CONNECTIONS, "stacks do not fit the connections");
        Ok(Script::Own { requests, status: 201 })
    }

    /// Serves it on a thread of its own.
    pub(crate) fn serve(&self) -> Result<Served> {
        let server = Server::new(Arc::clone(&self.service));
        Served::start("ours", move |listener, stopped| async move {
            let stop = async move { drop(stopped.await) };
            if let Err(error) = server.serve(listener, stop).await {
                eprintln!("{error}");
            }
        })
        .context("the service is not served")
    }
}

/// The body of a request that makes a token.
pub(crate) fn body(name: &str) -> String {
    json!({ "token": { "name": name, "description": "made under load", "scope": [
        { "module": "environment", "environments": ["production"], "acl": { "read": true } },
        { "module": "branch", "branches": ["main"], "acl": { "read": true } },
    ] } })
    .to_string()
}
