//! How a profile reads all contradictions.

use super::{ClientReading, Reading};
use crate::generated::ContradictionId;

/// How a profile reads the contradictions of the documents: one [`Reading`] for each [`ContradictionId`].
///
/// The readings of clients stand a second time in few bits, so that two profiles are told apart in a step or two.
///
/// ```
/// use cs_model::Profile;
/// use cs_model::generated::ContradictionId;
/// use cs_model::profile::ClientReading;
/// let id = ContradictionId::StackUsersManagementToken;
/// let mut profile = Profile::seeds();
/// profile.readings.set_client(id, ClientReading::Deny);
/// assert_eq!(profile.readings.get(id).client, ClientReading::Deny);
/// assert_ne!(profile.readings.client(), Profile::seeds().readings.client());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    rows: [Reading; ContradictionId::COUNT],
    client: ClientReadings,
}

/// What clients make of each contradiction: the part of a [`Profile`](crate::Profile) that verdicts rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientReadings(u128);

const _: () = assert!(ContradictionId::COUNT <= 64, "readings are kept as pairs of bits of a u128");

impl Readings {
    /// From one reading for each contradiction, in the order of their numbers.
    #[must_use]
    pub const fn new(rows: [Reading; ContradictionId::COUNT]) -> Self {
        let mut client = ClientReadings(0);
        let mut index = 0;
        while index < rows.len() {
            client = client.with(index, rows[index].client);
            index += 1;
        }
        Self { rows, client }
    }

    /// The reading of one.
    #[must_use]
    pub const fn get(&self, id: ContradictionId) -> &Reading {
        &self.rows[id as usize]
    }

    /// Reads one in another way.
    pub fn set(&mut self, id: ContradictionId, reading: Reading) {
        self.client = self.client.with(id as usize, reading.client);
        self.rows[id as usize] = reading;
    }

    /// Has clients read one in another way; the service and the reason stay.
    pub const fn set_client(&mut self, id: ContradictionId, client: ClientReading) {
        self.client = self.client.with(id as usize, client);
        self.rows[id as usize].client = client;
    }

    /// What clients make of all.
    #[must_use]
    #[inline]
    pub const fn client(&self) -> ClientReadings {
        self.client
    }

    /// Each contradiction with its reading, in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ContradictionId, &Reading)> {
        ContradictionId::ALL.into_iter().zip(&self.rows)
    }
}

impl ClientReadings {
    /// What clients make of one.
    #[must_use]
    #[inline]
    pub const fn get(self, id: ContradictionId) -> ClientReading {
        match self.0 >> (2 * id as u32) & 3 {
            0 => ClientReading::Allow,
            1 => ClientReading::Warn,
            2 => ClientReading::Deny,
            _ => ClientReading::Unsettled,
        }
    }

    const fn with(self, index: usize, reading: ClientReading) -> Self {
        let at = 2 * index as u32;
        Self(self.0 & !(3 << at) | (reading as u128) << at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    /// The bits say what the rows say, whichever way they came about.
    fn agree(readings: &Readings) {
        for (id, reading) in readings.iter() {
            assert_eq!(readings.client().get(id), reading.client, "{id:?}");
        }
    }

    #[test]
    fn the_bits_follow_the_rows() {
        use ClientReading::{Allow, Deny, Unsettled, Warn};
        for mut profile in Profile::NAMES.map(|name| Profile::find(name).unwrap()) {
            agree(&profile.readings);
            for id in ContradictionId::ALL {
                for client in [Allow, Warn, Deny, Unsettled] {
                    profile.readings.set_client(id, client);
                    agree(&profile.readings);
                    let before = profile.readings.client();
                    profile.readings.set(id, Reading { client: Warn, ..profile.readings.get(id).clone() });
                    agree(&profile.readings);
                    assert_eq!(before == profile.readings.client(), client == Warn);
                }
            }
        }
    }
}
