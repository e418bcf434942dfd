//! Planned faults.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use cs_model::generated::ErrorId;
use cs_model::{Api, Method, RouteId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::answer::{Answer, Problem, read};
use crate::clock::parse_duration;
use crate::faults::{Chance, Fault, FaultPlan, Planned, rows_with};

/// A fault to be planned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    fault: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    error_code: Option<u64>,
    /// A row of the error table by name, where several have the same number.
    #[serde(default)]
    error: Option<String>,
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
    seed: Option<u64>,
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
        let mut plan = FaultPlan::new(self.fault()?);
        (plan.after, plan.times) = (self.after, self.times);
        if self.times == Some(0) {
            return Err(wrong("`times` is how often it happens: one or more".to_owned()));
        }
        plan.chance = match self.probability {
            Some(probability) if (0.0..=1.0).contains(&probability) => {
                Some(Chance { probability, seed: self.seed.unwrap_or_default() })
            }
            Some(_) => return Err(wrong("`probability` is a number from 0 to 1".to_owned())),
            None if self.seed.is_some() => {
                return Err(wrong("`seed` means nothing without a `probability`".to_owned()));
            }
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
        let fault = match self.fault.as_str() {
            "no_connection" => Fault::NoConnection,
            "lose_request" => Fault::LoseRequest,
            "lose_answer" => Fault::LoseAnswer,
            "truncate" => Fault::Truncate,
            "slow" => Fault::Slow(self.duration()?),
            "slow_body" => Fault::SlowBody(self.duration()?),
            "status" => self.answered()?,
            other => {
                return Err(wrong(format!(
                    "there is no fault `{other}`; there are `no_connection`, `lose_request`, `lose_answer`, `status`, `truncate`, `slow` and `slow_body`"
                )));
            }
        };
        let meaningless = [
            ("status", self.status.is_some(), "status"),
            ("error_code", self.error_code.is_some(), "status"),
            ("error", self.error.is_some(), "status"),
            ("duration", self.duration.is_some(), "slow"),
        ]
        .into_iter()
        .find(|(_, is_there, kind)| *is_there && !fault.name().starts_with(kind));
        match meaningless {
            Some((key, ..)) => Err(wrong(format!("`{key}` means nothing for the fault `{}`", fault.name()))),
            None => Ok(fault),
        }
    }

    fn duration(&self) -> Result<Duration, Problem> {
        let text = self
            .duration
            .as_deref()
            .ok_or_else(|| wrong(format!("the fault `{}` needs a `duration`, such as `2s`", self.fault)))?;
        Duration::try_from(parse_duration(text)?)
            .map_err(|_| wrong(format!("`duration` is `{text}`, and nothing takes less than no time")))
    }

    /// An answer in place of the service's own, by its status, its number, its name in the error table, or several of these.
    fn answered(&self) -> Result<Fault, Problem> {
        if let Some(status) = self.status.filter(|status| !(400..=599).contains(status)) {
            return Err(wrong(format!("`status` is {status}, and that of an error is from 400 to 599")));
        }
        let (status, code) = (self.status, self.error_code);
        let id = match (&self.error, code) {
            (None, None) => None,
            (Some(name), _) => {
                let id = ErrorId::ALL.into_iter().find(|id| id.row().id == name);
                let id = id.ok_or_else(|| wrong(format!("the error table has no row `{name}`")))?;
                if !rows_with(status, code).any(|known| known == id) {
                    let row = id.row();
                    let statuses = listed(row.statuses.iter().map(ToString::to_string));
                    let code = row.sent_code().map_or_else(|| "none".to_owned(), |code| code.to_string());
                    return Err(wrong(format!(
                        "the answer `{name}` has status {statuses} and `error_code` {code}"
                    )));
                }
                Some(id)
            }
            (None, Some(code)) => Some(by_code(status, code)?),
        };
        match (status, id) {
            (Some(status), None) => Ok(Fault::Status(status)),
            (Some(status), Some(id)) => Ok(Fault::Error(status, id)),
            (None, Some(id)) => Ok(Fault::Error(id.row().sent_status(), id)),
            (None, None) => Err(wrong(
                "the fault `status` needs a `status` from 400 to 599, or an `error_code`".to_owned(),
            )),
        }
    }
}

fn wrong(says: String) -> Problem {
    Problem::new(422, says)
}

/// The row with this number, of those that may have this status. Of several the first is meant, but one that the vendor was seen to
/// send comes before one whose number is a guess.
fn by_code(status: Option<u16>, code: u64) -> Result<ErrorId, Problem> {
    let fitting = || rows_with(status, Some(code));
    if let Some(id) = fitting().find(|id| id.row().code.is_some()).or_else(|| fitting().next()) {
        return Ok(id);
    }
    let codes: BTreeSet<u32> = rows_with(status, None).filter_map(|id| id.row().sent_code()).collect();
    let known = listed(codes.iter().map(ToString::to_string));
    Err(wrong(match status {
        Some(status) if codes.is_empty() => {
            format!("`error_code` is {code}, and no answer with status {status} is known to have one")
        }
        Some(status) => format!("no answer with status {status} has `error_code` {code}; there are {known}"),
        None => format!("no answer has `error_code` {code}; there are {known}"),
    }))
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
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
        Fault::Error(status, id) => {
            let row = id.row();
            shown["status"] = json!(status);
            shown["error"] = json!(row.id);
            shown["error_code"] = json!(row.sent_code());
        }
        Fault::Slow(duration) | Fault::SlowBody(duration) => {
            shown["duration"] = json!(format!("{}ms", duration.as_millis()));
        }
        _ => {}
    }
    shown
}
