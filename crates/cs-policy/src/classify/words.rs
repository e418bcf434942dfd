//! Paths, sixteen bytes at a time.

/// Slashes, as many as there are bytes in it.
const SLASHES: u128 = u128::from_le_bytes([b'/'; 16]);

/// A part of a path between slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The sixteen bytes from the start on, whether or not they are all of the segment.
    head: u128,
}

impl Segment {
    /// The segment that begins at `start` and ends at a slash, or with the path.
    #[inline]
    pub(super) fn at(path: &[u8], start: usize) -> Self {
        let head = sixteen(path, start);
        let (mut at, mut word) = (start, head);
        loop {
            if let Some(slash) = first_slash(word) {
                return Self { start, end: at + slash, head };
            }
            // A slash is found at the latest behind the path.
            at += 16;
            word = sixteen(path, at);
        }
    }

    /// How many bytes it has.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Its first sixteen bytes; zero where it has ended.
    #[inline]
    pub(super) fn word(&self) -> u128 {
        self.head & MASKS[self.len().min(16)]
    }
}

/// So many bytes.
static MASKS: [u128; 17] = {
    let (mut masks, mut length) = ([0; 17], 1);
    while length < 17 {
        masks[length] = masks[length - 1] << 8 | 0xff;
        length += 1;
    }
    masks
};

/// [`Segment::word`] of a whole text, when the crate is compiled.
pub(super) const fn word_of(text: &[u8]) -> u128 {
    let (mut word, mut index) = (0, 0);
    while index < text.len() && index < 16 {
        word |= (text[index] as u128) << (8 * index);
        index += 1;
    }
    word
}

/// A number whose bits depend on all of a word.
#[inline]
pub(super) const fn mixed(word: u128) -> u64 {
    let (first, last) = (word as u64, (word >> 64) as u64);
    // The upper half of the product, in which every bit has met every other, comes down.
    let product = (first ^ last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}

/// Sixteen bytes from `start` on, the first the lowest; slashes where the path has ended.
#[inline]
fn sixteen(path: &[u8], start: usize) -> u128 {
    if start + 16 <= path.len() {
        return path[start..].first_chunk().map_or(SLASHES, |bytes| u128::from_le_bytes(*bytes));
    }
    near_end(path, start)
}

/// [`sixteen`] of what is near the end of the path.
#[inline]
fn near_end(path: &[u8], start: usize) -> u128 {
    match path.last_chunk() {
        // The end of the path, moved down to where it would begin.
        Some(bytes) if start < path.len() => {
            let beyond = start + 16 - path.len();
            u128::from_le_bytes(*bytes) >> (8 * beyond) | FILL[beyond & 15]
        }
        Some(_) => SLASHES,
        None => short(path, start),
    }
}

/// Slashes in so many of the highest bytes.
static FILL: [u128; 16] = {
    let (mut fill, mut count) = ([0; 16], 1);
    while count < 16 {
        fill[count] = fill[count - 1] >> 8 | (b'/' as u128) << 120;
        count += 1;
    }
    fill
};

/// [`sixteen`] of a path that is not as long as that. Not in line, because it would crowd the registers of those that are.
#[inline(never)]
fn short(path: &[u8], start: usize) -> u128 {
    if start >= path.len() {
        return SLASHES;
    }
    let whole = match (path.first_chunk(), path.last_chunk()) {
        // The bytes in the middle are in both, at the same places.
        (Some(first), Some(last)) => {
            let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            u128::from(first) | u128::from(last) << (8 * (path.len() - 8))
        }
        _ => path.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte)),
    };
    whole >> (8 * start) | FILL[(start + 16 - path.len()) & 15]
}

/// Whether a path begins with these bytes, at most eight.
#[inline]
pub(super) fn begins(path: &[u8], mask: u64, word: u64) -> bool {
    let head = path.first_chunk().map_or_else(|| short(path, 0) as u64, |bytes| u64::from_le_bytes(*bytes));
    head & mask == word
}

/// The place of the first slash.
#[inline]
const fn first_slash(word: u128) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // A slash becomes a zero byte, and the lowest zero byte is the lowest one whose high bit is set here.
    const fn found(word: u64) -> u64 {
        let zeros = word ^ SLASHES as u64;
        zeros.wrapping_sub(ONES) & !zeros & HIGH
    }
    let (first, last) = (found(word as u64), found((word >> 64) as u64));
    if first | last == 0 {
        return None;
    }
    let place = if first != 0 { first.trailing_zeros() } else { 64 + last.trailing_zeros() };
    Some(place as usize / 8)
}

