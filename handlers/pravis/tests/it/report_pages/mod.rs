//! What a report says, and how it looks.

mod browser;
mod content;
mod golden;
mod made_up;
