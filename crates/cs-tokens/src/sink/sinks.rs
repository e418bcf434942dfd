//! The env files of a declaration, as they are, and writing to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cs_model::{ApiKey, Secret, TokenKind, TokenUid};

use crate::declaration::Declaration;
use crate::sink::{EnvFile, Held, Owner, Sink, SinkError, Trouble, write};

/// The env files that a declaration names, as they are.
///
/// One file may have several names in a declaration, through folders that are links or by `..`; it is one here.
///
/// `Debug` shows names of files and never a value.
#[derive(Debug)]
pub struct Sinks {
    /// By the name that the declaration gives a file: its place, or why it has none.
    places: BTreeMap<String, Result<PathBuf, String>>,
    /// By place.
    files: BTreeMap<PathBuf, State>,
    /// Whether they are on another machine, and hold what they should.
    elsewhere: bool,
}

/// How an env file is.
#[derive(Debug)]
pub(crate) enum State {
    /// It can be read and written; empty when it is not there yet.
    Usable(Usable),
    /// It cannot, and why.
    Unusable(String),
    /// It is something else than an env file, and what shows it.
    Strange(String),
}

/// An env file that can be read and written.
#[derive(Debug)]
pub(crate) struct Usable {
    pub(crate) file: EnvFile,
    /// Its mode, when it lets others than the owner in.
    pub(crate) wide: Option<u32>,
}

impl Sinks {
    /// Reads the env files that a declaration names; their paths are relative to `root`. Nothing fails here: what is
    /// wrong with a file becomes a problem of the plan.
    ///
    /// Whether a folder can be written is found by making a file there and removing it at once.
    #[must_use]
    pub fn read(root: &Path, declaration: &Declaration) -> Self {
        // A file that declares tokens is no place for their values, whatever its lines look like.
        let itself = fs::canonicalize(&declaration.file).ok();
        let mut sinks = Self { places: BTreeMap::new(), files: BTreeMap::new(), elsewhere: false };
        let mut folders: BTreeMap<PathBuf, Result<(), String>> = BTreeMap::new();
        for sink in declaration.sinks() {
            if sinks.places.contains_key(&sink.env_file) {
                continue;
            }
            let place = write::resolve(&root.join(&sink.env_file));
            if let Ok(place) = &place
                && !sinks.files.contains_key(place)
            {
                let folder = write::folder(place);
                let tried = folders.entry(folder).or_insert_with_key(|folder| write::try_folder(folder));
                let state = match tried {
                    _ if itself.as_ref() == Some(place) => {
                        State::Strange("it is the file that declares the tokens".to_owned())
                    }
                    Ok(()) => State::read(place),
                    Err(why) => State::Unusable(why.clone()),
                };
                sinks.files.insert(place.clone(), state);
            }
            sinks.places.insert(sink.env_file.clone(), place);
        }
        sinks
    }

    /// For a machine that has none of the env files, such as one that checks pull requests: they are taken to hold the value
    /// of every token that exists, so that a plan compares the stack alone with the file. No disk is asked, and nothing can be
    /// written: a step that would make a token fails before its request.
    ///
    /// ```
    /// use cs_tokens::{Declaration, Sinks};
    /// let declaration = Declaration::read("shop.toml", "");
    /// let sinks = Sinks::elsewhere(&declaration);
    /// assert!(!format!("{sinks:?}").contains(".env"));
    /// ```
    #[must_use]
    pub fn elsewhere(declaration: &Declaration) -> Self {
        let place = |sink: &Sink| (sink.env_file.clone(), Ok(PathBuf::from(sink.file_key())));
        let places = declaration.sinks().map(place).collect();
        Self { places, files: BTreeMap::new(), elsewhere: true }
    }

    /// Whether they are those of [`Sinks::elsewhere`].
    pub(crate) const fn are_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// The place of a sink's file; `None` for one that has none, or was not read.
    pub(crate) fn place(&self, sink: &Sink) -> Option<&Path> {
        self.places.get(&sink.env_file)?.as_deref().ok()
    }

