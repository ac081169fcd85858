//! The backend on Azure SQL, function for function that of SQLite.

mod options;

pub use options::{AzureSqlOptions, ConnectionSource, FixedConnection};
