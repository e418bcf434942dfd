//! Which stacks, and work on all of them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use cs_model::{ApiKey, Plain};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::TargetArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, of_stack};
use crate::target::config::{Config, TargetConfig};
use crate::target::connection::Connection;
use crate::target::local::Access;
use crate::target::{self, LOCAL, Target};

/// How many stacks are asked at a time. Their pace is that of the process.
const AT_A_TIME: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// One of many stacks.
#[derive(Clone, Debug)]
pub(super) struct Stack {
    /// What it is called where results are shown.
    pub(super) name: String,
    pub(super) api_key: ApiKey,
    /// What the command line would call it, and what stands for it in sinks: its name in the target's table, or its API key.
    pub(super) given: String,
}

/// Stacks of a target, which stays open meanwhile.
pub(super) struct Stacks {
    /// In the order in which they are shown, each once.
    pub(super) all: Vec<Stack>,
    connection: Connection,
    target: TargetArgs,
}

impl Stack {
    fn new(name: &str, api_key: ApiKey, config: &TargetConfig) -> Self {
        let named = config.stacks.iter().find(|(_, stack)| stack.api_key == api_key);
        let given = named.map_or_else(|| api_key.to_string(), |(name, _)| name.clone());
        Self { name: name.to_owned(), api_key, given }
    }

    /// The name with the API key behind it, for people.
    pub(super) fn heading(&self) -> String {
        if self.name == self.api_key.as_str() {
            self.name.clone()
        } else {
            format!("{} ({})", Plain(&self.name), self.api_key)
        }
    }
}

impl Stacks {
    /// Those that the command line names.
    pub(super) fn find(target: &TargetArgs, access: Access, output: &Output) -> Result<Self, Failure> {
        let config = config(target)?;
        let named = if target.all_stacks { None } else { Some(named(target, &config)?) };
        let rest = TargetArgs { stack: Vec::new(), all_stacks: false, ..target.clone() };
        let resolved = Target::resolve(&rest)?;
        let (connection, all) = match named {
            Some(all) => (anonymous(resolved, access, output)?, all),
            None if !config.stacks.is_empty() => {
                let all = config.stacks.iter();
                let all = all.map(|(name, stack)| Stack::new(name, stack.api_key.clone(), &config)).collect();
                (anonymous(resolved, access, output)?, all)
            }
            // Those that the user can see.
            None => {
                let connection = match access {
                    Access::Read => Connection::open_to_read(resolved, output),
                    Access::Write => Connection::open(resolved, output),
                }?;
                let seen = connection.client().stacks(None)?.into_iter();
                let all = seen.map(|stack| Stack::new(&stack.name, stack.api_key, &config)).collect();
                (connection, all)
            }
        };
        let stacks = Self { all, connection, target: rest };
        stacks.ask_once(output)?;
        Ok(stacks)
    }

    /// That the user sees none, and what may be the reason: under single sign-on no error is made of an organization that is
    /// not named (CMA-doc, "Get a single stack"; faq, 06/02).
    pub(super) fn none_seen(&self) -> Failure {
        let failure = Failure::new(
            Exit::Usage,
            "no_stacks",
            format!("the credential sees no stacks on {}", self.connection.describe()),
        );
        let failure = match self.connection.organization() {
            Some(uid) => failure.hint(format!(
                "compare `organization` of the target, {uid}, with that of the stacks; see `cstok whoami` for whose the credential is"
            )),
            None => failure.hint(
                "under single sign-on no stack is listed unless the organization is named: set `organization` in the \
                 target's table of the configuration file",
            ),
        };
        failure.hint("or name the stacks: --stack API_KEY, or in the target's table of stacks")
    }

    /// Asks for a credential where one of them has none, before any of them is worked on: while many are, none can ask.
    fn ask_once(&self, output: &Output) -> Result<(), Failure> {
        if !output.is_interactive() || self.connection.is_local() {
            return Ok(());
        }
        for stack in &self.all {
            if Target::resolve(&self.target(stack))?.places.find()?.is_none() {
                return self.connection.ask(output);
            }
        }
        Ok(())
    }

    /// What stands for them in sinks.
    pub(super) fn given(&self) -> Vec<&str> {
        self.all.iter().map(|stack| stack.given.as_str()).collect()
    }

    /// The target, on one of them.
    pub(super) fn target(&self, stack: &Stack) -> TargetArgs {
        TargetArgs { stack: vec![stack.given.clone()], ..self.target.clone() }
    }

    /// Works on some of them, eight at a time, with a bar on a terminal.
    pub(super) fn each<R: Send>(
        &self,
        stacks: &[&Stack],
        work: impl Fn(&Stack) -> R + Sync,
    ) -> BTreeMap<ApiKey, R> {
        // Hides itself where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(Some(stacks.len() as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} stacks {msg}") {
            bar.set_style(style);
        }
        let by_key: BTreeMap<&ApiKey, &Stack> = stacks.iter().map(|stack| (&stack.api_key, *stack)).collect();
        let keys = stacks.iter().map(|stack| stack.api_key.clone());
        let of_key =
            |api_key: &ApiKey| by_key.get(api_key).map(|stack| of_stack(&stack.name, || work(stack)));
        let ended = self.connection.client().each_stack(
            keys,
            AT_A_TIME,
            |stack| of_key(stack.api_key()),
            |results| {
                let ended = results.inspect(|(api_key, _)| {
                    bar.set_message(by_key.get(api_key).map_or_else(String::new, |stack| stack.heading()));
                    bar.inc(1);
                });
                ended.filter_map(|(api_key, ended)| Some((api_key, ended?))).collect()
            },
        );
        bar.finish_and_clear();
        ended
    }
}

fn anonymous(target: Target, access: Access, output: &Output) -> Result<Connection, Failure> {
    Connection::open_anonymous(target, access, &Output::captured(output.is_json()))
}

/// The configuration of the target, where it has one.
fn config(target: &TargetArgs) -> Result<TargetConfig, Failure> {
    match &target.target {
        Some(name) if name != LOCAL => Config::read()?.target(name),
        _ => Ok(TargetConfig::default()),
    }
}

/// The stacks that the command line names, each once.
fn named(target: &TargetArgs, config: &TargetConfig) -> Result<Vec<Stack>, Failure> {
    let mut stacks: Vec<Stack> = Vec::new();
    for given in &target.stack {
        let api_key = match config.stack(given) {
            Some(stack) => stack.api_key.clone(),
            None => target::api_key("--stack", given)?,
        };
        if !stacks.iter().any(|known| known.api_key == api_key) {
            stacks.push(Stack::new(given.trim(), api_key, config));
        }
    }
    Ok(stacks)
}
