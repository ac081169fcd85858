//! A function as the host runs it: `function.json` checked and its settings filled in.

use std::collections::BTreeSet;

use super::function_json::{Binding, BlobSource, DataType, FunctionJson, HttpVerb};
use super::retry::RetryPolicy;
use super::schedule::{BadSchedule, Schedule};
use super::settings::{PlaceholderError, Settings, is_disabled, resolve};
use super::template::{BadTemplate, Template};

/// One function: what starts it and what it may answer with.
#[derive(Debug, Clone)]
pub struct Function {
    /// Folder name, in its exact case.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// Names of its output bindings.
    pub outputs: Vec<String>,
    /// What the host does when an invocation fails.
    pub retry: Option<RetryPolicy>,
}

/// What starts a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A client's request.
    Http(HttpTrigger),
    /// A schedule.
    Timer(TimerTrigger),
    /// A queue's message.
    Queue(QueueTrigger),
    /// A blob.
    Blob(BlobTrigger),
    /// An event of Event Grid; holds the binding's name.
    EventGrid(String),
}

/// A client's request.
#[derive(Debug, Clone)]
pub struct HttpTrigger {
    /// Template below the route prefix.
    pub route: Template,
    /// Methods it answers.
    pub methods: Vec<HttpVerb>,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct TimerTrigger {
    /// Binding name.
    pub binding: String,
    /// When it fires.
    pub schedule: Schedule,
    /// Whether it also fires at start.
    pub run_on_startup: bool,
    /// Whether the last run is remembered.
    pub use_monitor: bool,
}

/// A queue's message.
#[derive(Debug, Clone)]
pub struct QueueTrigger {
    /// Binding name.
    pub binding: String,
    /// Queue.
    pub queue: String,
    /// Prefix of the settings that name the account.
    pub connection: Option<String>,
    /// Whether messages travel as base64 of their bytes.
    pub binary: bool,
}

/// A blob that came or changed.
#[derive(Debug, Clone)]
pub struct BlobTrigger {
    /// Binding name.
    pub binding: String,
    /// Container and pattern of the name.
    pub path: String,
    /// Prefix of the settings that name the account.
    pub connection: Option<String>,
    /// How the host learns of it.
    pub source: Option<BlobSource>,
}

/// Why the host would leave a function out.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum BadFunction {
    #[error(
        "the folder name `{0}` is no function name: a letter, then up to 127 letters, digits, - or _; not `host`"
    )]
    Name(String),
    #[error("bindings[{0}].name: `{1}` is no binding name: a letter, then up to 127 letters or digits")]
    BindingName(usize, String),
    #[error("bindings[{0}].name: `{1}` is there twice (case is ignored)")]
    BindingTwice(usize, String),
    #[error("bindings: {0} triggers, where a function has exactly one")]
    Triggers(usize),
    #[error(
        "bindings: an httpTrigger and one http output make a proxied function; {0} would be sent as an envelope"
    )]
    NotProxied(&'static str),
    #[error("route: {0}")]
    Route(#[from] BadTemplate),
    #[error("route: `{0}` begins with admin or runtime, which the host keeps for itself")]
    Reserved(String),
    #[error("{field}: {problem}")]
    Setting {
        field: &'static str,
        problem: PlaceholderError,
    },
    #[error("schedule: {0}")]
    Schedule(#[from] BadSchedule),
}

impl Function {
    /// Checks what the host checks when it loads the folder `name`. `None` when the operator has disabled it.
    pub fn load(name: &str, file: FunctionJson, settings: Settings<'_>) -> Result<Option<Self>, BadFunction> {
        if !is_function_name(name) {
            return Err(BadFunction::Name(name.to_owned()));
        }
        check_binding_names(&file.bindings)?;
        if is_disabled(name, settings) {
            return Ok(None);
        }
        let outputs: Vec<String> = file
            .bindings
            .iter()
            .filter(|b| is_output(b))
            .map(|b| b.name().to_owned())
            .collect();
        let http_outputs = file
            .bindings
            .iter()
            .filter(|b| matches!(b, Binding::Http(_)))
            .count();
        let bindings = file.bindings.len();
        let mut triggers = file
            .bindings
            .into_iter()
            .filter(|b| !is_output(b))
            .collect::<Vec<_>>();
        let (Some(trigger), true) = (triggers.pop(), triggers.is_empty()) else {
            return Err(BadFunction::Triggers(bindings - outputs.len()));
        };
        if matches!(trigger, Binding::HttpTrigger(_)) {
            match (http_outputs, bindings) {
                (0, _) => return Err(BadFunction::NotProxied("one without an http output")),
                (_, 2) => {}
                _ => return Err(BadFunction::NotProxied("one with more bindings")),
            }
        }
        Ok(Some(Self {
            name: name.to_owned(),
            trigger: Trigger::load(name, trigger, settings)?,
            outputs,
            retry: file.retry,
        }))
    }
}

impl Trigger {
    fn load(name: &str, binding: Binding, settings: Settings<'_>) -> Result<Self, BadFunction> {
        let filled = |field, text: &str| {
            resolve(text, settings).map_err(|problem| BadFunction::Setting { field, problem })
        };
        Ok(match binding {
            Binding::HttpTrigger(http) => {
                let route = http.route.as_deref().unwrap_or(name);
                let first = route
                    .trim_start_matches('/')
                    .split('/')
                    .next()
                    .unwrap_or_default();
                if ["admin", "runtime"]
                    .iter()
                    .any(|kept| first.eq_ignore_ascii_case(kept))
                {
                    return Err(BadFunction::Reserved(route.to_owned()));
                }
                Self::Http(HttpTrigger {
                    route: route.parse()?,
                    methods: http.methods.unwrap_or_else(|| HttpVerb::ALL.to_vec()),
                })
            }
            Binding::TimerTrigger(timer) => Self::Timer(TimerTrigger {
                binding: timer.name,
                schedule: filled("schedule", &timer.schedule)?.parse()?,
                run_on_startup: timer.run_on_startup,
                use_monitor: timer.use_monitor.unwrap_or(true),
            }),
            Binding::QueueTrigger(queue) => Self::Queue(QueueTrigger {
                binding: queue.name,
                queue: filled("queueName", &queue.queue_name)?,
                connection: queue.connection,
                binary: queue.data_type == Some(DataType::Binary),
            }),
            Binding::BlobTrigger(blob) => Self::Blob(BlobTrigger {
                binding: blob.name,
                path: filled("path", &blob.path)?,
                connection: blob.connection,
                source: blob.source,
            }),
            Binding::EventGridTrigger(event) => Self::EventGrid(event.name),
            Binding::Http(_) | Binding::Queue(_) => return Err(BadFunction::Triggers(0)),
        })
    }
}

fn is_output(binding: &Binding) -> bool {
    matches!(binding, Binding::Http(_) | Binding::Queue(_))
}

fn is_function_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 128
        && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && !name.eq_ignore_ascii_case("host")
}

fn is_binding_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name == "$return"
        || name.len() <= 128
            && bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric())
}

fn check_binding_names(bindings: &[Binding]) -> Result<(), BadFunction> {
    let mut seen = BTreeSet::new();
    for (index, name) in bindings.iter().map(Binding::name).enumerate() {
        if !is_binding_name(name) {
            return Err(BadFunction::BindingName(index, name.to_owned()));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            return Err(BadFunction::BindingTwice(index, name.to_owned()));
        }
    }
    Ok(())
}
