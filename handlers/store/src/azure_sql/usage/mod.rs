//! Users and sessions in Azure SQL: recounted where turns were written, then read.

mod read;
mod recount;
mod retention;
mod rows;

pub(super) use recount::{LOCK, begin_anew_sql};
pub(super) use retention::{forget_sql, sealing, sealing_sql};
pub(super) use rows::{write_sql, write_values};
