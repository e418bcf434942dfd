//! Bare table lookups: what no decision function can beat.

use cs_model::{Profile, RouteId};
use cs_policy::{Context, Decision, NamedBranch, Verdict, decide};

use cs_bench_load::load::{BRANCHES, Load, Question};

/// Every answer that the load asks for, found before: `[principal][route][branch]`.
///
/// It stands for a cache of decisions in front of the policy: the same answers, with all their rules.
#[derive(Debug)]
pub struct Answers(Vec<Decision>);

/// The verdicts alone, one byte each: `[principal][route][branch]`. No reasons, so it answers less than a decision does.
#[derive(Debug)]
pub struct Verdicts(Vec<Verdict>);

impl Answers {
    /// Finds all.
    #[must_use]
    pub fn of(profile: &Profile, load: &Load) -> Self {
        let mut answers = Vec::new();
        for prepared in &load.prepared {
            for route in RouteId::all() {
                for name in BRANCHES {
                    let branch =
                        name.map_or(NamedBranch::NotNamed, |name| NamedBranch::Branch(prepared.branch(name)));
                    let context = Context { branch, ..Context::default() };
                    answers.push(decide(profile, prepared, route, &context, load.now));
                }
            }
        }
        Self(answers)
    }

    /// Looks one up.
    #[must_use]
    pub fn get(&self, question: &Question) -> Decision {
        self.0[index(question)]
    }
}

impl Verdicts {
    /// Of all answers.
    #[must_use]
    pub fn of(answers: &Answers) -> Self {
        Self(answers.0.iter().map(Decision::verdict).collect())
    }

    /// Looks one up.
    #[must_use]
    pub fn get(&self, question: &Question) -> Verdict {
        self.0[index(question)]
    }
}

fn index(question: &Question) -> usize {
    let routes = cs_model::generated::ROUTES.len();
    (usize::from(question.principal) * routes + question.route.index()) * BRANCHES.len()
        + usize::from(question.branch)
}
