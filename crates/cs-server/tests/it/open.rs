//! What needs no credential: methods and how paths begin. `fuzz/fuzz_targets/request.rs` reads this file, too.

/// OpenAPI of the vendor, operations without security.
pub(crate) const OPEN: [(&str, &str); 5] = [
    ("POST", "/v3/user-session"),
    ("POST", "/v3/user/activate/"),
    ("POST", "/v3/user/forgot_password"),
    ("POST", "/v3/user/reset_password"),
    ("GET", "/v3/stacks/accept_ownership/"),
];
