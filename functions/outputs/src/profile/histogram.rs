//! Histograms from quantiles. Bins have equal widths and together hold all values.

use super::quantiles::Quantiles;

/// Bins at most.
const BINS: u32 = 20;

/// The largest integer below which a double tells all neighbours apart.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Bins of equal width from `min` to `max`, each with its bounds and the number of values in it.
/// Together they hold all values. For whole numbers the bounds are whole, so that every bin spans as
/// many numbers as any other. The last bin may end beyond `max`, and is cut there.
pub(super) fn histogram(values: &Quantiles, min: f64, max: f64, whole: bool, count: u64) -> Vec<(f64, f64, u64)> {
    let range = max - min;
    let whole = whole && range < MAX_EXACT;
    let (width, bins) = if whole {
        let width = ((range + 1.0) / f64::from(BINS)).ceil();
        (width, ((range + 1.0) / width).ceil() as u32)
    } else {
        (range / f64::from(BINS), BINS)
    };
    let bounds: Vec<f64> = (1..bins).map(|bin| min + width * f64::from(bin)).collect();
    let ascending = bounds.first().is_none_or(|first| *first > min)
        && bounds.windows(2).all(|pair| pair[0] < pair[1])
        && bounds.last().is_none_or(|last| *last <= max);
    if !range.is_finite() || !ascending {
        return vec![(min, max, count)];
    }
    let below = values.below(&bounds);
    if below.len() != bounds.len() {
        return vec![(min, max, count)];
    }
    let froms = std::iter::once(min).chain(bounds.iter().copied());
    let tos = bounds.iter().copied().chain([max]);
    let mut counted = 0;
    froms
        .zip(tos)
        .zip(below.iter().copied().chain([count]))
        .map(|((from, to), until)| {
            let here = until.saturating_sub(counted);
            counted = until;
            (from, to, here)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sketch::{Sizes, Sketches};
    use super::*;

    fn of(values: impl Iterator<Item = f64> + Clone, whole: bool) -> Vec<(f64, f64, u64)> {
        let mut sketches = Sketches::new(Sizes::of(1).unwrap()).unwrap();
        values.clone().for_each(|value| sketches.numbers.update(value));
        let min = values.clone().fold(f64::INFINITY, f64::min);
        let max = values.clone().fold(f64::NEG_INFINITY, f64::max);
        histogram(&sketches.numbers, min, max, whole, values.count() as u64)
    }

    #[test]
    fn few_values_are_counted_exactly() {
        assert_eq!(of([3.0, 3.0].into_iter(), true), [(3.0, 3.0, 2)]);
        assert_eq!(
            of([1.0, 2.0, 2.0, 4.0].into_iter(), true),
            [(1.0, 2.0, 1), (2.0, 3.0, 2), (3.0, 4.0, 0), (4.0, 4.0, 1)]
        );
        let ages = of((18..=90).map(f64::from), true);
        assert_eq!((ages.len(), ages[0], ages[18]), (19, (18.0, 22.0, 4), (90.0, 90.0, 1)));
        let halves = of([0.0, 0.5, 1.0].into_iter(), false);
        assert_eq!((halves.len(), halves[0].2, halves[10].2, halves[19].2), (20, 1, 1, 1));
    }

    #[test]
    fn bins_have_all_values_and_odd_ranges_one_bin() {
        let many = of((0..100_000).map(|n| f64::from(n % 1000) / 7.0), false);
        assert_eq!(many.iter().map(|bin| bin.2).sum::<u64>(), 100_000);
        assert!(many.iter().all(|bin| (3000..7000).contains(&bin.2)), "{many:?}");
        assert_eq!(of([-f64::MAX, f64::MAX].into_iter(), false).len(), 1, "the range is no double");
        assert_eq!(of([1.0, 1.0 + f64::EPSILON].into_iter(), false).len(), 1, "no double lies between");
        assert_eq!(of([-1e300, 0.0, 1e300].into_iter(), true).len(), 20);
    }
}
