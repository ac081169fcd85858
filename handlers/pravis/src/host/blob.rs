//! The value of a blob trigger: the whole blob as base64, whatever `dataType` says.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::payload::Payload;
use super::scalar::{self, member};

/// A blob and what the host says about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Blob {
    /// Its content.
    pub content: Vec<u8>,
    /// Its address.
    pub uri: Option<String>,
    /// The storage library's properties. Their set changes with its version.
    pub properties: Map<String, Value>,
    /// What the uploader attached: theirs to write, not to be trusted.
    pub user_metadata: Map<String, Value>,
    /// Values of the `{tokens}` in the binding's path.
    pub tokens: Map<String, Value>,
}

impl Blob {
    pub(super) fn read(content: Vec<u8>, metadata: &Map<String, Value>) -> Self {
        let object = |name| {
            member(metadata, name)
                .and_then(scalar::object)
                .unwrap_or_default()
        };
        let own = ["uri", "properties", "metadata", "sys", "retrycontext"];
        let tokens = metadata
            .iter()
            .filter(|(key, value)| value.is_string() && !own.contains(&key.to_ascii_lowercase().as_str()))
            .filter_map(|(key, value)| Some((key.clone(), Value::from(scalar::text(value)?))))
            .collect();
        Self {
            content,
            uri: member(metadata, "Uri").and_then(scalar::text),
            properties: object("Properties"),
            user_metadata: object("Metadata"),
            tokens,
        }
    }

    /// The value of `{name}` in the binding's path.
    pub fn token(&self, name: &str) -> Option<&str> {
        member(&self.tokens, name)?.as_str()
    }

    /// What the uploader said it is.
    pub fn content_type(&self) -> Option<&str> {
        member(&self.properties, "ContentType")?.as_str()
    }

    /// The envelope that the host would send.
    pub fn payload(&self, function: &str, binding: &str, now: Timestamp) -> Payload {
        let content = Value::from(BASE64_STANDARD.encode(&self.content));
        let mut payload = Payload::new(function, now).data(binding, content);
        if let Some(uri) = &self.uri {
            payload = payload.metadata("Uri", scalar::encode(uri));
        }
        for (key, value) in &self.tokens {
            payload = payload.metadata(key, value.as_str().map_or(Value::Null, scalar::encode));
        }
        payload
            .metadata("Properties", Value::Object(self.properties.clone()))
            .metadata("Metadata", Value::Object(self.user_metadata.clone()))
    }
}
