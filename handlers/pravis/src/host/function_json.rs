//! `function.json` as it is written, field by field.
//!
//! Unknown fields are refused although the host ignores them: in our own files a misspelt field is a mistake that
//! should show on a laptop and not as a function that quietly does something else.

use axum::http::Method;
use serde::Deserialize;

use super::retry::RetryPolicy;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FunctionJson {
    /// Exactly one trigger, and any number of other bindings.
    pub bindings: Vec<Binding>,
    /// What the host does when an invocation fails; timers only, in effect.
    pub retry: Option<RetryPolicy>,
}

/// One binding, told apart by `type`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Binding {
    /// A client's request.
    HttpTrigger(HttpTriggerBinding),
    /// The answer to a client's request.
    Http(HttpBinding),
    /// A schedule.
    TimerTrigger(TimerTriggerBinding),
    /// A message of a queue.
    QueueTrigger(QueueTriggerBinding),
    /// Messages to a queue.
    Queue(QueueBinding),
    /// A blob that came or changed.
    BlobTrigger(BlobTriggerBinding),
    /// An event of Event Grid.
    EventGridTrigger(EventGridTriggerBinding),
}

impl Binding {
    /// The name under which the value travels in an envelope or an answer.
    pub fn name(&self) -> &str {
        match self {
            Self::HttpTrigger(b) => &b.name,
            Self::Http(b) => &b.name,
            Self::TimerTrigger(b) => &b.name,
            Self::QueueTrigger(b) => &b.name,
            Self::Queue(b) => &b.name,
            Self::BlobTrigger(b) => &b.name,
            Self::EventGridTrigger(b) => &b.name,
        }
    }
}

/// The only direction that a trigger has.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Inward {
    /// Into the function.
    In,
}

/// The only direction that an output has.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outward {
    /// Out of the function.
    Out,
}

/// `httpTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpTriggerBinding {
    /// Always `in`.
    pub direction: Inward,
    /// Binding name.
    pub name: String,
    /// Who may call as far as the host checks; `function` when absent.
    pub auth_level: Option<AuthLevel>,
    /// Methods it answers; all when absent.
    pub methods: Option<Vec<HttpVerb>>,
    /// ASP.NET template below the route prefix; the function's name when absent.
    pub route: Option<String>,
}

/// The host's own access check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuthLevel {
    /// None.
    Anonymous,
    /// A function key.
    Function,
    /// The master key.
    Admin,
}

/// A method that a route can list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of HTTP's methods")]
pub enum HttpVerb {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Trace,
}

impl HttpVerb {
    /// All of them, in the order in which an `Allow` header lists them.
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
        Self::Trace,
    ];

    /// The verb of a request's method, if a route could list it.
    pub fn of(method: &Method) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|verb| verb.as_str() == method.as_str())
    }

    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

/// `http`: the answer to a client.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpBinding {
    /// Always `out`.
    pub direction: Outward,
    /// Binding name.
    pub name: String,
}

/// `timerTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimerTriggerBinding {
    /// Always `in`.
    pub direction: Inward,
    /// Binding name.
    pub name: String,
    /// NCRONTAB expression, or `%SETTING%` that holds one.
    pub schedule: String,
    /// Also fire when the host starts.
    #[serde(default)]
    pub run_on_startup: bool,
    /// Remember the last run, so that a missed one is made up for; true when absent.
    pub use_monitor: Option<bool>,
}

/// How a value crosses from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataType {
    /// As text.
    String,
    /// As base64 of the bytes.
    Binary,
    /// As a stream, which a custom handler receives as bytes.
    Stream,
}

/// `queueTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueTriggerBinding {
    /// Always `in`.
    pub direction: Inward,
    /// Binding name.
    pub name: String,
    /// Queue, or `%SETTING%`.
    pub queue_name: String,
    /// Setting, or prefix of settings, that says which storage account.
    pub connection: Option<String>,
    /// Text unless `binary`.
    pub data_type: Option<DataType>,
}

/// `queue`: messages to send.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueueBinding {
    /// Always `out`.
    pub direction: Outward,
    /// Binding name.
    pub name: String,
    /// Queue, or `%SETTING%`.
    pub queue_name: String,
    /// Setting, or prefix of settings, that says which storage account.
    pub connection: Option<String>,
    /// With `binary` the host does not decode base64 in the answer.
    pub data_type: Option<DataType>,
}

/// `blobTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlobTriggerBinding {
    /// Always `in`.
    pub direction: Inward,
    /// Binding name.
    pub name: String,
    /// Container and pattern of the name, as in `incoming/{name}`.
    pub path: String,
    /// Setting, or prefix of settings, that says which storage account.
    pub connection: Option<String>,
    /// How the host learns of the blob.
    pub source: Option<BlobSource>,
    /// The host sends bytes whatever stands here.
    pub data_type: Option<DataType>,
}

/// How the host learns of a new blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum BlobSource {
    /// Pushed by Event Grid: the only one on Flex Consumption.
    EventGrid,
    /// Found by scanning logs and containers.
    LogsAndContainerScan,
}

/// `eventGridTrigger`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventGridTriggerBinding {
    /// Always `in`.
    pub direction: Inward,
    /// Binding name.
    pub name: String,
}
