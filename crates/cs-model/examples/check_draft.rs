//! A draft that breaks rules, and one that does not: `cargo run -p cs-model --example check_draft`.
//!
//! Nothing else of this workspace is needed, nothing is sent, and no clock is read.

use cs_model::{Against, DeliveryTokenDraft, Draft, Grant, Profile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let profile = Profile::seeds();
    let against = Against::new(&profile, "2026-11-21T12:00:00Z".parse()?);

    let wrong = DeliveryTokenDraft::new("").environment("production");
    let Err(violations) = wrong.check(&against) else {
        return Err("a token without a name and a branch has passed".into());
    };
    for violation in violations.items() {
        println!("{violation}");
    }

    let right = DeliveryTokenDraft::new("website").environment("production").branches(Grant::only(["main"]));
    let checked = right.check(&against).map_err(|violations| format!("{violations:?}"))?;
    println!("checked: {}", checked.draft().name);
    Ok(())
}
