//! The program: custom handler of the Functions app, local host, command line.

pub mod host;
pub mod triggers;
