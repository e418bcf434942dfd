//! Files that declare tokens.

/// Four tokens of the demo stack: delivery with and without preview, management with an expiry and with everything.
pub(crate) const SHOP: &str = r#"
[[delivery]]
name = "shop-production"
environments = ["production"]
branches = ["main"]
aliases = ["deploy"]
preview = true
sink = { env_file = ".env.production", variable = "DELIVERY", preview_variable = "PREVIEW" }

[[delivery]]
name = "shop-staging"
environments = ["staging"]
branches = ["main", "development"]
sink = { env_file = ".env.staging", variable = "DELIVERY" }

[[management]]
name = "shop-ci"
scope = { entry = "r", content_type = "r" }
branches = ["main"]
aliases = ["deploy"]
expires_in = "90d"
notify = true
sink = { env_file = ".env.production", variable = "MANAGEMENT" }

[[management]]
name = "shop-audit"
scope = { "$all" = "r" }
branches = "all"
sink = { env_file = ".env.staging", variable = "MANAGEMENT" }
"#;

/// A management token that is right in every way, for tests that put something wrong beside it.
pub(crate) fn management(name: &str) -> String {
    format!(
        "[[management]]\nname = \"{name}\"\nscope = {{ entry = \"r\" }}\nbranches = [\"main\"]\n\
         sink = {{ env_file = \".env\", variable = \"{}\" }}\n\n",
        name.to_uppercase().replace('-', "_")
    )
}

/// A delivery token with these environments.
pub(crate) fn delivery(name: &str, environments: &str) -> String {
    format!(
        "[[delivery]]\nname = \"{name}\"\nenvironments = {environments}\nbranches = [\"main\"]\n\
         sink = {{ env_file = \".env\", variable = \"{}\" }}\n\n",
        name.to_uppercase().replace('-', "_")
    )
}

/// The same with a file for each stack.
pub(crate) fn of_each(text: &str) -> String {
    text.replace("env_file = \"", "env_file = \"{stack}")
}
