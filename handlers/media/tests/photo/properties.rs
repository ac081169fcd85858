use media::{
    Reason,
    photo::{Settings, process},
};
use proptest::prelude::*;

use crate::build::{gif, hills, jpeg, jpeg_with, pixels, png, webp};

fn files() -> Vec<Vec<u8>> {
    let rgb = hills(40, 30, 2);
    let progressive = |encoder: &mut jpeg_encoder::Encoder<&mut Vec<u8>>| encoder.set_progressive(true);
    vec![
        jpeg(40, 30, &rgb),
        jpeg_with(40, 30, &rgb, jpeg_encoder::ColorType::Rgb, progressive),
        png(40, 30, png::ColorType::Rgb, png::BitDepth::Eight, &rgb),
        webp(40, 30, &rgb),
        webp::Encoder::from_rgb(&rgb, 40, 30).encode_lossless().to_vec(),
        gif(40, 30, 2),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever bytes are changed: a refusal with a reason, or files that can be read and are within the size that is told.
    #[test]
    fn spoiled_files_are_refused_or_read(which in 0_usize..6, spoils in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = files().swap_remove(which);
        for (at, value) in spoils {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let settings = Settings { max_pixels: 1_000_000, ..Settings::default() };
        match process(&bytes, &settings) {
            Ok(photo) => {
                prop_assert!(u64::from(photo.width) * u64::from(photo.height) <= settings.max_pixels);
                for output in &photo.outputs {
                    let (width, height, ..) = pixels(output);
                    prop_assert_eq!(output.pixels, Some((width as u32, height as u32)));
                    prop_assert!(width <= photo.width as usize && height <= photo.height as usize);
                }
            }
            Err(refusal) => prop_assert!(!matches!(refusal.reason, Reason::Empty | Reason::TooLarge | Reason::TooLong)),
        }
    }
}
