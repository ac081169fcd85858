//! `host.json`, as far as a laptop needs it; the rest is checked for its spelling only.

use serde::Deserialize;
use serde_json::Value;

use super::interval::Interval;
use super::retry::RetryPolicy;

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostJson {
    /// The only version that the host takes.
    pub version: Version,
    /// Longest run of one invocation; the plan's own limit when absent.
    pub function_timeout: Option<Interval>,
    /// Only these folders load, when given.
    pub functions: Option<Vec<String>>,
    /// Retry policy of functions that have none of their own.
    pub retry: Option<RetryPolicy>,
    /// Settings of triggers.
    #[serde(default)]
    pub extensions: Extensions,
    /// Where the host gets its trigger extensions from.
    pub extension_bundle: Option<ExtensionBundle>,
    /// The program that the host starts.
    pub custom_handler: CustomHandler,
    /// Opaque here.
    pub logging: Option<Value>,
    /// Opaque here.
    pub concurrency: Option<Value>,
}

/// Version of the file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Version {
    /// A string, not a number.
    #[serde(rename = "2.0")]
    V2,
}

/// Settings of triggers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Extensions {
    /// HTTP.
    pub http: Http,
    /// Storage queues.
    pub queues: Queues,
    /// Opaque here.
    pub blobs: Option<Value>,
}

/// `extensions.http`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Http {
    /// First part of every route; may be empty.
    pub route_prefix: String,
    /// Opaque here.
    pub max_outstanding_requests: Option<i32>,
    /// Opaque here.
    pub max_concurrent_requests: Option<i32>,
    /// Opaque here.
    pub dynamic_throttles_enabled: Option<bool>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            route_prefix: "api".to_owned(),
            max_outstanding_requests: None,
            max_concurrent_requests: None,
            dynamic_throttles_enabled: None,
        }
    }
}

/// `extensions.queues`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Queues {
    /// Messages taken at once.
    pub batch_size: u32,
    /// New ones are taken when no more than so many are being worked on.
    pub new_batch_threshold: Option<u32>,
    /// Attempts before a message goes to the poison queue.
    pub max_dequeue_count: u32,
    /// Pause after a failure.
    pub visibility_timeout: Option<Interval>,
    /// Longest pause between two looks at an empty queue.
    pub max_polling_interval: Option<Interval>,
    /// How messages are written into the queue.
    pub message_encoding: MessageEncoding,
}

impl Default for Queues {
    fn default() -> Self {
        Self {
            batch_size: 16,
            new_batch_threshold: None,
            max_dequeue_count: 5,
            visibility_timeout: None,
            max_polling_interval: None,
            message_encoding: MessageEncoding::Base64,
        }
    }
}

/// How messages are written into a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MessageEncoding {
    /// Base64, so that any bytes survive the queue's XML.
    Base64,
    /// As text.
    None,
}

/// `extensionBundle`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExtensionBundle {
    /// Package.
    pub id: String,
    /// Range of versions.
    pub version: String,
}

/// `customHandler`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomHandler {
    /// How it is started.
    pub description: Description,
    /// Requests of HTTP functions are rebuilt and passed on, by hosts that cannot stream them yet.
    #[serde(default)]
    pub enable_forwarding_http_request: bool,
    /// Requests of HTTP functions are streamed; wins over forwarding.
    #[serde(default)]
    pub enable_proxying_http_request: bool,
    /// How long it may take to listen; 30 s when absent.
    pub initialization_timeout: Option<Interval>,
    /// A fixed port instead of a free one.
    pub port: Option<u16>,
}

/// `customHandler.description`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    /// Executable, beside `host.json`.
    pub default_executable_path: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Working folder; that of `host.json` when empty.
    pub working_directory: Option<String>,
}
