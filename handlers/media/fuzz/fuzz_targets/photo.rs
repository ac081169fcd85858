//! Any bytes are refused with a reason, or become files of the sizes that are told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::photo::{Settings, process};

fuzz_target!(|bytes: &[u8]| {
    let settings = Settings {
        max_pixels: 250_000,
        widths: vec![64, 16],
        square: 8,
        webp_effort: 0,
        ..Settings::default()
    };
    if let Ok(photo) = process(bytes, &settings) {
        assert!(u64::from(photo.width) * u64::from(photo.height) <= settings.max_pixels);
        for output in &photo.outputs {
            let (width, height) = output.pixels.unwrap_or_default();
            assert!((1..=photo.width).contains(&width) && (1..=photo.height).contains(&height));
        }
    }
});
