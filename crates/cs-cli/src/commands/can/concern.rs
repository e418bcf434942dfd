//! Options about the body of a request, on requests that have no such body.

use cs_policy::{Condition, Decision, RuleId, Subject};

use crate::args::can::request::RequestArgs;
use crate::problem::Problem;

/// What each option is about, and the conditions that ask for it.
type Row = (&'static str, bool, &'static str, &'static [Condition]);

/// The options that say nothing about the request, whoever makes it. Of what no table knows nothing is said.
pub(super) fn unconcerned(args: &RequestArgs, decision: &Decision) -> Vec<Problem> {
    let Some(subject) = decision.subject() else { return Vec::new() };
    let rows: [Row; 4] = [
        (
            "--publish-request",
            args.publish_request.is_some(),
            "requests that answer a publish request",
            &[Condition::PublishRequest],
        ),
        (
            "--stage-open-to-all",
            args.stage_open_to_all,
            "requests that move an entry to another stage",
            &[Condition::StageOpenToAll],
        ),
        (
            "--user-named",
            args.user_named,
            "requests that move an entry to another stage or answer a publish request",
            &[Condition::StageClosed, Condition::NotApprover],
        ),
        (
            "--approvers",
            args.approvers,
            "requests that make or change a publish rule",
            &[Condition::ApproversNamed],
        ),
    ];
    let idle = rows.into_iter().filter(|(_, given, _, asking)| *given && !any_asks(asking, subject));
    idle.map(|(option, _, about, _)| {
        Problem::of_options(
            option,
            "usage.no_concern",
            format!("{option} changes nothing here: it is about {about}"),
        )
        .warning()
    })
    .collect()
}

/// Whether a rule about this, for any kind of credential, has one of these conditions.
fn any_asks(conditions: &[Condition], subject: Subject) -> bool {
    RuleId::all().map(RuleId::rule).any(|rule| {
        let about = rule.about;
        conditions.contains(&rule.when) && about.kinds.iter().any(|kind| about.covers(*kind, subject))
    })
}
