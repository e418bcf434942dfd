//! Accounts of users: second factors, locks, and what the service would send them if it sent mails.

use cs_model::Secret;

use super::{Admin, AdminError, not_due, unknown};
use crate::hash;
use crate::random::Draw;
use crate::record::{Mailed, MailedRecord, SecondFactor, UserRecord};
use crate::store::{Mode, StoreError, Tx, get_json, keys, put_json, run};
use crate::totp;

impl Admin<'_> {
    /// Gives a user an authenticator app as second factor (user-session), with a new secret or with this one. Gives back the secret, in
    /// base 32: what the QR code would hold.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::AuthenticatorSecret`] for a secret that is not base 32; a failing store.
    pub fn enroll_authenticator(&self, user: &str, secret: Option<Secret>) -> Result<Secret, AdminError> {
        let draw = Draw::new()?;
        let secret = secret.unwrap_or_else(|| totp::to_base32(&*draw.authenticator()));
        if !totp::is_secret(&secret) {
            return Err(AdminError::AuthenticatorSecret);
        }
        let factor = SecondFactor::Totp { secret: secret.clone(), last_step: None };
        self.change_user(user, |user| user.second_factor = Some(factor.clone()))?;
        Ok(secret)
    }

    /// Gives a user codes by text message as second factor (user-session). None is ever sent: [`Admin::text_message`] shows it.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn enroll_text_messages(&self, user: &str) -> Result<(), AdminError> {
        self.change_user(user, |user| {
            user.second_factor = Some(SecondFactor::Sms { sent: None, used: None });
        })
    }

    /// Takes a user's second factor away.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn remove_second_factor(&self, user: &str) -> Result<(), AdminError> {
        self.change_user(user, |user| user.second_factor = None)
    }

    /// The code in the last text message to a user, while it is not used; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn text_message(&self, user: &str) -> Result<Option<Secret>, AdminError> {
        match self.read_user(user)?.second_factor {
            Some(SecondFactor::Sms { sent, .. }) => Ok(sent.map(|sent| sent.code)),
            _ => Ok(None),
        }
    }

    /// The code that a user's authenticator shows now; `None` when there is no authenticator.
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn authenticator_code(&self, user: &str) -> Result<Option<Secret>, AdminError> {
        match self.read_user(user)?.second_factor {
            Some(SecondFactor::Totp { secret, .. }) => Ok(totp::code(&secret, self.now)),
            _ => Ok(None),
        }
    }

    /// Unlocks an account after too many failed logins: what the vendor's support would do (faq, 06/04).
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`], or a failing store.
    pub fn unlock(&self, user: &str) -> Result<(), AdminError> {
        if self.read_user(user)?.failed_attempts == 0 {
            return Ok(());
        }
        self.change_user(user, |user| user.failed_attempts = 0)
    }

    /// Makes the token that a mail to a user would bring: to activate an account that was invited, or to set another
    /// password. Each works once. For that of an ownership see [`Admin::ownership_token`].
    ///
    /// # Errors
    ///
    /// [`AdminError::Unknown`]; [`AdminError::NotDue`] for the activation of an account that is active, a password of one that
    /// is not, and for mails on ownership; a failing store.
    pub fn mailed_token(&self, user: &str, purpose: Mailed) -> Result<Secret, AdminError> {
        let token = Draw::new()?.token("mailed");
        let hash = hash::of_value(token.reveal());
        self.write(|tx| {
            let Some(known) = known(tx, user)? else { return Ok(Err(unknown("user", user))) };
            let state = match (purpose, known.invited) {
                (Mailed::Activation, true) | (Mailed::PasswordReset, false) => None,
                (Mailed::Activation, false) => Some("is active already"),
                (Mailed::PasswordReset, true) => Some("is not active yet"),
                (Mailed::StackOwnership | Mailed::OrganizationOwnership, _) => {
                    Some("gets mails on ownership with the offer of it")
                }
            };
            if let Some(state) = state {
                return Ok(Err(not_due("user", user, state)));
            }
            let record = MailedRecord { user_uid: user.to_owned(), purpose, api_key: None };
            put_json(tx, &keys::mailed(&hash), &record)?;
            Ok(Ok(()))
        })?;
        Ok(token)
    }

    fn read_user(&self, uid: &str) -> Result<UserRecord, AdminError> {
        run(self.service.store(), Mode::Read, |tx| Ok(known(tx, uid)?.ok_or_else(|| unknown("user", uid))))?
    }

    pub(super) fn change_user(&self, uid: &str, change: impl Fn(&mut UserRecord)) -> Result<(), AdminError> {
        self.write(|tx| {
            let Some(mut user) = known(tx, uid)? else { return Ok(Err(unknown("user", uid))) };
            change(&mut user);
            put_json(tx, &keys::user(uid), &user)?;
            Ok(Ok(()))
        })
    }
}

fn known(tx: &mut dyn Tx, uid: &str) -> Result<Option<UserRecord>, StoreError> {
    get_json(tx, &keys::user(uid))
}
