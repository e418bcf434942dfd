//! The Rust of the README and of the book, as doc tests.

/// Takes the Rust blocks of pages as examples.
macro_rules! pages {
    ($($name:ident = $path:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../", $path))]
            struct $name;
        )*

        /// The pages whose Rust is tested.
        #[cfg(test)]
        const PAGES: &[&str] = &[$($path),*];
    };
}

pages! {
    Readme = "README.md",
    AskThePolicy = "docs/guides/ask-the-policy.md",
    AsyncAndBlocking = "docs/guides/async-and-blocking.md",
    EmbedTheModel = "docs/guides/embed-the-model.md",
    SwapTheTransport = "docs/guides/swap-the-transport.md",
    TestYourApp = "docs/guides/test-your-app.md",
    TokensAsCode = "docs/guides/tokens-as-code.md",
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::PAGES;
    use crate::root;

    /// Pages below a folder that have Rust.
    fn with_rust(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                with_rust(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "md")
                && fs::read_to_string(&path).unwrap().contains("```rust")
            {
                found.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }

    #[test]
    fn no_page_is_left_out() {
        let mut found = vec!["README.md".to_owned()];
        with_rust(&root().join("docs"), &mut found);
        found.sort();
        assert_eq!(found, PAGES);
    }
}
