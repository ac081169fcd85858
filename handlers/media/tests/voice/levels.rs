//! What is measured, by signals whose answer is known, and by counting again.

use proptest::prelude::*;

use crate::{voice, wav};

/// The cases of EBU Tech 3341 (version 4, table 1) that are made of stereo sines, with its tolerance of 0.1 LU.
fn ebu(rate: u32, stretches: &[(f64, f64)], lufs: f64) {
    let measured = voice(&wav::sine(2, rate, stretches)).loudness_lufs.unwrap();
    assert!((measured - lufs).abs() <= 0.1, "{measured} is not {lufs}");
}

#[test]
fn ebu_tech_3341_case_1() {
    ebu(48_000, &[(20.0, -23.0)], -23.0);
}

#[test]
fn ebu_tech_3341_case_2() {
    ebu(48_000, &[(20.0, -33.0)], -33.0);
}

/// The quiet parts are below the relative gate. At a third of the rate, for it is long.
#[test]
fn ebu_tech_3341_case_3() {
    ebu(16_000, &[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)], -23.0);
}

/// The outer parts are below the absolute gate as well.
#[test]
fn ebu_tech_3341_case_4() {
    ebu(
        16_000,
        &[
            (10.0, -72.0),
            (10.0, -36.0),
            (60.0, -23.0),
            (10.0, -36.0),
            (10.0, -72.0),
        ],
        -23.0,
    );
}

#[test]
fn ebu_tech_3341_case_5() {
    ebu(16_000, &[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)], -23.0);
}

#[test]
fn silence_has_no_loudness_no_peak_and_no_speech() {
    let voice = voice(&wav::pcm(1, 16_000, &[0; 32_000]));
    assert_eq!(
        (voice.loudness_lufs, voice.peak_dbfs, voice.silence_share),
        (None, None, 1.0)
    );
    assert_eq!((voice.speech, voice.duration_ms), (vec![], 2000));
}

#[test]
fn what_is_shorter_than_a_gating_block_has_no_loudness() {
    let voice = voice(&wav::sine(1, 16_000, &[(0.3, -20.0)]));
    assert_eq!(voice.loudness_lufs, None);
    assert!((voice.peak_dbfs.unwrap() + 20.0).abs() < 0.01);
}

#[test]
fn one_sample_is_a_recording() {
    let voice = voice(&wav::pcm(1, 48_000, &[16_384]));
    assert_eq!(
        (voice.duration_ms, voice.peaks[0], voice.peaks[799]),
        (0, [16_384; 2], [16_384; 2])
    );
    assert!((voice.peak_dbfs.unwrap() + 6.0206).abs() < 0.001);
}

#[test]
fn neither_a_tone_nor_noise_is_speech() {
    let mut state = 1_u32;
    let noise: Vec<i16> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16 / 16
    })
    .take(48_000)
    .collect();
    // The detector takes half a second to know a noise that is there from the very beginning.
    let heard = voice(&wav::pcm(1, 16_000, &noise)).speech;
    assert!(heard.iter().all(|segment| segment.to_ms <= 500), "{heard:?}");
    assert_eq!(voice(&wav::sine(1, 16_000, &[(3.0, -12.0)])).speech, []);
}

#[test]
fn clipping_is_a_run_at_full_scale_in_one_channel() {
    let file = |samples: &[i16]| wav::pcm(2, 16_000, samples);
    assert_eq!(voice(&file(&[i16::MAX, 0, i16::MAX, 0, 0, 0])).clipped_samples, 0);
    assert_eq!(
        voice(&file(&[i16::MAX, 0, i16::MAX, 0, i16::MIN, 0, i16::MAX, 0])).clipped_samples,
        4
    );
    // Eight bits reach less far.
    assert_eq!(
        voice(&wav::file(wav::PCM, 1, 8_000, 8, 5, &[128, 255, 255, 255, 128])).clipped_samples,
        3
    );
}

#[test]
fn floating_point_may_be_beyond_full_scale() {
    let voice = voice(&wav::float(1, 16_000, &[0.0, 2.0, -2.0, 2.0, 0.0]));
    assert!((voice.peak_dbfs.unwrap() - 6.0206).abs() < 0.001);
    assert_eq!(voice.clipped_samples, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn all_is_as_counted_by_hand(
        channels in 1_u16..=3,
        rate in prop::sample::select(vec![8_000_u32, 16_000, 44_100]),
        stretches in prop::collection::vec((1_usize..900, prop::sample::select(vec![0_i32, 3, 100, 103, 104, 3_000, 60_000])), 1..6),
        seed in any::<u32>(),
    ) {
        let mut state = seed;
        let mut samples: Vec<i16> = Vec::new();
        for (frames, height) in &stretches {
            for _ in 0..frames * usize::from(channels) {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let sample = ((i64::from(state >> 8) * i64::from(2 * height + 1)) >> 24) - i64::from(*height);
                samples.push(sample.clamp(-32_768, 32_767) as i16);
            }
        }
        let voice = voice(&wav::pcm(channels, rate, &samples));
        let channels = usize::from(channels);
        let frames = samples.len() / channels;
        prop_assert_eq!(usize::from(voice.channels), channels);
        prop_assert_eq!(voice.duration_ms, frames as u64 * 1000 / u64::from(rate));

        let peak = samples.iter().map(|sample| i32::from(*sample).abs()).max().unwrap();
        let peak_dbfs = (peak > 0).then(|| 20.0 * (f64::from(peak) / 32_768.0).log10());
        prop_assert_eq!(voice.peak_dbfs.map(|peak| (peak * 1e4).round()), peak_dbfs.map(|peak| (peak * 1e4).round()));

        let mut clipped = 0;
        for channel in 0..channels {
            let of_channel: Vec<bool> = samples.iter().skip(channel).step_by(channels).map(|sample| i32::from(*sample).abs() >= 32_767).collect();
            clipped += of_channel.chunk_by(|one, other| one == other).filter(|run| run[0] && run.len() >= 3).map(|run| run.len() as u64).sum::<u64>();
        }
        prop_assert_eq!(voice.clipped_samples, clipped);

        let silent: usize = samples
            .chunks(rate as usize / 50 * channels)
            .filter(|window| {
                let energy: f64 = window.iter().map(|sample| (f64::from(*sample) / 32_768.0).powi(2)).sum();
                energy / (window.len() as f64) < 1e-5
            })
            .map(|window| window.len() / channels)
            .sum();
        prop_assert!((voice.silence_share - silent as f64 / frames as f64).abs() < 1e-9);

        for (point, peaks) in voice.peaks.iter().enumerate() {
            let (begin, end) = (point * frames / 800, (point + 1) * frames / 800);
            let part = &samples[begin * channels..end.max(begin + 1) * channels];
            prop_assert_eq!(*peaks, [*part.iter().min().unwrap(), *part.iter().max().unwrap()]);
        }
    }
}