impl Segment {
    /// Whether it can be a parameter: made of the characters that RFC 3986 allows in a segment without percent-encoding,
    /// and neither empty nor `.` nor `..`.
    #[inline]
    pub(super) fn is_parameter(&self, path: &[u8]) -> bool {
        let (length, [first, second, ..]) = (self.len(), self.head.to_le_bytes());
        let dots = first == b'.' && (length == 1 || length == 2 && second == b'.');
        // What stands around the segment is looked at, too, and refused, if at all, only after a second look.
        let sixteen_from = |at: usize| match path.len().checked_sub(16) {
            Some(latest) => path[at.min(latest)..].first_chunk().is_some_and(sixteen_common),
            None => false,
        };
        let common =
            length <= 32 && sixteen_from(self.start) && (length <= 16 || sixteen_from(self.start + 16));
        length != 0 && !dots && (common || all_plain(&path[self.start..self.end]))
    }
}

/// The second look, byte by byte.
#[cold]
fn all_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| plain(*byte))
}

/// Without a jump, which the compiler turns into as many comparisons at once.
#[inline]
fn sixteen_common(bytes: &[u8; 16]) -> bool {
    bytes.iter().fold(true, |all, byte| all & common(*byte))
}

const fn common(byte: u8) -> bool {
    // Whole ranges of the table of characters; the longest is `&'()*+,-./0123456789:;`.
    matches!(byte, b'&'..=b';') | matches!(byte, b'@'..=b'Z') | byte.is_ascii_lowercase() | (byte == b'_')
}

const fn plain(byte: u8) -> bool {
    common(byte) && byte != b'/' || matches!(byte, b'!' | b'$' | b'=' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 14] = [
        "",
        "/",
        "a",
        "a/b",
        "abcdefgh/",
        "abcdefghi",
        "abcdefghijklmnop/q",
        "abcdefghijklmnopq/",
        "\u{2f}\u{ae}/",
        "0123456789abcdef",
        "0123456789abcdef/",
        "v3/content_types/a/12345678/",
        "123456789/abc",
        "v3/content_types/0123456789abcdef0123456789abcdef0123456789/entries/1/",
    ];

    #[test]
    fn segments_end_at_slashes() {
        for text in TEXTS {
            let path = text.as_bytes();
            for start in 0..=path.len() {
                let segment = Segment::at(path, start);
                let expected = path[start..].iter().position(|byte| *byte == b'/');
                let expected = expected.map_or(path.len(), |at| start + at);
                assert_eq!(segment.end, expected, "{text} from {start}");
                assert_eq!(segment.word(), word_of(&path[start..expected]), "{text} from {start}");
            }
        }
    }

    #[test]
    fn only_slashes_are_slashes() {
        for byte in 0..=u8::MAX {
            for at in 0..16 {
                let mut bytes = [b'a'; 16];
                bytes[at] = byte;
                let expected = (byte == b'/').then_some(at);
                assert_eq!(first_slash(u128::from_le_bytes(bytes)), expected);
            }
        }
    }

    #[test]
    fn slashes_are_behind_the_end() {
        let read = |path: &[u8], start| String::from_utf8(sixteen(path, start).to_le_bytes().into()).unwrap();
        assert_eq!(read(b"v3", 0), "v3//////////////");
        assert_eq!(read(b"v3/assets/0123456789", 10), "0123456789//////");
        assert_eq!(read(b"v3/assets/0123456789", 20), "////////////////");
        assert_eq!(read(b"v3/assets/0123456789", 40), "////////////////");
    }

    #[test]
    fn what_can_be_a_parameter() {
        let is_parameter = |text: &[u8]| Segment::at(text, 0).is_parameter(text);
        for byte in (0..=u8::MAX).filter(|byte| *byte != b'/') {
            let expected = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
            assert_eq!(plain(byte), expected, "{byte}");
            for length in [3, 15, 16, 17, 40] {
                for at in [0, length / 2, length - 1] {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    assert_eq!(is_parameter(&text), expected, "{byte} at {at} of {length}");
                }
            }
        }
        assert!(is_parameter(b"a/%"));
        assert!(is_parameter(b"..."));
        for text in ["", ".", "..", "./", "../x"] {
            assert!(!is_parameter(text.as_bytes()), "{text}");
        }
    }
}
