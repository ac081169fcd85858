//! The colours that a photo is made of.

use super::picture::{Channels, Picture};

/// Colours to look for.
const MOST: usize = 5;

/// Rounds of k-means; it has settled long before on photos.
const ROUNDS: usize = 12;

/// Colours nearer than this in Oklab look the same at a glance (a just noticeable difference is about 0.02).
const ALIKE: f32 = 0.06;

/// Lightness and two opponent axes.
type Lab = [f32; 3];

/// One to five colours of a picture, the most frequent first. Pixels that are more transparent than not do not count; a picture of nothing
/// else has no colour. k-means in Oklab, begun with the mean and then each time with the pixel farthest from all, so that it needs no chance.
pub(super) fn colours(picture: &Picture) -> Vec<[u8; 3]> {
    let pixels = visible(picture);
    let mut centres = seeds(&pixels);
    let mut counts = vec![0; centres.len()];
    for _ in 0..ROUNDS {
        let mut sums = vec![([0.0; 3], 0_usize); centres.len()];
        for pixel in &pixels {
            let (sum, count) = &mut sums[nearest(&centres, pixel).0];
            (0..3).for_each(|axis| sum[axis] += pixel[axis]);
            *count += 1;
        }
        for (place, (sum, count)) in sums.iter().enumerate().filter(|(_, (_, count))| *count > 0) {
            centres[place] = sum.map(|axis| axis / *count as f32);
            counts[place] = *count;
        }
    }
    let mut found: Vec<(usize, Lab)> = counts
        .into_iter()
        .zip(centres)
        .filter(|(count, _)| *count > 0)
        .collect();
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    found.into_iter().map(|(_, colour)| to_srgb(colour)).collect()
}

fn visible(picture: &Picture) -> Vec<Lab> {
    match picture.channels {
        Channels::Rgba => {
            let pixels = picture.pixels.as_chunks().0.iter();
            pixels
                .filter(|[_, _, _, alpha]: &&[u8; 4]| *alpha >= 128)
                .map(|&[red, green, blue, _]| to_oklab([red, green, blue]))
                .collect()
        }
        _ => picture
            .pixels
            .as_chunks()
            .0
            .iter()
            .map(|pixel| to_oklab(*pixel))
            .collect(),
    }
}

/// Where to begin: far from each other, and no more of them than there are different colours.
fn seeds(pixels: &[Lab]) -> Vec<Lab> {
    let mut seeds = Vec::with_capacity(MOST);
    seeds.extend(pixels.first().map(|_| {
        let sum = pixels.iter().fold([0.0; 3], |sum: Lab, pixel| {
            std::array::from_fn(|axis| sum[axis] + pixel[axis])
        });
        let mean = sum.map(|axis| axis / pixels.len() as f32);
        pixels[nearest(pixels, &mean).0]
    }));
    while seeds.len() < MOST && !pixels.is_empty() {
        let far = pixels
            .iter()
            .map(|pixel| (nearest(&seeds, pixel).1, pixel))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match far {
            Some((distance, pixel)) if distance > ALIKE * ALIKE => seeds.push(*pixel),
            _ => break,
        }
    }
    seeds
}

/// The nearest of `centres` and the square of its distance.
fn nearest(centres: &[Lab], pixel: &Lab) -> (usize, f32) {
    let distance = |centre: &Lab| {
        (0..3)
            .map(|axis| (centre[axis] - pixel[axis]).powi(2))
            .sum::<f32>()
    };
    let each = centres.iter().map(distance).enumerate();
    each.min_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap_or((0, f32::INFINITY))
}

/// Björn Ottosson, "A perceptual color space for image processing" (2020).
fn to_oklab(srgb: [u8; 3]) -> Lab {
    let [red, green, blue] = srgb.map(|value| {
        let value = f32::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    let long = (0.412_221_47 * red + 0.536_332_54 * green + 0.051_445_995 * blue).cbrt();
    let medium = (0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue).cbrt();
    let short = (0.088_302_46 * red + 0.281_718_84 * green + 0.629_978_7 * blue).cbrt();
    [
        0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short,
    ]
}

/// The way back.
fn to_srgb([lightness, a, b]: Lab) -> [u8; 3] {
    let long = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let medium = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let short = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * long - 3.307_711_6 * medium + 0.230_969_93 * short,
        -1.268_438 * long + 2.609_757_4 * medium - 0.341_319_38 * short,
        -0.004_196_086_3 * long - 0.703_418_6 * medium + 1.707_614_7 * short,
    ];
    linear.map(|value| {
        let value = if value <= 0.003_130_8 {
            value * 12.92
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        (value * 255.0).round().clamp(0.0, 255.0) as u8
    })
}
