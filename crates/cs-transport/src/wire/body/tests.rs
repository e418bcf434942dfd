use super::*;

/// What a body consists of here: nothing else in the memory of the process does, not even what is looked for.
const fn byte(index: usize) -> u8 {
    ((index * 31 + 7) % 251) as u8
}

/// Gives so many bytes, a few at a time.
struct Source {
    given: usize,
    len: usize,
    at_a_time: usize,
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let more = into.len().min(self.at_a_time).min(self.len - self.given);
        for place in &mut into[..more] {
            *place = byte(self.given);
            self.given += 1;
        }
        Ok(more)
    }
}

fn source(len: usize, at_a_time: usize) -> Source {
    Source { given: 0, len, at_a_time }
}

fn is_whole(body: &[u8], len: usize) -> bool {
    body.len() == len && body.iter().enumerate().all(|(index, found)| *found == byte(index))
}

fn read(said: Option<u64>, limit: usize, from: Source) -> Option<Bytes> {
    let mut body = Body::new(said, limit);
    body.read(from).unwrap().ok().map(|()| body.finish())
}

fn pushed(said: Option<u64>, limit: usize, mut from: Source) -> Option<Bytes> {
    let mut body = Body::new(said, limit);
    let mut piece = Wiped(vec![0; from.at_a_time]);
    loop {
        match from.read(&mut piece.0).unwrap() {
            0 => return Some(body.finish()),
            more => body.push(&piece.0[..more]).ok()?,
        }
    }
}

/// One at a time: the memory of the process is that of all its tests, where they share one.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn all_of_it_is_there_up_to_the_limit() {
    let _alone = ALONE.lock().unwrap();
    for len in [0, 1, 4_095, 4_096, 4_097, 70_000, 200_000] {
        for said in [None, Some(0), Some(len as u64), Some(u64::MAX), Some(5)] {
            for at_a_time in [700, 1_000_000] {
                for way in [read, pushed] {
                    assert!(
                        is_whole(&way(said, len, source(len, at_a_time)).unwrap(), len),
                        "{len} {said:?}"
                    );
                    assert!(is_whole(&way(said, usize::MAX, source(len, at_a_time)).unwrap(), len));
                    if len > 0 {
                        assert!(way(said, len - 1, source(len, at_a_time)).is_none(), "{len} {said:?}");
                    }
                }
            }
        }
    }
}

/// Whether 64 bytes in a row of a body are somewhere in the memory of this process.
#[cfg(target_os = "linux")]
fn is_in_memory() -> bool {
    use std::os::unix::fs::FileExt as _;

    const PAGE: u64 = 4_096;
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut page = Wiped(vec![0; PAGE as usize]);
    let own = page.0.as_ptr().addr() as u64;
    let mut found = false;
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let Some((from, to)) = map.split(' ').next().and_then(|range| range.split_once('-')) else {
            continue;
        };
        let [from, to] = [from, to].map(|end| u64::from_str_radix(end, 16).unwrap());
        for at in (from..to).step_by(PAGE as usize) {
            // What is read is not looked for in itself.
            let is_own = at + PAGE > own && at < own + PAGE;
            if is_own || memory.read_exact_at(&mut page.0, at).is_err() {
                continue;
            }
            let (mut last, mut in_a_row) = (0_u16, 0);
            for byte in &page.0 {
                let follows = u16::from(*byte) == (last + 31) % 251;
                in_a_row = if follows { in_a_row + 1 } else { 0 };
                found |= in_a_row == 64;
                last = u16::from(*byte);
            }
        }
    }
    found
}

/// Also what it was kept in before it grew.
#[cfg(target_os = "linux")]
#[test]
fn nothing_of_it_is_left_in_memory() {
    let _alone = ALONE.lock().unwrap();
    for (said, len) in [(Some(3_000), 3_000), (None, 90_000)] {
        for way in [read, pushed] {
            let body = way(said, 1 << 20, source(len, 1_400)).unwrap();
            let part = body.slice(10..2_000);
            drop(body);
            assert!(is_in_memory(), "what is kept is found");
            drop(part);
            assert!(!is_in_memory(), "{said:?}");
        }
    }
    for way in [read, pushed] {
        assert!(way(None, 9_000, source(20_000, 1_400)).is_none());
        assert!(!is_in_memory(), "of one that is too big");
    }
}
