//! Planned faults.

use std::time::Duration;

use bytes::Bytes;
use cs_model::{Api, Method, RouteId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::answer::{Answer, Problem, read};
use crate::clock::parse_duration;
use crate::faults::{Chance, Fault, FaultPlan, Planned};

/// A fault to be planned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    fault: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    duration: Option<String>,
    /// `GET /v3/stacks/delivery_tokens/{token_uid}`, or a path of that form.
    #[serde(default)]
    route: Option<String>,
    #[serde(default)]
    api: Option<String>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    after: u32,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default)]
    probability: Option<f64>,
    #[serde(default)]
    seed: u64,
}

impl Shared {
    pub(super) fn list_faults(&self) -> Result<Answer, Problem> {
        let faults: Vec<Value> =
            self.faults.list().iter().map(|(number, planned)| show(*number, planned)).collect();
        Ok(Answer::ok(json!({ "faults": faults })))
    }

    pub(super) fn add_fault(&self, body: &Bytes) -> Result<Answer, Problem> {
        let plan = read::<New>(body)?.plan()?;
        Ok(Answer::created(json!({ "number": self.faults.add(plan) })))
    }

    pub(super) fn clear_faults(&self) -> Result<Answer, Problem> {
        Ok(Answer::ok(json!({ "removed": self.faults.clear() })))
    }

    pub(super) fn remove_fault(&self, number: &str) -> Result<Answer, Problem> {
        let removed = number.parse().is_ok_and(|number| self.faults.remove(number));
        if removed {
            Ok(Answer::ok(json!({ "removed": 1 })))
        } else {
            Err(Problem::new(404, "there is no such fault, or it is over"))
        }
    }
}

impl New {
    fn plan(self) -> Result<FaultPlan, Problem> {
        let wrong = |says: String| Problem::new(422, says);
        let mut plan = FaultPlan::new(self.fault()?);
        (plan.after, plan.times) = (self.after, self.times);
        if self.times == Some(0) {
            return Err(wrong("`times` is how often it happens: one or more".to_owned()));
        }
        plan.chance = match self.probability {
            Some(probability) if (0.0..=1.0).contains(&probability) => {
                Some(Chance { probability, seed: self.seed })
            }
            Some(_) => return Err(wrong("`probability` is a number from 0 to 1".to_owned())),
            None => None,
        };
        plan.method = match &self.method {
            Some(name) => Some(
                Method::parse(name).ok_or_else(|| wrong(format!("no document uses the method `{name}`")))?,
            ),
            None => None,
        };
        plan.api = match &self.api {
            Some(name) => Some(Api::find(name).ok_or_else(|| wrong(format!("there is no API `{name}`")))?),
            None => None,
        };
        if let Some(route) = &self.route {
            let found = find(plan.api, route).ok_or_else(|| {
                wrong(format!(
                    "`{route}` is no method and path of a documented route, such as `GET /v3/stacks`"
                ))
            })?;
            plan.route = Some(found);
        }
        Ok(plan)
    }

    fn fault(&self) -> Result<Fault, Problem> {
        let wrong = |says: &str| Problem::new(422, says);
        let duration = || {
            let text = self
                .duration
                .as_deref()
                .ok_or_else(|| wrong("this fault needs a `duration`, such as `2s`"))?;
            Duration::try_from(parse_duration(text)?).map_err(|_| wrong("a duration is not negative here"))
        };
        Ok(match self.fault.as_str() {
            "no_connection" => Fault::NoConnection,
            "lose_request" => Fault::LoseRequest,
            "lose_answer" => Fault::LoseAnswer,
            "truncate" => Fault::Truncate,
            "slow" => Fault::Slow(duration()?),
            "slow_body" => Fault::SlowBody(duration()?),
            "status" => match self.status {
                Some(status @ 400..=599) => Fault::Status(status),
                _ => return Err(wrong("this fault needs a `status` from 400 to 599")),
            },
            other => {
                return Err(Problem::new(
                    422,
                    format!(
                        "there is no fault `{other}`; there are `no_connection`, `lose_request`, `lose_answer`, `status`, `truncate`, `slow` and `slow_body`"
                    ),
                ));
            }
        })
    }
}

/// The route of this method and template, or of a path of its form.
fn find(api: Option<Api>, text: &str) -> Option<RouteId> {
    let (method, path) = text.split_once(' ')?;
    let (method, path) = (Method::parse(method)?, path.trim());
    let fits = |id: &RouteId| api.is_none_or(|api| id.row().api == api);
    let by_template = |id: &RouteId| id.row().method == method && id.row().template == path;
    RouteId::all()
        .find(|id| fits(id) && by_template(id))
        .or_else(|| cs_policy::classify(api.unwrap_or(Api::Management), method, path))
}

fn show(number: u64, planned: &Planned) -> Value {
    let plan = &planned.plan;
    let mut shown = json!({
        "number": number,
        "fault": plan.fault.name(),
        "route": plan.route.map(|route| {
            let row = route.row();
            format!("{} {}", row.method.as_str(), row.template)
        }),
        "api": plan.api.or_else(|| plan.route.map(|route| route.row().api)).map(Api::name),
        "method": plan.method.map(Method::as_str),
        "after": plan.after,
        "times": plan.times,
        "probability": plan.chance.map(|chance| chance.probability),
        "seed": plan.chance.map(|chance| chance.seed),
        "seen": planned.seen,
        "happened": planned.happened,
    });
    match plan.fault {
        Fault::Status(status) => shown["status"] = json!(status),
        Fault::Slow(duration) | Fault::SlowBody(duration) => {
            shown["duration"] = json!(format!("{}ms", duration.as_millis()));
        }
        _ => {}
    }
    shown
}
