//! The files that the server writes and reads: each has a place of its own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::store::Place;
use crate::args::serve::ServeArgs;
use crate::failure::Failure;

/// Refuses files that one option would write and another one use: a log in a store would be the end of it.
pub(super) fn check(args: &ServeArgs, store: &Place<'_>) -> Result<(), Failure> {
    let mut written: Vec<(&str, PathBuf)> = Vec::new();
    if let Place::File(path) = store {
        // With the files that stand beside it while it is open.
        for ending in ["", ".journal", ".holder"] {
            let mut path = OsString::from(path);
            path.push(ending);
            written.push(("--store", path.into()));
        }
    }
    let others = [
        ("--access-log", &args.logs.access_log),
        ("--ca-out", &args.tls.ca_out),
        ("--tls-cert", &args.tls.tls_cert),
        ("--tls-key", &args.tls.tls_key),
        ("--admin-token-file", &args.admin.admin_token_file),
    ];
    let read_only = ["--tls-cert", "--tls-key", "--admin-token-file"];
    for (option, path) in others {
        let Some(path) = path else { continue };
        let place = resolved(path);
        let twin = written.iter().find(|(other, known)| {
            resolved(known) == place && !(read_only.contains(other) && read_only.contains(&option))
        });
        if let Some((other, _)) = twin {
            let message = format!("{other} and {option} name one file, `{}`", path.display());
            return Err(Failure::usage(message).hint("give each a file of its own"));
        }
        written.push((option, path.clone()));
    }
    match &args.tls.ca_out {
        Some(path) => replaces_a_certificate(path),
        None => Ok(()),
    }
}

/// Where a file is or will be, without links on the way.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(place) = fs::canonicalize(path) {
        return place;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Insists that nothing else than an earlier certificate is replaced. What is no plain file, such as a pipe, holds nothing.
fn replaces_a_certificate(path: &Path) -> Result<(), Failure> {
    if !fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(());
    }
    let text = fs::read(path).unwrap_or_else(|_| b"unreadable".to_vec());
    let text = String::from_utf8_lossy(&text);
    let mut begins = text.lines().filter(|line| line.starts_with("-----BEGIN "));
    let is_certificate = text.trim_start().starts_with("-----BEGIN CERTIFICATE-----")
        && begins.all(|line| line.trim_end() == "-----BEGIN CERTIFICATE-----");
    if is_certificate || text.is_empty() {
        return Ok(());
    }
    let message = format!("--ca-out would replace `{}`, which is no certificate in PEM form", path.display());
    Err(Failure::usage(message).hint("name a new file, or remove that one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certificates_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(replaces_a_certificate(&path).is_ok(), "there is none yet");
        let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        for (text, may) in [
            (String::new(), true),
            (certificate.to_owned(), true),
            (format!("{certificate}{certificate}"), true),
            (format!("{certificate}{key}"), false),
            (key.to_owned(), false),
            ("notes\n".to_owned(), false),
        ] {
            fs::write(&path, &text).unwrap();
            assert_eq!(replaces_a_certificate(&path).is_ok(), may, "{text}");
        }
    }
}
