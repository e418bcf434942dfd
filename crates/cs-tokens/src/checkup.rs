//! What is the matter with a target: questions that change nothing, one after the other.

mod regions;
mod role;

use bytes::Bytes;
use cs_model::{ApiError, ApiKey, LimitId, Method};
use cs_transport::Transport;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::client::management::counts;
use crate::error::causes;
use crate::{Client, CredentialKind, Diagnosis, Error, RawRequest, suggest};

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was asked: `reach`, `clock`, `credential`, `rate`, `api_key`, `organization`, `role`, `limits`,
    /// `branch`, `region`.
    pub check: &'static str,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, and something is worth knowing.
    Warning,
    /// It does not work.
    Bad,
}

impl Health {
    /// Its name: `good`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// How far two clocks may be apart before it matters: codes of a second factor live for half a minute.
const MOST_SKEW: i64 = 30;

impl<T: Transport> Client<T> {
    /// Asks, without changing anything, whether the API can be reached, whether the clocks agree, whether the credential, the
    /// stack and the branch are known, what the role allows, and how much room is left under the limits.
    ///
    /// Never fails: what goes wrong is a finding. Questions that make no sense after an answer are left out.
    pub async fn examine(&self, stack: Option<&ApiKey>, branch: Option<&str>) -> Vec<Finding> {
        let mut findings = Findings::default();
        if !self.examine_credential(stack, &mut findings).await {
            return findings.list;
        }
        if let Some(api_key) = stack {
            if self.examine_stack(api_key, &mut findings).await {
                self.examine_tokens(api_key, &mut findings).await;
                if let Some(branch) = branch {
                    self.examine_branch(api_key, branch, &mut findings).await;
                }
            }
        } else {
            findings.add(
                "api_key",
                Health::Warning,
                "no stack is named".to_owned(),
                Some("name a stack".to_owned()),
            );
        }
        findings.list
    }

    /// Reach, clock, rate and credential, by one request. Says whether it makes sense to go on.
    async fn examine_credential(&self, stack: Option<&ApiKey>, findings: &mut Findings) -> bool {
        let path = match (self.held.kind(), stack) {
            (CredentialKind::None, _) => {
                self.examine_openly(stack, findings).await;
                return false;
            }
            (CredentialKind::Management, None) => {
                let says = "a management token can be tried on its stack only, and none is named".to_owned();
                findings.add("credential", Health::Warning, says, Some("name the stack".to_owned()));
                return false;
            }
            (CredentialKind::Management, Some(_)) => "/v3/environments",
            _ => "/v3/user",
        };
        let of_stack = stack.filter(|_| path == "/v3/environments");
        let before = self.wire.now();
        let answer = match self.send_raw(of_stack, &RawRequest::new(Method::Get, path)).await {
            Ok(answer) => answer,
            Err(error) => {
                let unsent = matches!(error, Error::Source { .. } | Error::Credential(_));
                findings.error(if unsent { "credential" } else { "reach" }, &error);
                return false;
            }
        };
        let after = self.wire.now();
        findings.add("reach", Health::Good, format!("{} answers", self.url()), None);
        findings.clock(answer.headers(), before, after);
        findings.rate(answer.headers());
        let kind = self.held.kind();
        match refusal(&answer) {
            None => findings.add("credential", Health::Good, format!("the {kind} is known"), None),
            // The stack is asked about next.
            Some(refused) if refused.status == 412 => {
                findings.refused("api_key", &refused);
                return false;
            }
            Some(refused) if refused.status == 403 => {
                findings.add("credential", Health::Good, format!("the {kind} is known"), None);
            }
            Some(refused) => {
                findings.refused("credential", &refused);
                return false;
            }
        }
        true
    }

    /// What can be found out without a credential: reach, clock, and whether the stack is known.
    async fn examine_openly(&self, stack: Option<&ApiKey>, findings: &mut Findings) {
        let before = self.wire.now();
        match self.ask_openly(&self.origin, stack).await {
            Err(error) => return findings.error("reach", &error),
            Ok(answer) => {
                findings.add("reach", Health::Good, format!("{} answers", self.url()), None);
                findings.clock(answer.headers(), before, self.wire.now());
                match (stack, refusal(&answer)) {
                    // A stack that is known wants a credential.
                    (Some(_), Some(refused)) if !matches!(refused.status, 401 | 403) => {
                        findings.refused("api_key", &refused);
                    }
                    (Some(api_key), _) => {
                        let says = format!("stack {api_key} is known here");
                        findings.add("api_key", Health::Good, says, None);
                    }
                    (None, _) => {}
                }
            }
        }
        let (says, fix) = ("there is none".to_owned(), "log in".to_owned());
        findings.add("credential", Health::Bad, says, Some(fix));
    }

    async fn examine_stack(&self, api_key: &ApiKey, findings: &mut Findings) -> bool {
        match self.send_raw(Some(api_key), &RawRequest::new(Method::Get, "/v3/environments")).await {
            Err(error) => findings.error("api_key", &error),
            Ok(answer) => match refusal(&answer) {
                None => {
                    findings.add("api_key", Health::Good, format!("stack {api_key} is known here"), None);
                    return true;
                }
                Some(refused) => findings.refused("api_key", &refused),
            },
        }
        false
    }

