//! Small charts as SVG, in the colour of the text around them, so that they fit light and dark. They are for the eye only:
//! beside each stands a table that says the same.

use super::super::ContentError;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Size in the chart's own units, of which two or so make a pixel: the coordinates are whole numbers.
const PANEL: (u32, u32) = (640, 230);
const SPARK: (u32, u32) = (320, 56);
/// Room for the labels.
const LEFT: i32 = 104;
const BOTTOM: i32 = 40;
/// A colour of its own, which the page's style replaces.
const FAILED: RGBColor = RGBColor(0xa3, 0x3a, 0x22);

type Plane<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Drawn = Result<(), ContentError>;

/// How the values of a panel are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Amounts, from zero.
    Bars,
    /// Levels; unknown ones are gaps.
    Line,
}

/// What a panel shows.
pub(super) struct Panel<'a> {
    /// What a person who does not see it is told: the program's own words, which need no escaping.
    pub(super) title: &'static str,
    pub(super) form: Form,
    pub(super) values: &'a [Option<f64>],
    /// The part of each bar that is drawn as failed; empty where nothing fails.
    pub(super) failed: &'a [Option<f64>],
    /// Lowest and highest value of the scale; from zero to a round number when none.
    pub(super) scale: Option<(f64, f64)>,
    /// One per value.
    pub(super) labels: &'a [String],
    /// How a value is written at the scale, where there is little room.
    pub(super) format: &'a dyn Fn(f64) -> String,
}

/// A chart with scale and labels.
pub(super) fn panel(panel: &Panel<'_>) -> Result<String, ContentError> {
    let highest = panel.values.iter().flatten().copied().fold(0.0, f64::max);
    let (low, high) = panel.scale.unwrap_or((0.0, round_above(highest)));
    draw(PANEL, panel.title, |area| {
        let mut plane = ChartBuilder::on(area)
            .margin_top(14)
            .margin_right(8)
            .set_label_area_size(LabelAreaPosition::Left, LEFT)
            .set_label_area_size(LabelAreaPosition::Bottom, BOTTOM)
            .build_cartesian_2d(0.0..panel.values.len().max(1) as f64, low..high)
            .map_err(failed)?;
        scale(&mut plane, area, panel, [low, (low + high) / 2.0, high])?;
        match panel.form {
            Form::Bars => {
                bars(&mut plane, panel.values, &BLACK)?;
                bars(&mut plane, panel.failed, &FAILED)
            }
            Form::Line => line(&mut plane, panel.values, 4),
        }
    })
}

/// A line without scale, from the lowest to the highest value.
pub(super) fn spark(title: &'static str, values: &[Option<f64>]) -> Result<String, ContentError> {
    let known = || values.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    // What is mostly gaps is no course.
    if !low.is_finite() || known().count() < 2 || known().count() * 5 < values.len() * 3 {
        return Ok(String::new());
    }
    let room = if high > low { (high - low) * 0.1 } else { 1.0 };
    draw(SPARK, title, |area| {
        let mut plane = ChartBuilder::on(area)
            .margin(4)
            .build_cartesian_2d(0.5..values.len() as f64 - 0.5, low - room..high + room)
            .map_err(failed)?;
        line(&mut plane, values, 4)
    })
}

fn draw(
    size: (u32, u32),
    title: &'static str,
    figure: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Drawn,
) -> Result<String, ContentError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        figure(&area)?;
        area.present().map_err(failed)?;
    }
    Ok(dressed(&svg, size, title))
}

fn failed<E>(_: E) -> ContentError {
    ContentError::Render("chart")
}

/// Lines at the values of the scale, and the labels of both axes.
fn scale(
    plane: &mut Plane<'_>,
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    panel: &Panel<'_>,
    ticks: [f64; 3],
) -> Drawn {
    let end = panel.values.len().max(1) as f64;
    for (place, tick) in ticks.into_iter().enumerate() {
        let strength = if place == 0 { 0.45 } else { 0.14 };
        // Zero needs no unit.
        let text = if tick == 0.0 {
            "0".to_owned()
        } else {
            (panel.format)(tick)
        };
        let grid = LineSeries::new([(0.0, tick), (end, tick)], BLACK.mix(strength).stroke_width(2));
        plane.draw_series(grid).map_err(failed)?;
        let (_, y) = plane.backend_coord(&(0.0, tick));
        label(area, text, (LEFT - 12, y), HPos::Right, VPos::Center)?;
    }
    // Seven labels at most, evenly.
    let step = panel.labels.len().div_ceil(7).max(1);
    for (place, text) in panel.labels.iter().enumerate().step_by(step) {
        let (x, y) = plane.backend_coord(&(place as f64 + 0.5, ticks[0]));
        label(area, text.clone(), (x, y + 14), HPos::Center, VPos::Top)?;
    }
    Ok(())
}

fn label(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    text: String,
    at: (i32, i32),
    across: HPos,
    along: VPos,
) -> Drawn {
    let style = TextStyle::from(("sans-serif", 27).into_font())
        .color(&BLACK)
        .pos(Pos::new(across, along));
    area.draw(&Text::new(text, at, style)).map_err(failed)
}

fn bars(plane: &mut Plane<'_>, values: &[Option<f64>], colour: &RGBColor) -> Drawn {
    let known = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some((place as f64, (*value)?)));
    let bars = known
        .filter(|(_, value)| *value > 0.0)
        .map(|(place, value)| Rectangle::new([(place + 0.16, 0.0), (place + 0.84, value)], colour.filled()));
    plane.draw_series(bars).map_err(failed)?;
    Ok(())
}

/// Lines between neighbours that are known; one that stands alone is a dot.
fn line(plane: &mut Plane<'_>, values: &[Option<f64>], width: u32) -> Drawn {
    let points: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(place, value)| value.map(|value| (place as f64 + 0.5, value)))
        .collect();
    for run in points.split(Option::is_none).filter(|run| !run.is_empty()) {
        let run: Vec<_> = run.iter().flatten().copied().collect();
        if let [alone] = run[..] {
            let dot = Circle::new(alone, width + 1, BLACK.filled());
            plane.draw_series([dot]).map_err(failed)?;
        } else {
            let line = LineSeries::new(run, BLACK.stroke_width(width));
            plane.draw_series(line).map_err(failed)?;
        }
    }
    Ok(())
}

/// The least of 2, 4, 6, 8 and 10 times a power of ten that is not below `value`: its half is round, too.
fn round_above(value: f64) -> f64 {
    if value <= 0.0 {
        return 2.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [2.0, 4.0, 6.0, 8.0, 10.0].into_iter();
    steps
        .map(|step| step * power)
        .find(|round| *round >= value)
        .unwrap_or(value)
}

/// What the plotter drew, in the text's colour, as wide as its place, and with words for those who do not see it.
fn dressed(svg: &str, (width, height): (u32, u32), title: &'static str) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let body = body.trim_end().trim_end_matches("</svg>");
    let body: String = body.lines().collect();
    let body = body
        .replace("#000000", "currentColor")
        .replace("fill=\"#A33A22\"", "class=\"failed\" fill=\"#a33a22\"")
        .replace("opacity=\"1\" ", "")
        .replace(" stroke=\"none\"", "")
        .replace(" \"", "\"");
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" width=\"100%\" role=\"img\" aria-label=\"{title}\">{body}</svg>"
    )
}
