//! What handlers receive: authorized, read and checked before they run.

mod body;
mod caller;
mod path;
mod precondition;
mod query;

pub use body::{Beacon, Body, MergePatch};
pub use caller::{Admin, Authorized, Events, Feedback, Ingest, Later, Media, Read, Review, ScopeMarker};
pub use path::{IdNamePath, IdPath, NamePath, PairPath};
pub use precondition::{IfMatch, WithETag};
pub use query::{Query, limit, page};
