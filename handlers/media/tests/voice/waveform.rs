//! The drawing.

use crate::{output, voice, wav};

/// A line that rises from nothing to full scale: point `i` is about `i` in 800.
fn ramp() -> Vec<u8> {
    let samples: Vec<i16> = (0..8_000).map(|at| (at * 4) as i16).collect();
    wav::pcm(1, 8_000, &samples)
}

#[test]
fn the_json_has_a_version_and_all_points() {
    let voice = voice(&ramp());
    let json: serde_json::Value = serde_json::from_slice(output(&voice, "waveform.json")).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(
        (&json["duration_ms"], &json["bits"], &json["length"]),
        (&1000.into(), &16.into(), &800.into())
    );
    let data: Vec<i64> = json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sample| sample.as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (0..800).flat_map(|point| [point * 40, point * 40 + 36]).collect();
    assert_eq!(data, expected);
}

#[test]
fn the_drawing_is_small_and_holds_no_script() {
    let voice = voice(&ramp());
    let svg = std::str::from_utf8(output(&voice, "waveform.svg")).unwrap();
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 120\""),
        "{svg}"
    );
    assert!(
        svg.ends_with("</svg>") && svg.contains("currentColor") && !svg.contains("style"),
        "{svg}"
    );
    assert_eq!(svg.matches('M').count(), 200, "a bar each");
    assert!(
        svg.contains("M798 2.0v116.0\""),
        "the last bar is the highest: {svg}"
    );
    assert!(svg.len() < 4_000, "{}", svg.len());
}

#[test]
fn a_quiet_recording_is_drawn_as_high() {
    let drawn = |peak| output(&voice(&wav::sine(1, 8_000, &[(1.0, peak)])), "waveform.svg").to_vec();
    assert_eq!(drawn(-6.0).len(), drawn(-30.0).len());
    assert!(String::from_utf8(drawn(-30.0)).unwrap().contains("v116.0"));
}
