//! Any bytes have an answer, and what they are does not depend on what stands behind them, where a signature decides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::format::Format;

fuzz_target!(|bytes: &[u8]| {
    if let Some(format) = Format::of(bytes) {
        assert_ne!(format.second(bytes), Some(Format::Text));
        if format.is_photo() {
            let longer = [bytes, &[0; 64]].concat();
            assert_eq!(Format::of(&longer), Some(format));
        }
    }
});
