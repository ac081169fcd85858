//! What turns led to: from the answer to the order.
//!
//! *turn → product shown → product view → cart → order.* An event is credited to one turn of the same session, or of the same
//! known user, that showed its product within a window before it (see [`credits`]). A turn that reached a step has
//! reached those before it.

mod answers;
mod attribute;
mod credit;
mod rollup;

pub use answers::{FunnelAnswer, FunnelFigures, FunnelGroup, FunnelStep, Revenue};
pub use attribute::{FunnelEvent, FunnelTurn, LONGEST, MOST_SESSIONS, MOST_TURNS, Seen, credits};
pub use credit::{Credit, Touch, Window};
pub use rollup::{FunnelFact, FunnelKey, FunnelRollup, Outcome, Worth};
