//! Which region a stack lives in.

use bytes::Bytes;
use cs_model::facts::Region;
use cs_model::generated::{ErrorId, route};
use cs_model::{ApiError, ApiKey};
use cs_transport::Transport;
use http::{HeaderMap, Response, Uri};

use super::{Finding, Findings, Health};
use crate::client::LimiterKey;
use crate::client::call::{self, Writes};
use crate::client::carry::{carry_until, deadline};
use crate::client::message::Message;
use crate::origin::{Origin, region_of};
use crate::{Client, Error, Operation};

/// What a region says of an API key.
enum Says {
    Knows,
    DoesNot,
    Unclear(String),
}

impl<T: Transport> Client<T> {
    /// Asks regions whether they know a stack. **No credential is sent**: a region that knows the API key asks for one, and
    /// one that does not says so first. Each region is asked once, and only those that are named.
    ///
    /// Never fails: what goes wrong is a finding.
    pub async fn probe_regions(&self, api_key: &ApiKey, regions: &[&Region]) -> Vec<Finding> {
        let mut findings = Findings::default();
        let own = self.url().strip_prefix("https://").and_then(region_of);
        let mut found = 0;
        for region in regions {
            let is_own = own == Some(region.id);
            match self.probe(api_key, region).await {
                Says::Knows => {
                    found += 1;
                    let says = format!("region {} knows stack {api_key}", region.id);
                    let health = if is_own { Health::Good } else { Health::Warning };
                    let fix = (!is_own).then(|| format!("use region `{}`", region.id));
                    findings.add("region", health, says, fix);
                }
                Says::DoesNot => {
                    let says = format!("region {} does not know it", region.id);
                    findings.add("region", if is_own { Health::Warning } else { Health::Good }, says, None);
                }
                Says::Unclear(why) => {
                    findings.add("region", Health::Warning, format!("region {}: {why}", region.id), None);
                }
            }
        }
        if found == 0 {
            let says = format!("none of these regions knows stack {api_key}");
            let fix = "check the API key in the settings of the stack".to_owned();
            findings.add("region", Health::Bad, says, Some(fix));
        }
        findings.list
    }

    /// Asks for environments without any credential: of a stack that is known, that is what is missing.
    pub(super) async fn ask_openly(
        &self,
        origin: &Origin,
        api_key: Option<&ApiKey>,
    ) -> Result<Response<Bytes>, Error> {
        let operation = Operation(route::GET_ENVIRONMENTS);
        let target = route::GET_ENVIRONMENTS.row().template;
        let uri =
            origin.url(target.to_owned()).ok_or(Error::Request { operation, what: "the URL is not one" })?;
        let writes = Probe { client: self, operation, api_key, target, uri };
        let other = (*origin != self.origin).then(|| LimiterKey::of_other(origin));
        let answer = carry_until(self, deadline(self), other.as_ref(), operation, &writes, None).await?;
        match call::redirected(operation, &writes, origin, &answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    async fn probe(&self, api_key: &ApiKey, region: &Region) -> Says {
        let asked = match Origin::of_region(region.id) {
            Ok(origin) => self.ask_openly(&origin, Some(api_key)).await,
            Err(error) => Err(Error::Url(error)),
        };
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => return Says::Unclear(error.to_string()),
        };
        let status = answer.status();
        let refused = ApiError::read(status.as_u16(), answer.body());
        let unknown = ErrorId::ApiKeyUnknown.row();
        if status.is_success() || matches!(status.as_u16(), 401 | 403) {
            Says::Knows
        } else if unknown.statuses.contains(&status.as_u16()) {
            Says::DoesNot
        } else {
            Says::Unclear(format!("it answers {refused}"))
        }
    }
}

/// A request to another region than the client's.
struct Probe<'a, T> {
    client: &'a Client<T>,
    operation: Operation,
    api_key: Option<&'a ApiKey>,
    target: &'static str,
    uri: Uri,
}

impl<T: Transport> Writes for Probe<'_, T> {
    fn message(&self) -> Result<Message<'_>, Error> {
        let target = self.target.to_owned();
        let message =
            Message::new(self.client, self.operation, self.api_key, target, HeaderMap::new(), None)?;
        Ok(message.to(self.uri.clone()))
    }

    fn uid(&self) -> Option<&str> {
        None
    }

    fn stack(&self) -> Option<&ApiKey> {
        // That of another region, if of any: nothing is known of it here.
        None
    }
}
