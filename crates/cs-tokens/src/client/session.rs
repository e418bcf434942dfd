//! Sessions, users and their stacks (seed 001, "Authentication Tokens (Authtokens)"; user-session).

use cs_model::endpoint::{ListStacks, LogIn, ReadUser};
use cs_model::{OrganizationUid, Secret, Stack, User};
use cs_transport::Transport;

use crate::client::identity::Identity;
use crate::client::pages::Pages;
use crate::client::{call, recover};
use crate::{Client, Credential, Error};

impl<T: Transport> Client<T> {
    /// Logs in and gives back the user, whose [`session`](User::session) is the new authtoken. The client's own credential
    /// is neither sent nor changed.
    ///
    /// Each login makes one more authtoken; beyond the limit of a user, twenty, the oldest ends (seed 001, "Authentication Tokens
    /// (Authtokens)"). Without `tfa_token`, a user with a second factor is refused with code 294 (user-session; JS,
    /// `lib/core/concurrency-queue.js`); ask for the code and call again. A code works once (NET, `Contentstack.cs`).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for a wrong password or a missing code, [`Error::OutcomeUnknown`] when there is no answer or one that
    /// leaves open whether a session was made (a 5xx, say), [`Error::NoValue`] when it holds no authtoken, and those of
    /// [`Client::send`].
    pub async fn log_in(
        &self,
        email: &str,
        password: Secret,
        tfa_token: Option<Secret>,
    ) -> Result<User, Error> {
        let mut request = LogIn::new(email, password);
        request.tfa_token = tfa_token;
        let user =
            call::send(self, None, &request, &Identity::new(Credential::None.into()), None, None).await?.user;
        if user.authtoken.is_none() {
            let operation = crate::Operation(<LogIn as cs_model::Endpoint>::ROUTE);
            return Err(Error::NoValue { operation, what: "authtoken" });
        }
        Ok(user)
    }

    /// Logs in as [`Client::log_in`] does, and asks for the code of the second factor once the API wants one.
    ///
    /// `code` may ask a person, and is called at most once, when the password was right; `None` gives up.
    ///
    /// ```
    /// # use cs_model::Secret;
    /// # async fn run<T: cs_transport::Transport>(client: &cs_tokens::Client<T>) -> Result<(), cs_tokens::Error> {
    /// let password = Secret::new("...");
    /// let user = client.log_in_with_code("me@shop.example", password, || Some(Secret::new("123456"))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::log_in`]; [`Error::wants_second_factor`] is true of the one that comes when there is no code.
    pub async fn log_in_with_code(
        &self,
        email: &str,
        password: Secret,
        code: impl FnOnce() -> Option<Secret> + Send,
    ) -> Result<User, Error> {
        match self.log_in(email, password.clone(), None).await {
            Err(error) if error.wants_second_factor() => match code() {
                Some(code) => self.log_in(email, password, Some(code)).await,
                None => Err(error),
            },
            outcome => outcome,
        }
    }

    /// Ends the session of the client's authtoken (NET, `LogoutResponse.txt`), and sees to it that it has ended.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`].
    pub async fn log_out(&self) -> Result<(), Error> {
        recover::log_out(self).await
    }

    /// The user whose session the client's authtoken is (OA3).
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`].
    pub async fn user(&self) -> Result<User, Error> {
        self.send(None, &ReadUser::default()).await.map(|answer| answer.user)
    }

    /// The stacks that the user can see: those of an organization; with `None`, those of the client's
    /// [organization](crate::ClientBuilder::organization), or all where it has none. Under single sign-on the list is empty
    /// unless the organization is named (CMA-doc, "Get a single stack"; faq, 06/02).
    ///
    /// The answer tells whose each stack is. From then on, requests of the process about these stacks keep the pace of their
    /// organization, through whatever client and with whatever credential.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`].
    pub async fn stacks(&self, organization: Option<&OrganizationUid>) -> Result<Vec<Stack>, Error> {
        let mut pages = Pages::new();
        let organization = organization.or(self.organization.as_ref().map(|known| &known.uid));
        let mut part = ListStacks::new(organization.cloned(), pages.next());
        while pages.take(self.send(None, &part).await?.stacks, |stack| stack.api_key.as_str()) {
            part.page = pages.next();
        }
        let stacks = pages.into_items();
        self.learn(&stacks, organization.is_none());
        Ok(stacks)
    }
}
