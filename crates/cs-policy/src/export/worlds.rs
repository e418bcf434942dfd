//! Worlds: which conditions can hold together.

use std::collections::BTreeSet;

use crate::Condition;
use crate::Condition::*;

/// A set of conditions that hold, and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct World(u64);

impl World {
    /// The world where only this holds: [`Condition::Always`].
    pub(super) const PLAIN: Self = Self(1 << Always as u8);

    pub(super) const fn holds(self, condition: Condition) -> bool {
        self.0 >> condition as u8 & 1 == 1
    }

    /// The conditions as bits by their number, [`Condition::Always`] left out: it is in all.
    pub(super) const fn bits(self) -> u64 {
        self.0 & !Self::PLAIN.0
    }

    fn with(self, conditions: &[Condition]) -> Self {
        Self(conditions.iter().fold(self.0, |bits, condition| bits | 1 << *condition as u8))
    }

    /// Only those of its conditions that are in `read`.
    fn of(self, read: Self) -> Self {
        Self(self.0 & (read.0 | Self::PLAIN.0))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// All conditions that these rules read, as a world.
pub(super) fn read_by(conditions: impl IntoIterator<Item = Condition>) -> World {
    conditions.into_iter().fold(World::PLAIN, |world, condition| world.with(&[condition]))
}

/// Every world that can be, seen through the conditions in `read`. A few that cannot be may be among them, where facts of
/// different groups exclude each other: a condition on branches and one on roles, say.
pub(super) fn worlds(read: World) -> BTreeSet<World> {
    let mut worlds = BTreeSet::from([World::PLAIN]);
    for group in groups() {
        let seen: BTreeSet<World> = group.into_iter().map(|world| world.of(read)).collect();
        worlds = worlds.iter().flat_map(|left| seen.iter().map(|right| left.and(*right))).collect();
    }
    worlds
}

/// What can be said together of one matter: of the branch, of the user's roles. One from each group makes a world.
fn groups() -> Vec<Vec<World>> {
    let group = |outcomes: &[&[Condition]]| outcomes.iter().map(|held| World::PLAIN.with(held)).collect();
    vec![
        group(&[&[], &[Expired]]),
        group(&[&[], &[ModuleNotGranted], &[WriteMissing], &[ReadMissing]]),
        group(&[&[], &[BranchMissing], &[AliasMissing]]),
        environments(),
        group(&[&[], &[Draft]]),
        group(&[&[], &[OtherStack]]),
        users(),
        group(&[&[], &[EntryHidden]]),
        sign_on(),
        group(&[&[], &[StackTooNew], &[StackTooNew, StackOfLastDay]]),
        group(&[&[], &[OauthScopeMissing]]),
        group(&[
            &[StageChange],
            &[StageChange, StageClosed],
            &[StageChange, StageOpenToAll],
            &[PublishRequest],
            &[PublishRequest, NotApprover],
        ]),
        group(&[&[], &[ApproversNamed]]),
    ]
}

/// The environment that is named, with those that are granted: none is missing whatever is named.
fn environments() -> Vec<World> {
    let outcomes: [&[Condition]; 7] = [
        &[],
        &[EnvironmentMissing],
        &[EnvironmentNotNamed],
        &[EnvironmentMissing, EnvironmentNotNamed],
        &[SeveralEnvironments],
        &[SeveralEnvironments, EnvironmentMissing],
        &[SeveralEnvironments, EnvironmentNotNamed],
    ];
    outcomes.map(|held| World::PLAIN.with(held)).into()
}

/// Roles in the stack with the place in the organization: the owner of the organization has no role by that.
fn users() -> Vec<World> {
    let roles: [&[Condition]; 9] = [
        &[NoRole, NotOwner, BelowAdmin, BelowDeveloper],
        // Custom roles only.
        &[NotOwner, BelowAdmin, BelowDeveloper],
        &[NotOwner, BelowAdmin, BelowDeveloper, CustomRoleLacks],
        // Content manager, with or without custom roles.
        &[NotOwner, BelowAdmin, BelowDeveloper, ContentManager],
        &[NotOwner, BelowAdmin, BelowDeveloper, ContentManager, CustomRoleLacks],
        // Developer, alone or with a custom role that has an exception.
        &[NotOwner, BelowAdmin, Developer],
        &[NotOwner, BelowAdmin, Developer, CustomRoleLacks],
        // Admin, and owner. No exception of a custom role binds them.
        &[NotOwner],
        &[],
    ];
    let organizations: [&[Condition]; 3] =
        [&[NotOrganizationAdmin, NotOrganizationOwner], &[NotOrganizationOwner], &[]];
    let mut worlds = Vec::new();
    for held in roles {
        for organization in organizations {
            let world = World::PLAIN.with(held).with(organization);
            let owner = organization.is_empty() && held.contains(&NoRole);
            worlds.push(if owner { world.with(&[OrganizationOwnerWithoutRole]) } else { world });
        }
    }
    worlds
}

fn sign_on() -> Vec<World> {
    let refused: [&[Condition]; 3] = [&[], &[Sso, SsoWithoutPermission], &[Sso, SsoStrictMode]];
    let permitted: [(&[Condition], &[Condition]); 2] =
        [(&[], &[Sso, SsoWithPermission]), (&[IdpLogin], &[Sso])];
    let mut worlds: Vec<World> = permitted.map(|(login, sso)| World::PLAIN.with(login).with(sso)).into();
    for login in [&[][..], &[IdpLogin]] {
        worlds.extend(refused.map(|sso| World::PLAIN.with(login).with(sso)));
    }
    worlds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_in_a_group() {
        let all = groups().into_iter().flatten().fold(World::PLAIN, World::and);
        for condition in Condition::ALL {
            assert!(all.holds(*condition), "{condition}");
        }
    }

    #[test]
    fn what_is_not_read_makes_no_world() {
        assert_eq!(worlds(World::PLAIN).len(), 1);
        assert_eq!(worlds(read_by([Draft, OtherStack])).len(), 4);
        assert_eq!(worlds(read_by([WriteMissing, ReadMissing])).len(), 3);
        assert_eq!(worlds(read_by([NoRole, OrganizationOwnerWithoutRole])).len(), 3);
    }
}
