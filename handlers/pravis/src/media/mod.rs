//! What becomes of an upload, from the event that it came to the outputs that are served.
//!
//! `claim → read → make → put the outputs → finish → delete what came`. Each step may be done again: a claim is by the upload and the ETag of
//! its blob and ends by itself, outputs are named after their bytes, `finish_media` is one unit of work, and a delete names the ETag. So a
//! run may be killed anywhere; the next one comes to the same end.

mod claim;
mod failures;
mod make;
pub mod message;
mod outputs;
mod process;
mod put_aside;
mod take_in;
mod workers;

pub use process::{ProcessError, Processed, Wait};
pub(crate) use take_in::{take_in, take_in_patiently};

use failures::Failures;
use workers::Workers;

/// What the runs of a process share.
#[derive(Default)]
pub(crate) struct Intake {
    workers: Workers,
    failures: Failures,
}
