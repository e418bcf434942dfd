//! The literals of each node, found at once: a table without collisions for each, made when the crate is compiled.

use super::words::{Segment, mixed, word_of};
use super::{Literal, NONE, Node};
use crate::generated::{LITERALS, NODES};

/// A [`Node`] with how its literals are spread over slots; as small as that.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The first slot.
    first: u16,
    /// Where in the mixed word the bits begin that tell the literals apart.
    shift: u8,
    /// As many low bits as it takes.
    mask: u8,
    pub(super) parameter: u16,
    pub(super) routes: [u16; 4],
}

/// A literal with where it leads.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    word: u128,
    length: u16,
    pub(super) node: u16,
    /// Its place among the literals.
    literal: u16,
}

/// The shift of a place without literals. It takes no slot.
const NO_LITERALS: u8 = u8::MAX;

/// No literal: longer than any.
const EMPTY: Slot = Slot { word: 0, length: u16::MAX, node: NONE, literal: 0 };

impl Place {
    /// The slot in which the segment with this word is, if it is a literal of the node.
    #[inline]
    pub(super) const fn slot(&self, word: u128) -> usize {
        self.first as usize + self.spread(word)
    }

    /// Whether any literal leads on from it.
    #[inline]
    pub(super) const fn has_literals(&self) -> bool {
        self.shift != NO_LITERALS
    }

    #[inline]
    const fn spread(&self, word: u128) -> usize {
        (mixed(word) >> self.shift) as usize & self.mask as usize
    }
}

impl Slot {
    /// Whether the segment is its literal.
    #[inline]
    pub(super) fn is(&self, word: u128, path: &[u8], segment: &Segment) -> bool {
        self.word == word
            && usize::from(self.length) == segment.len()
            && (self.length <= 16 || self.ends(path, segment))
    }

    /// Whether the segment ends as its literal does, of which the word is not all.
    fn ends(&self, path: &[u8], segment: &Segment) -> bool {
        LITERALS[usize::from(self.literal)].text.as_bytes() == &path[segment.start..segment.end]
    }
}

/// How many slots all nodes have together.
const SLOT_COUNT: usize = {
    let (mut count, mut number) = (0, 0);
    while number < NODES.len() {
        count += slots_of(&place_of(&NODES[number]));
        number += 1;
    }
    count
};

/// By node.
pub(super) static PLACES: [Place; NODES.len()] = places();

/// By node and spread.
pub(super) static SLOTS: [Slot; SLOT_COUNT] = slots();

const fn places() -> [Place; NODES.len()] {
    let mut places = [place_of(&NODES[0]); NODES.len()];
    let (mut first, mut number) = (0, 0);
    while number < NODES.len() {
        places[number] = place_of(&NODES[number]);
        places[number].first = first;
        first += slots_of(&places[number]) as u16;
        number += 1;
    }
    places
}

const fn slots() -> [Slot; SLOT_COUNT] {
    let (places, mut slots) = (places(), [EMPTY; SLOT_COUNT]);
    let mut number = 0;
    while number < NODES.len() {
        let node = &NODES[number];
        let mut index = node.first as usize;
        while index < (node.first + node.count) as usize {
            let Literal { text, node } = LITERALS[index];
            let word = word_of(text.as_bytes());
            let (length, literal) = (text.len() as u16, index as u16);
            slots[places[number].slot(word)] = Slot { word, length, node, literal };
            index += 1;
        }
        number += 1;
    }
    slots
}

const fn slots_of(place: &Place) -> usize {
    if place.has_literals() { place.mask as usize + 1 } else { 0 }
}

/// With the smallest table in which no two literals of the node meet.
const fn place_of(node: &Node) -> Place {
    let (parameter, routes) = (node.parameter, node.routes);
    let mut place = Place { first: 0, shift: NO_LITERALS, mask: 0, parameter, routes };
    if node.count == 0 {
        return place;
    }
    while (place.mask as u16) + 1 < node.count {
        place.mask = place.mask << 1 | 1;
    }
    loop {
        place.shift = 0;
        while place.shift < 64 - 8 {
            if !any_meet(node, &place) {
                return place;
            }
            place.shift += 1;
        }
        assert!(place.mask < u8::MAX, "no table tells the literals of a node apart");
        place.mask = place.mask << 1 | 1;
    }
}

const fn any_meet(node: &Node, place: &Place) -> bool {
    let (mut taken, mut index) = ([0_u128; 2], node.first as usize);
    while index < (node.first + node.count) as usize {
        let slot = place.spread(word_of(LITERALS[index].text.as_bytes()));
        if taken[slot / 128] >> (slot % 128) & 1 == 1 {
            return true;
        }
        taken[slot / 128] |= 1 << (slot % 128);
        index += 1;
    }
    false
}