    /// What the role allows, and how much room is left.
    async fn examine_tokens(&self, api_key: &ApiKey, findings: &mut Findings) {
        let stack = self.stack(api_key.clone());
        self.examine_role(&stack, findings).await;
        match stack.management_tokens().list().await {
            Ok(tokens) => {
                findings.add("role", Health::Good, "it may see management tokens".to_owned(), None);
                let now = self.wire.now();
                let used = tokens.iter().filter(|token| counts(token, &self.profile, now)).count();
                self.room("management tokens", LimitId::ManagementTokensPerStack, used, findings);
            }
            Err(error) => {
                findings.error("role", &error);
                findings.soften();
            }
        }
        match stack.delivery_tokens().list().await {
            Ok(tokens) => {
                self.room("delivery tokens", LimitId::DeliveryTokensPerStack, tokens.len(), findings);
            }
            Err(error) => {
                findings.error("role", &error);
                findings.soften();
            }
        }
    }

    fn room(&self, what: &str, limit: LimitId, used: usize, findings: &mut Findings) {
        let row = self.profile.limit(limit);
        let Some(most) = row.value else {
            let says = format!("{used} {what}; how many there may be depends on the plan");
            return findings.add("limits", Health::Good, says, None);
        };
        let says = format!("{used} of {most} {what} (profile {}, {})", self.profile.name, row.source);
        let is_full = used >= most as usize;
        let fix = is_full.then(|| "delete one that is not in use, or ask for a higher limit".to_owned());
        findings.add("limits", if is_full { Health::Warning } else { Health::Good }, says, fix);
    }

    async fn examine_branch(&self, api_key: &ApiKey, branch: &str, findings: &mut Findings) {
        match self.stack(api_key.clone()).names().await {
            Err(error) => findings.error("branch", &error),
            Ok(names) if names.branches.contains(branch) => {
                findings.add("branch", Health::Good, format!("`{branch}` is a branch"), None);
            }
            Ok(names) if names.aliases.contains(branch) => {
                let says = format!("`{branch}` is an alias; a grant of its branch does not count for it");
                findings.add("branch", Health::Good, says, None);
            }
            Ok(names) if names.branches.is_empty() => {
                let fix = Some("send no `branch` header".to_owned());
                findings.add("branch", Health::Warning, "the stack has no branches".to_owned(), fix);
            }
            Ok(names) => {
                let known = names.branches.iter().chain(&names.aliases).map(String::as_str);
                let nearest = suggest::nearest(branch, known.clone());
                let fix = nearest.map_or_else(
                    || format!("use one of {}", known.collect::<Vec<_>>().join(", ")),
                    |nearest| format!("did you mean `{nearest}`?"),
                );
                let says = format!("the stack has no branch and no alias `{branch}`");
                findings.add("branch", Health::Bad, says, Some(fix));
            }
        }
    }
}

#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, check: &'static str, health: Health, says: String, fix: Option<String>) {
        self.list.push(Finding { check, health, says, fix });
    }

    /// Takes the last finding for one that need not stop anybody.
    fn soften(&mut self) {
        if let Some(last) = self.list.last_mut() {
            last.health = Health::Warning;
        }
    }

    fn error(&mut self, check: &'static str, error: &Error) {
        match error.api_error() {
            Some(refused) => self.refused(check, refused),
            None => {
                let mut says = error.to_string();
                for text in causes(error) {
                    // Transparent wrappers repeat what they wrap.
                    if !says.ends_with(&text) {
                        says.push_str(&format!(": {text}"));
                    }
                }
                self.add(check, Health::Bad, says, error.fix());
            }
        }
    }

    fn refused(&mut self, check: &'static str, refused: &ApiError) {
        let told = Diagnosis::of(refused);
        let cause = told.cause.trim_end_matches('.');
        self.add(check, Health::Bad, format!("{cause} ({refused})"), Some(told.fix.to_owned()));
    }

    fn clock(&mut self, headers: &HeaderMap, before: Timestamp, after: Timestamp) {
        let Some(theirs) = cs_transport::answered_at(headers) else {
            // Nothing is known then, and nothing is wrong.
            return;
        };
        let theirs = theirs.as_second();
        // The header has whole seconds, and was written at some moment between the two.
        let ahead = before.as_second() - theirs - 1;
        let behind = theirs - after.as_second();
        let (skew, which) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
        if skew > MOST_SKEW {
            let says = format!("this machine's clock is {} {which} the API's", in_words(skew));
            let fix = "set the clock: codes of a second factor and dates of expiry depend on it".to_owned();
            self.add("clock", Health::Warning, says, Some(fix));
        } else {
            self.add("clock", Health::Good, "the clocks agree".to_owned(), None);
        }
    }

    fn rate(&mut self, headers: &HeaderMap) {
        let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        if let (Some(limit), Some(left)) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining")) {
            let health = if left == 0 { Health::Warning } else { Health::Good };
            let fix = (left == 0).then(|| "something else uses up the rate: slow it down".to_owned());
            self.add("rate", health, format!("{left} of {limit} reads of this second are left"), fix);
        }
    }
}

/// Seconds in the largest unit of which there are two or more.
fn in_words(seconds: i64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        120.. => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

/// What the API said, when it refused.
fn refusal(answer: &Response<Bytes>) -> Option<ApiError> {
    let status = answer.status();
    (!status.is_success()).then(|| ApiError::read(status.as_u16(), answer.body()))
}
