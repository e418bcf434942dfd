//! The answers that client and parser are measured with.

use serde_json::{Value, json};

/// A list of so many delivery tokens: that of the reference page (seed 002), with its one token under other names.
///
/// # Errors
///
/// When the sample is not the list that it was.
pub fn list(tokens: usize) -> Result<Vec<u8>, serde_json::Error> {
    let sample: Value = serde_json::from_str(include_str!(
        "../../../crates/cs-model/tests/samples/get_all_delivery_tokens.json"
    ))?;
    let tokens: Vec<_> = (0..tokens)
        .map(|index| {
            let mut token = sample["tokens"][0].clone();
            token["uid"] = json!(format!("blt{index:016x}"));
            token["name"] = json!(format!("website {index}"));
            token
        })
        .collect();
    serde_json::to_vec(&json!({ "tokens": tokens }))
}

/// One token of the same kind, as the answer to reading or making it.
///
/// # Errors
///
/// As [`list`].
pub fn one() -> Result<Vec<u8>, serde_json::Error> {
    let list: Value = serde_json::from_slice(&list(1)?)?;
    serde_json::to_vec(&json!({ "notice": "done", "token": list["tokens"][0] }))
}
