//! `cstok can`

use cs_model::{Profile, Source};
use cs_policy::{
    AccessFacts, BodyFacts, Decision, DeliveryFacts, Kind, ManagementFacts, OAuthFacts, Principal, Request,
    Rule, User, Verdict, decide_request, fixes, why,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::args::can::CanArgs;
use crate::args::grants::{grant, modules};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::style::{self, Styled};

/// Answers whether a credential may make a request.
pub(crate) fn run(args: &CanArgs, profile: &Profile, output: &Output) -> Result<Exit, Failure> {
    let principal = principal(args);
    let now = args.now.unwrap_or_else(Timestamp::now);
    let decision = decide_request(profile, &principal, &request(args), now);
    output.document(&Document::new(&decision))?;
    print(&decision, args, profile, output)?;
    Ok(if decision.verdict().is_allow() { Exit::Ok } else { Exit::Denied })
}

fn principal(args: &CanArgs) -> Principal {
    let branches = grant(args.all_branches, &args.branches);
    let aliases = grant(args.all_aliases, &args.aliases);
    let delivery = || DeliveryFacts {
        environments: grant(false, &args.environments),
        branches: branches.clone(),
        aliases: aliases.clone(),
    };
    match args.kind.into() {
        Kind::Delivery => Principal::Delivery(delivery()),
        Kind::Preview => Principal::Preview(delivery()),
        Kind::Management => Principal::Management(ManagementFacts {
            scope: modules(&args.scope),
            branches,
            aliases,
            expires: args.expires.clone().unwrap_or_default(),
        }),
        Kind::Authtoken => Principal::Authtoken(User {
            roles: args.role.iter().copied().map(Into::into).collect(),
            organization: args.organization(),
            sso: args.sso,
            idp_login: args.idp_login,
            access_without_sso: args.access_without_sso,
            strict_mode: args.strict_mode,
        }),
        Kind::Access => Principal::Access(AccessFacts { stack_created: args.stack_created }),
        Kind::OAuth => Principal::OAuth(OAuthFacts { scopes: args.oauth_scopes.iter().cloned().collect() }),
        Kind::Anonymous => Principal::Anonymous,
    }
}

fn request(args: &CanArgs) -> Request<'_> {
    Request {
        api: args.api.into(),
        method: &args.method,
        path: &args.path,
        other_stack: args.other_stack,
        branch: args.branch.as_deref(),
        alias: args.alias.as_deref(),
        environment: args.environment.as_deref(),
        draft: args.draft,
        body: BodyFacts {
            stage_open_to_all: args.stage_open_to_all,
            publish_request: args.publish_request.map(Into::into),
            approvers_named: args.approvers,
        },
    }
}

#[derive(Serialize)]
struct Document {
    verdict: &'static str,
    route: Option<RouteShown>,
    rules: Vec<RuleShown>,
    fix: Vec<FixShown>,
    warnings: Vec<RuleShown>,
}

#[derive(Serialize)]
struct RouteShown {
    method: &'static str,
    path: &'static str,
    module: &'static str,
    action: &'static str,
}

#[derive(Serialize)]
struct RuleShown {
    id: &'static str,
    says: &'static str,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct FixShown {
    change: &'static str,
    detail: String,
}

impl Document {
    fn new(decision: &Decision) -> Self {
        let route = decision.route().map(|id| {
            let row = id.row();
            RouteShown {
                method: row.method.as_str(),
                path: row.template,
                module: row.module.name(),
                action: row.action.name(),
            }
        });
        Self {
            verdict: decision.verdict().name(),
            route,
            rules: why(decision).map(RuleShown::new).collect(),
            fix: fixes(decision)
                .map(|fix| FixShown { change: fix.rule().id, detail: fix.to_string() })
                .collect(),
            warnings: decision.warnings().map(RuleShown::new).collect(),
        }
    }
}

impl RuleShown {
    fn new(rule: &'static Rule) -> Self {
        Self { id: rule.id, says: rule.says, sources: rule.sources.iter().map(source).collect() }
    }
}

/// `seed 001, "Delivery Tokens"`
fn source(source: &Source) -> String {
    if source.place.is_empty() {
        source.document.to_owned()
    } else {
        format!("{}, \"{}\"", source.document, source.place)
    }
}

fn print(decision: &Decision, args: &CanArgs, profile: &Profile, output: &Output) -> Result<(), Failure> {
    let verdict = decision.verdict();
    let colour = if verdict.is_allow() { style::ADDED } else { style::ERROR };
    output.print(format_args!(
        "{}: {} {} as {} (profile `{}`)",
        Styled(colour, headline(verdict)),
        args.method,
        args.path,
        decision.kind(),
        profile.name,
    ))?;
    if let Some(id) = decision.route() {
        let row = id.row();
        output.print(format_args!("  route  {} {}", row.method.as_str(), row.template))?;
        output.print(format_args!("  module {}, action {}", row.module, row.action))?;
    }
    for rule in why(decision) {
        rule_lines("because", rule, output)?;
    }
    for rule in decision.warnings() {
        rule_lines("warning", rule, output)?;
    }
    for fix in fixes(decision) {
        output.print(format_args!("  fix: {fix}"))?;
    }
    Ok(())
}

fn rule_lines(word: &str, rule: &Rule, output: &Output) -> Result<(), Failure> {
    output.print(format_args!(
        "  {word}: {} {}",
        rule.says,
        Styled(style::QUIET, format_args!("[{}]", rule.id))
    ))?;
    let sources: Vec<String> = rule.sources.iter().map(source).collect();
    output.print(Styled(style::QUIET, format_args!("    {}", sources.join("; "))))
}

const fn headline(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::NotGranted => "not granted",
        Verdict::Undocumented => "undocumented",
        Verdict::Forbidden => "forbidden",
        Verdict::Unmapped => "unmapped: no document knows this request",
    }
}
