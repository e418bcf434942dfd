//! `include[]`: entries in the place of references to them.

use serde_json::{Map, Value, json};

use crate::refusal::Stop;

/// How many references deep a path may lead; a longer one is followed so far.
const DEEPEST: usize = 5;

/// Finds an entry, by content type and uid, as the request may read it.
pub(super) type Find<'a> = dyn FnMut(&str, &str) -> Result<Option<Map<String, Value>>, Stop> + 'a;

/// Puts entries in the place of references to them, at a path such as `authors` or `group.authors.company`. A reference to
/// what cannot be read stays a reference.
pub(super) fn include(form: &mut Map<String, Value>, path: &str, find: &mut Find<'_>) -> Result<(), Stop> {
    let parts: Vec<&str> = path.split('.').take(2 * DEEPEST).collect();
    follow(form, &parts, DEEPEST, find)
}

fn follow(
    form: &mut Map<String, Value>,
    parts: &[&str],
    left: usize,
    find: &mut Find<'_>,
) -> Result<(), Stop> {
    let Some((first, rest)) = parts.split_first() else { return Ok(()) };
    match form.get_mut(*first) {
        Some(Value::Array(items)) => {
            for item in items {
                replace(item, rest, left, find)?;
            }
            Ok(())
        }
        Some(item) => replace(item, rest, left, find),
        None => Ok(()),
    }
}

fn replace(item: &mut Value, rest: &[&str], left: usize, find: &mut Find<'_>) -> Result<(), Stop> {
    let Value::Object(object) = item else { return Ok(()) };
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    if let (Some(uid), Some(content_type)) = (text("uid"), text("_content_type_uid")) {
        if left == 0 {
            return Ok(());
        }
        let content_type = content_type.to_owned();
        let Some(mut found) = find(&content_type, uid)? else { return Ok(()) };
        found.insert("_content_type_uid".to_owned(), json!(content_type));
        follow(&mut found, rest, left - 1, find)?;
        *item = Value::Object(found);
        return Ok(());
    }
    follow(object, rest, left, find)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_entries_as_deep_as_the_path_leads() {
        let reference = |uid: &str| json!({ "uid": uid, "_content_type_uid": "page" });
        let mut find = |content_type: &str, uid: &str| {
            assert_eq!(content_type, "page");
            let next = match uid {
                "a" => "b",
                "b" => "a",
                _ => return Ok(None),
            };
            let form = json!({ "uid": uid, "title": uid.to_uppercase(), "next": [reference(next)] });
            Ok(form.as_object().cloned())
        };
        let form = json!({ "next": [reference("a"), reference("gone")], "group": { "one": reference("b") }, "text": "x" });
        let included = |path: &str, find: &mut Find<'_>| {
            let mut form = form.as_object().unwrap().clone();
            include(&mut form, path, find).unwrap();
            Value::Object(form)
        };
        let one = included("next", &mut find);
        assert_eq!((&one["next"][0]["title"], &one["next"][1]), (&json!("A"), &reference("gone")));
        assert_eq!(one["next"][0]["next"][0], reference("b"));
        assert_eq!(included("group.one", &mut find)["group"]["one"]["title"], "B");
        assert_eq!(included("next.next", &mut find)["next"][0]["next"][0]["title"], "B");
        for path in ["text", "nosuch", "", "text.x", "."] {
            assert_eq!(included(path, &mut find), form, "{path}");
        }
        // Two that refer to each other end.
        let long = ["next"; 40].join(".");
        assert!(included(&long, &mut find).to_string().matches("title").count() <= DEEPEST);
    }
}
