//! What a body says of a document: as JSON, or as a form with a file.

use bytes::Bytes;
use cs_model::facts::Collection;
use cs_model::generated::ErrorId;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::refusal::{Refusal, Stop};
use crate::service::Scene;

/// Fields that are the service's own. Clients send back what they read.
const OWN: [&str; 11] = [
    "ACL",
    "_version",
    "_workflow",
    "api_key",
    "created_at",
    "created_by",
    "deleted_at",
    "publish_details",
    "uid",
    "updated_at",
    "updated_by",
];

/// How many parts a form may have.
const PARTS: usize = 64;

/// A body, read.
pub(super) struct Body {
    /// What it says, without fields of the service's own.
    pub(super) fields: Map<String, Value>,
    /// The uid in it.
    pub(super) uid: Option<Value>,
    /// The file that comes along.
    pub(super) file: Option<File>,
}

/// What is kept of a file: not what is in it.
pub(super) struct File {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) size: usize,
}

impl Body {
    /// Reads the body of a request for a collection.
    pub(super) fn read(scene: &Scene<'_>, collection: &Collection) -> Result<Self, Stop> {
        let (mut fields, file) = match scene.call.form_boundary() {
            Some(boundary) => form(scene.call.bytes(), &boundary, collection.one)?,
            None => (json(scene, collection)?, None),
        };
        let uid = fields.remove("uid");
        fields.retain(|name, _| !OWN.contains(&name.as_str()));
        Ok(Self { fields, uid, file })
    }
}

/// The folder that a request puts a new asset or folder into; `None` outside of all folders, and for a body that cannot be read: it
/// is refused later, for what it is.
pub(crate) fn folder_in(call: &Call<'_>) -> Option<String> {
    let fields = match call.form_boundary() {
        Some(boundary) => form(call.bytes(), &boundary, "asset").ok()?.0,
        None => match call.peek()?.get_mut("asset")?.take() {
            Value::Object(fields) => fields,
            _ => return None,
        },
    };
    fields.get("parent_uid")?.as_str().map(str::to_owned)
}

fn json(scene: &Scene<'_>, collection: &Collection) -> Result<Map<String, Value>, Refusal> {
    let mut body = scene.call.body()?;
    match body.remove(collection.one) {
        Some(Value::Object(fields)) => Ok(fields),
        None if collection.bare => Ok(body),
        missing => {
            let says = if missing.is_some() { "is not an object" } else { "is required" };
            Err(Refusal::new(ErrorId::BodyInvalid).with(collection.one, says))
        }
    }
}

/// Reads `multipart/form-data`, whose fields are called `asset[title]`. The whole body is there already, so nothing waits.
fn form(body: &Bytes, boundary: &str, envelope: &str) -> Result<(Map<String, Value>, Option<File>), Refusal> {
    let invalid = || Refusal::new(ErrorId::BodyInvalid);
    let whole = SizeLimit::new().whole_stream(body.len() as u64);
    let body = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(body.clone())]);
    let read = async {
        let mut parts = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(whole));
        let (mut fields, mut file) = (Map::new(), None);
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|_| invalid())? {
            count += 1;
            if count > PARTS {
                return Err(invalid());
            }
            let name = part.name().and_then(|name| inner(name, envelope)).ok_or_else(invalid)?;
            let file_name = part.file_name().map(str::to_owned);
            let kind = part.content_type().map(ToString::to_string);
            let bytes = part.bytes().await.map_err(|_| invalid())?;
            if let Some(file_name) = file_name {
                let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
                file = Some(File { name: file_name, kind, size: bytes.len() });
            } else {
                let text = std::str::from_utf8(&bytes).map_err(|_| invalid())?;
                fields.insert(name.clone(), value(&name, text));
            }
        }
        Ok((fields, file))
    };
    cs_transport::ready(read).map_err(|_| invalid())?
}

/// `title` of `asset[title]`, and of `title`.
fn inner(name: &str, envelope: &str) -> Option<String> {
    let inner = name.strip_prefix(envelope).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
    let name = inner.unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A text of a form as the value that JSON would have.
fn value(name: &str, text: &str) -> Value {
    match (name, text) {
        ("tags", "") => json!([]),
        ("tags", text) => text.split(',').map(|tag| json!(tag.trim())).collect(),
        (_, "true") => json!(true),
        (_, "false") => json!(false),
        (_, text) => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--xx\r\nContent-Disposition: form-data; name=\"asset[title]\"\r\n\r\nA cat\r\n\
        --xx\r\nContent-Disposition: form-data; name=\"asset[tags]\"\r\n\r\na, b\r\n\
        --xx\r\nContent-Disposition: form-data; name=\"asset[upload]\"; filename=\"cat.png\"\r\n\
        Content-Type: image/png\r\n\r\n\u{1}\u{2}\u{3}\r\n--xx--\r\n";

    #[test]
    fn a_form_becomes_fields_and_a_file() {
        let (fields, file) = form(&Bytes::from(FORM), "xx", "asset").unwrap();
        assert_eq!(Value::Object(fields), json!({ "title": "A cat", "tags": ["a", "b"] }));
        let file = file.unwrap();
        assert_eq!((file.name.as_str(), file.kind.as_str(), file.size), ("cat.png", "image/png", 3));
    }

    #[test]
    fn a_broken_form_is_refused() {
        for body in [&FORM[..FORM.len() - 20], "", "--xx\r\n\r\n", "nothing"] {
            assert!(form(&Bytes::from(body.to_owned()), "xx", "asset").is_err(), "{body}");
        }
        let many = "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n".repeat(PARTS + 1)
            + "--xx--\r\n";
        assert!(form(&Bytes::from(many), "xx", "asset").is_err());
    }
}
