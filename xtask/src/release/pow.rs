//! `pow` for the program that people download: the one function for which it would load `libm` at each start.
//!
//! The archive of GNU's `libm` asks for private parts of its libc and cannot be linked in alone. That of musl has `pow` in a few
//! objects of pure computation, which are put into an archive of their own here.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::Line;

/// The archive is `lib` and this.
pub(crate) const NAME: &str = "cstok_pow";

/// What goes along with a program that has it: the licence of these objects asks for that.
pub(crate) const NOTICE: &str = include_str!("NOTICE-musl");

/// The objects of musl, as its own makefile names them.
const OBJECTS: [&str; 8] = [
    "pow.lo",
    "pow_data.lo",
    "exp_data.lo",
    "fabs.lo",
    "__math_invalid.lo",
    "__math_oflow.lo",
    "__math_uflow.lo",
    "__math_xflow.lo",
];

/// Where the package musl-dev of Debian and its kin keeps the archive, and where musl-libc-static of Fedora does.
pub(crate) fn musl(processor: &str) -> Option<PathBuf> {
    let places = [
        format!("/usr/lib/{processor}-linux-musl/libc.a"),
        format!("/usr/{processor}-linux-musl/lib64/libc.a"),
    ];
    places.into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// Makes the archive, and answers the folder that it is in.
pub(crate) fn archive(musl: &Path, target: &Path) -> Result<PathBuf> {
    let folder = target.join("pow");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let objects = |line: Line| OBJECTS.iter().fold(line, |line, object| line.arg(*object));
    objects(Line::new("ar x").arg(musl.to_string_lossy())).run(&folder)?;
    objects(Line::new("ar rcs").arg(format!("lib{NAME}.a"))).run(&folder)?;
    let undefined = Line::new("nm --undefined-only --no-sort").arg(format!("lib{NAME}.a")).read(&folder)?;
    let defined = Line::new("nm --defined-only --no-sort").arg(format!("lib{NAME}.a")).read(&folder)?;
    let lacking = lacking(&undefined, &defined);
    ensure!(lacking.is_empty(), "`pow` of {} asks for more: {}", musl.display(), lacking.join(", "));
    Ok(folder)
}

/// What is asked for and not there, by two lists of `nm`.
fn lacking(undefined: &str, defined: &str) -> Vec<String> {
    let names = |list: &str| -> Vec<String> {
        list.lines()
            .filter(|line| line.split_whitespace().count() > 1)
            .filter_map(|line| line.split_whitespace().last())
            .map(str::to_owned)
            .collect()
    };
    let there = names(defined);
    names(undefined).into_iter().filter(|name| !there.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_musl_asks_for_is_noticed() {
        let defined = "\npow.lo:\n0000000000000000 T pow\n\nfabs.lo:\n0000000000000000 T fabs\n";
        let undefined = "\npow.lo:\n                 U fabs\n                 U errno\n\nfabs.lo:\n";
        assert_eq!(lacking(undefined, defined), ["errno"]);
        assert!(lacking("pow.lo:\n   U fabs\n", defined).is_empty());
    }
}
