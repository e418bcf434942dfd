//! The matrix as a page, in Chromium. `cargo xtask test` installs it.

use std::path::Path;
use std::process::Command;

use cs_tests::root;

/// Runs the script over a page.
fn browse(page: &Path) -> (bool, String) {
    let installed =
        Command::new("chromium").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(installed, "chromium is missing: run `cargo xtask test --install`");
    let output =
        Command::new("node").arg(root().join("tests/browser/matrix.mjs")).arg(page).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text.into_owned())
}

#[test]
fn the_page_can_be_filtered_and_read_by_mouse_keyboard_and_screen_reader() {
    let (passed, text) = browse(&root().join("docs/reference/matrix-page.html"));
    assert!(passed && text.contains("# fail 0") && !text.contains("# pass 0"), "{text}");
}

#[test]
fn a_page_that_cannot_be_used_is_found() {
    let page = std::fs::read_to_string(root().join("docs/reference/matrix-page.html")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("matrix.html");
    // Grey on white, cells without a name, arrow keys that do nothing.
    let page = page
        .replace("--no: #f1f2f4; --no-text: #5a6270;", "--no: #ffffff; --no-text: #b0b0b0;")
        .replace(" aria-label=\"", " data-label=\"")
        .replace(
            "ArrowRight: (row, column) => [row, column + 1]",
            "ArrowRight: (row, column) => [row, column]",
        );
    std::fs::write(&broken, page).unwrap();
    let (passed, text) = browse(&broken);
    assert!(!passed);
    for test in ["texts stand out, light", "a screen reader is told", "all of it is done by keyboard"] {
        assert!(text.lines().any(|line| line.starts_with("not ok") && line.contains(test)), "{test}: {text}");
    }
}
