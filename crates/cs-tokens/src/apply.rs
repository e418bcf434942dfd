//! Carrying a plan out, step by step.
//!
//! Each value goes to its sink right after the answer that shows it. The first step that fails ends the run, and the
//! report lists what was done, what failed and what was not reached; running `plan` again tells what is left.

mod error;
mod report;
mod work;

use std::ops::ControlFlow;

use cs_transport::Transport;

pub use self::error::{ApplyError, Made};
pub use self::report::{Applied, Event, Failure};
use crate::plan::{Plan, PlanOptions, Step};
use crate::sink::Sinks;
use crate::{Declaration, Error, Problems, StackClient};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file, its sinks or what it asks for: everything at once. Nothing was changed.
    #[error("the file cannot be planned")]
    Problems(#[from] Problems),
    /// The stack could not be read.
    #[error(transparent)]
    Client(#[from] Error),
}

impl<T: Transport> StackClient<'_, T> {
    /// Reads the stack and plans what has to be done so that it has what the file declares.
    ///
    /// The file and its sinks are checked before the first request. What is wrong with them does not keep the stack from
    /// being read, so that names that it does not have are reported with the rest; nothing is changed by that.
    ///
    /// # Errors
    ///
    /// [`PlanError::Problems`] with everything that is wrong, [`PlanError::Client`] when the stack could not be read and
    /// nothing else is wrong.
    pub async fn plan(
        &self,
        declaration: &Declaration,
        sinks: &Sinks,
        options: PlanOptions,
    ) -> Result<Plan, PlanError> {
        let profile = self.client.profile();
        let alone = declaration.check(sinks, profile, self.client.wire.now());
        // A text that is not TOML declares nothing that the stack could be asked about.
        let alone = if declaration.is_unreadable() { Problems::sort_out(alone)? } else { alone };
        match self.inventory().await {
            Ok(inventory) => {
                let now = self.client.wire.now();
                Ok(Plan::new(declaration, &inventory, sinks, profile, now, options)?)
            }
            Err(error) => {
                Problems::sort_out(alone)?;
                Err(error.into())
            }
        }
    }

    /// Carries a plan out. `progress` hears of each step before and after it.
    ///
    /// Never fails as a whole: [`Applied::failed`] says which step did, if any.
    ///
    /// **Do not drop its future** before it is done: it stops in the middle of a step then, and no report tells where. A new
    /// token may be left whose value is in no sink, under its own name or, where it was to replace another one, a temporary
    /// one; or an old one beside it. Spawn it as a task of its own (see
    /// [`ManagementTokens::create`](crate::ManagementTokens::create)). Another plan says what is left to do.
    pub async fn apply(
        &self,
        plan: &Plan,
        sinks: &Sinks,
        progress: &mut (dyn FnMut(&Event<'_>) + Send),
    ) -> Applied {
        let mut progress = |event: &Event<'_>| {
            progress(event);
            ControlFlow::Continue(())
        };
        self.apply_while(plan, sinks, &mut progress).await
    }

    /// The same, and stops between two steps where `progress` says so: when it breaks at [`Event::Started`], that step is
    /// not begun, and it stands in [`Applied::not_reached`] with those after it.
    pub async fn apply_while(
        &self,
        plan: &Plan,
        sinks: &Sinks,
        progress: &mut (dyn FnMut(&Event<'_>) -> ControlFlow<()> + Send),
    ) -> Applied {
        let steps: Vec<&Step> = plan.changes().collect();
        let total = steps.len();
        let mut applied = Applied::new(plan);
        for (index, step) in steps.iter().enumerate() {
            let number = index + 1;
            if progress(&Event::Started { step, number, total }).is_break() {
                applied.left_out(steps.iter().skip(index).map(|step| (*step).clone()).collect());
                break;
            }
            // Between the beginning and the end of a step nothing can be stopped.
            let outcome = match self.is_for(plan) {
                Ok(()) => work::carry_out(self, step, sinks).await,
                Err(error) => Err(error.into()),
            };
            match outcome {
                Ok(uid) => {
                    applied.done(step, uid);
                    let _ = progress(&Event::Done { step, number, total });
                }
                Err(error) => {
                    let _ = progress(&Event::Failed { step, number, total, error: &error });
                    let not_reached = steps.iter().skip(number).map(|step| (*step).clone()).collect();
                    applied.stopped(step, error, not_reached);
                    break;
                }
            }
        }
        applied
    }

    fn is_for(&self, plan: &Plan) -> Result<(), Error> {
        if plan.stack == self.api_key {
            return Ok(());
        }
        Err(Error::OtherStack { planned: plan.stack.clone(), given: self.api_key.clone() })
    }
}
