//! What turns led to.

use crate::analytics::{FunnelFigures, FunnelRollup, Touch, Window};
use serde::Serialize;
use utoipa::ToSchema;

/// From the answer to the order, beside the period before.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = report::Funnel)]
pub struct Funnel {
    /// Which of the turns that showed a product is credited: the last one.
    pub touch: Touch,
    /// How long after its turn an event counts: 24 hours.
    pub window: Window,
    /// Whether that time was over for every turn when the report was made.
    pub complete: bool,
    /// The figures of the period, as `get_funnel` gives them; the currency of most orders first.
    #[serde(flatten)]
    pub figures: FunnelFigures,
    /// Those of the period before.
    pub previous: FunnelFigures,
}

impl Funnel {
    /// The turn that is credited.
    pub const TOUCH: Touch = Touch::Last;
    /// How long after it.
    pub const WINDOW: Window = Window::Day;

    /// The funnel of a period; `complete` says whether the window of its last turn is over.
    pub fn of(now: &FunnelRollup, before: &FunnelRollup, complete: bool) -> Self {
        let (touch, window) = (Self::TOUCH, Self::WINDOW);
        let figures = |rollup| {
            let mut figures = FunnelFigures::of(rollup, touch, window);
            // Stable: currencies of as many orders stay in the order of their codes.
            figures
                .revenue
                .sort_by_key(|revenue| std::cmp::Reverse(revenue.orders));
            figures
        };
        Self {
            touch,
            window,
            complete,
            figures: figures(now),
            previous: figures(before),
        }
    }
}
