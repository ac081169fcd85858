//! What went wrong, what shoppers looked for, and what turns led to.

use serde::Serialize;
use utoipa::ToSchema;

/// A kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Failure)]
pub struct Failure {
    /// The kind; null for failures that name none.
    pub error_type: Option<String>,
    /// The model; null for turns that name none.
    pub model: Option<String>,
    /// How many turns.
    pub count: i64,
    /// How many in the period before; null when that is not known.
    pub previous: Option<i64>,
}

/// What shoppers asked for, normalised and without what points at a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Query)]
pub struct Query {
    /// The words.
    pub text: String,
    /// How often.
    pub count: i64,
    /// How often it failed, or nothing was found.
    pub failed: i64,
}

/// A step from the answer to the order.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Step)]
pub struct Step {
    /// `turns`, `shown`, `viewed`, `carted` or `ordered`.
    pub name: String,
    /// Turns that reached it.
    pub turns: i64,
    /// Of the turns that reached the step before, 0 to 1; null of the first step, and where there are none.
    pub conversion: Option<f64>,
    /// Of all turns, 0 to 1; null where there are none.
    pub overall: Option<f64>,
}
