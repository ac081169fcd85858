//! What turns cost: worked examples, and what must hold for all of them.

mod golden;
mod properties;