    /// What is wrong with a sink's file: why it cannot be written, or that it is no env file.
    pub(crate) fn fault(&self, sink: &Sink) -> Option<Fault<'_>> {
        match self.places.get(&sink.env_file)? {
            Err(why) => Some(Fault::Unusable(why)),
            Ok(place) => match self.files.get(place)? {
                State::Usable(_) => None,
                State::Unusable(why) => Some(Fault::Unusable(why)),
                State::Strange(why) => Some(Fault::Strange(why)),
            },
        }
    }

    /// What a sink's variable holds; nothing when it is empty.
    pub(crate) fn held(&self, sink: &Sink) -> Option<&Held> {
        self.usable(sink)?.file.held(&sink.variable)
    }

    /// The mode of a sink's file, when it lets others than the owner in.
    pub(crate) fn wide(&self, sink: &Sink) -> Option<u32> {
        self.usable(sink)?.wide
    }

    fn usable(&self, sink: &Sink) -> Option<&Usable> {
        match self.files.get(self.place(sink)?)? {
            State::Usable(usable) => Some(usable),
            State::Unusable(_) | State::Strange(_) => None,
        }
    }

    /// The variables whose comment says that they hold a value of this token.
    pub(crate) fn values_of(&self, stack: &ApiKey, uid: &TokenUid, kinds: &[TokenKind]) -> Vec<Sink> {
        let mut found = Vec::new();
        for (place, state) in &self.files {
            let State::Usable(usable) = state else { continue };
            let name = self.places.iter().find(|(_, other)| other.as_ref() == Ok(place));
            let Some((name, _)) = name else { continue };
            for (variable, held) in usable.file.variables() {
                let is_its = held.owner.as_ref().is_some_and(|owner| {
                    owner.uid == *uid
                        && kinds.contains(&owner.kind)
                        && owner.stack.as_ref().is_none_or(|of| of == stack)
                });
                if is_its {
                    found.push(Sink::new(name.as_str(), variable));
                }
            }
        }
        found
    }

    /// Whether a variable is still as it was when the files were read.
    pub(crate) fn is_as_read(&self, sink: &Sink) -> Result<(), SinkError> {
        self.edit(sink, |file, _| {
            self.has_changed(sink, file)?;
            Ok(false)
        })
    }

    /// Writes a value to one of the sinks, unless the variable has changed since the files were read.
    pub(crate) fn write(&self, sink: &Sink, value: &Secret, owner: &Owner) -> Result<(), SinkError> {
        self.edit(sink, |file, wide| {
            let is_there = file
                .held(&sink.variable)
                .is_some_and(|held| held.value.same_as(value) && held.owner.as_ref() == Some(owner));
            if is_there {
                return Ok(wide);
            }
            self.has_changed(sink, file)?;
            file.set(&sink.variable, value, owner);
            Ok(true)
        })
    }

    /// Takes a value out of a sink whose token is gone, unless the variable holds that of another one by now.
    pub(crate) fn withdraw(&self, sink: &Sink, uid: &TokenUid) -> Result<(), SinkError> {
        self.edit(sink, |file, _| {
            let owner = file.held(&sink.variable).and_then(|held| held.owner.as_ref());
            let is_its = owner.is_some_and(|owner| owner.uid == *uid);
            if is_its {
                file.remove(&sink.variable);
            }
            Ok(is_its)
        })
    }

    /// Lets nobody but its owner read a file.
    pub(crate) fn protect(&self, sink: &Sink) -> Result<(), SinkError> {
        self.edit(sink, |_, wide| Ok(wide))
    }

    fn has_changed(&self, sink: &Sink, file: &EnvFile) -> Result<(), SinkError> {
        let changed = match (self.held(sink), file.held(&sink.variable)) {
            // Nothing that could be lost.
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(now)) => !before.value.same_as(&now.value) || before.owner != now.owner,
        };
        if changed {
            return Err(SinkError::Changed { file: sink.env_file.clone(), variable: sink.variable.clone() });
        }
        Ok(())
    }

    /// Edits a sink's file as it is now; `change` says whether it is to be replaced.
    fn edit(
        &self,
        sink: &Sink,
        change: impl FnOnce(&mut EnvFile, bool) -> Result<bool, SinkError>,
    ) -> Result<(), SinkError> {
        let Some(place) = self.place(sink).filter(|_| !self.elsewhere) else {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "it was not read before");
            return Err(SinkError::Io { file: sink.env_file.clone(), source });
        };
        sink.edit(place, change)
    }
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault<'a> {
    /// It cannot be written, and why.
    Unusable(&'a str),
    /// It is no env file, and what shows it.
    Strange(&'a str),
}

impl State {
    pub(crate) fn read(place: &Path) -> Self {
        match write::read(place) {
            Ok(content) => {
                let file = EnvFile::parse(&content.text);
                match file.strange_line() {
                    Some(line) => Self::Strange(format!("its line {line} is not a line of an env file")),
                    None => Self::Usable(Usable { file, wide: content.wide }),
                }
            }
            Err(error) => Self::Unusable(write::reason(&error)),
        }
    }
}

impl Sink {
    /// Reads the file, lets `change` have it, and replaces it when that says so.
    pub(crate) fn edit(
        &self,
        place: &Path,
        change: impl FnOnce(&mut EnvFile, bool) -> Result<bool, SinkError>,
    ) -> Result<(), SinkError> {
        let edited = write::edit(place, |content| {
            let mut file = EnvFile::parse(&content.text);
            if let Some(line) = file.strange_line() {
                return Err(Trouble::Told(SinkError::NotEnvFile { file: self.env_file.clone(), line }));
            }
            let replace = change(&mut file, content.wide.is_some())?;
            Ok(replace.then(|| file.render()))
        });
        edited.map_err(|trouble| trouble.at(&self.env_file))
    }
}
