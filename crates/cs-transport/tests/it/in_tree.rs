//! What the crate pulls in, feature by feature.

use std::process::Command;

/// The names of the crates that a normal build with `features` compiles.
fn crates_with(features: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "cs-transport", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{lib}", "--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect()
}

fn assert_absent(features: &str, names: &[&str]) {
    let crates = crates_with(features);
    for name in names {
        assert!(!crates.iter().any(|known| known == name), "`{name}` is in the tree of `{features}`");
    }
}

#[test]
fn no_features_no_clients() {
    assert_absent("", &["tokio", "reqwest", "ureq", "rustls", "hyper", "ring", "mockall"]);
    assert_absent("conformance", &["tokio", "reqwest", "ureq", "rustls", "hyper", "ring", "mockall"]);
}

#[test]
fn ureq_needs_no_runtime() {
    assert_absent("ureq", &["tokio", "reqwest", "hyper", "futures_util"]);
}

/// Trap 3: one TLS library with one provider.
#[test]
fn ring_is_the_only_provider() {
    for features in ["ureq", "reqwest", "ureq,reqwest"] {
        assert_absent(features, &["aws_lc_rs", "aws_lc_sys", "native_tls", "openssl", "openssl_sys"]);
        assert!(crates_with(features).iter().any(|name| name == "ring"));
    }
}
