//! Creating a token: marked while it is made, so that no answer that is lost leaves a token that nobody knows.

use std::pin::pin;

use cs_model::{Checked, Draft, StackNames, TokenUid};
use cs_transport::Transport;

use super::apart::apart;
use super::find::says_gone;
use super::kind::Kind;
use super::mark::Mark;
use super::update::{Before, delete, never_sent, update_among};
use super::{Effort, Recovered, after_failure, blind, unknown};
use crate::Error;
use crate::client::StackClient;
use crate::error::Lost;

/// Makes a token, under a mark unless the client is to do without.
pub(crate) async fn create<K: Kind + Copy, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    draft: &Checked<K::Draft>,
) -> Result<K::Token, Error> {
    let names = stack.names_for(draft).await?;
    if !stack.client.marks {
        return kind.post(stack, draft, &names).await;
    }
    apart(|| marked(kind, stack, draft, &names)).await
}

/// Makes a token under a mark, and takes the mark off it again.
async fn marked<K: Kind + Copy, T: Transport>(
    kind: K,
    stack: &StackClient<'_, T>,
    draft: &Checked<K::Draft>,
    names: &StackNames,
) -> Result<K::Token, Error> {
    let mark = Mark::draw(&stack.client.chance).ok_or(Error::NoRandom { operation: K::CREATE })?;
    let marked = draft.clone().described(mark.on(draft.draft().description()));
    let made = Making { kind, stack, names, draft: &marked, mark: &mark }.run().await?;
    // The token is made and its value known: what goes wrong from here on leaves a mark, and no more than that.
    match update_among(kind, stack, names, K::uid(&made), draft, || Some(Before::of::<K>(&made))).await {
        Ok(updated) => Ok(K::redescribed(made, updated)),
        // Somebody has deleted it.
        Err(error) if says_gone(&error) => Err(error),
        Err(_) => {
            let left = || Some(format!("take {mark} off its description"));
            stack.client.recoveries.tell_left(K::CREATE, Recovered::MarkLeft, Some(K::uid(&made)), left);
            Ok(made)
        }
    }
}

/// One token being made.
struct Making<'a, K: Kind, T> {
    kind: K,
    stack: &'a StackClient<'a, T>,
    names: &'a StackNames,
    draft: &'a Checked<K::Draft>,
    mark: &'a Mark,
}

impl<K: Kind + Copy, T: Transport> Making<'_, K, T> {
    async fn run(&self) -> Result<K::Token, Error> {
        let mut effort = Effort::new(self.stack.client);
        let mut lost: Option<Lost> = None;
        let mut removed = 0_usize;
        while effort.may_send() {
            if lost.is_some() {
                self.tell(Recovered::Repeated, None);
            }
            let refusal = match effort.carry(pin!(self.kind.post(self.stack, self.draft, self.names))).await {
                Ok(token) if lost.is_none() => return Ok(token),
                Ok(token) => return Ok(self.alone(token, &mut effort).await),
                Err(error) => after_failure(&mut lost, error)?,
            };
            let found = match self.look(&mut effort).await {
                Ok(found) => found,
                Err(error) => return Err(blind(K::CREATE, || self.check(), lost, error)),
            };
            match (K::SHOWS_VALUE, found.is_empty(), refusal) {
                (true, false, _) => match self.adopt(&found, &mut effort).await {
                    Ok(token) => return Ok(token),
                    Err(error) => return Err(blind(K::CREATE, || self.check(), lost, error)),
                },
                (false, false, _) => {
                    self.remove_all(&found, &mut effort, &mut lost).await?;
                    removed += found.len();
                }
                (_, true, Some(refusal)) => return Err(refusal),
                (_, true, None) => {}
            }
        }
        let attempts = effort.sent();
        Err(match lost {
            None => never_sent(K::CREATE),
            Some(source) if removed >= attempts as usize => {
                Error::GaveUp { operation: K::CREATE, attempts, source }
            }
            // Of a request whose token was not seen, nobody knows whether it comes yet.
            Some(source) => unknown(K::CREATE, self.check(), source),
        })
    }

    fn tell(&self, what: Recovered, uid: Option<&TokenUid>) {
        self.stack.client.recoveries.tell(K::CREATE, what, uid);
    }

    fn check(&self) -> String {
        format!("look for a {} of the stack whose description ends in {}", K::NAME, self.mark)
    }

    /// The uids of the tokens that bear the mark: one, where names are unique.
    async fn look(&self, effort: &mut Effort<'_, T>) -> Result<Vec<TokenUid>, Error> {
        let tokens = effort.look(|| self.kind.list(self.stack)).await?;
        let mine = tokens.iter().filter(|token| self.mark.is_on(K::description(token)));
        Ok(mine.map(|token| K::uid(token).clone()).collect())
    }

    /// Takes over the first of them, and deletes the others.
    async fn adopt(&self, found: &[TokenUid], effort: &mut Effort<'_, T>) -> Result<K::Token, Error> {
        let Some((first, others)) = found.split_first() else { return Err(never_sent(K::CREATE)) };
        let token = effort.look(|| self.kind.look(self.stack, first)).await?.token;
        for uid in others {
            effort.carry(pin!(delete(self.kind, self.stack, uid))).await?;
            self.tell(Recovered::Removed, Some(uid));
        }
        self.tell(Recovered::Adopted, Some(first));
        Ok(token)
    }

    /// Deletes tokens whose values nobody can know.
    async fn remove_all(
        &self,
        found: &[TokenUid],
        effort: &mut Effort<'_, T>,
        lost: &mut Option<Lost>,
    ) -> Result<(), Error> {
        for uid in found {
            if let Err(error) = effort.carry(pin!(delete(self.kind, self.stack, uid))).await {
                let source = lost.take();
                return Err(source.map_or(error, |source| {
                    let check = format!("{} {uid} was made and nobody has its value: delete it", K::NAME);
                    unknown(K::CREATE, check, source)
                }));
            }
            self.tell(Recovered::Removed, Some(uid));
        }
        Ok(())
    }

    /// Sees to it that a token which took more than one attempt is the only one with the mark: where names need not be
    /// unique, an attempt that was late has made another one. The token is not given up for what goes wrong here, because its
    /// value may be in this answer alone; but whoever listens is told what is left.
    async fn alone(&self, token: K::Token, effort: &mut Effort<'_, T>) -> K::Token {
        let listener = &self.stack.client.recoveries;
        let Ok(found) = self.look(effort).await else {
            let left = || Some(format!("{} other than that one, and delete it", self.check()));
            listener.tell_left(K::CREATE, Recovered::TwinsNotSought, Some(K::uid(&token)), left);
            return token;
        };
        for uid in found.iter().filter(|uid| *uid != K::uid(&token)) {
            match effort.carry(pin!(delete(self.kind, self.stack, uid))).await {
                Ok(()) => self.tell(Recovered::Removed, Some(uid)),
                Err(_) => {
                    let left = || Some("delete it".to_owned());
                    listener.tell_left(K::CREATE, Recovered::TwinLeft, Some(uid), left);
                }
            }
        }
        token
    }
}
