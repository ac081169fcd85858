//! Any bytes are refused with a reason, or become files of the sizes that are told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::photo::{Settings, process};

// A decoder's panic is caught and refuses the upload: a finding is what comes through to here.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |bytes: &[u8]| {
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
