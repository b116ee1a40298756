//! The cost of a run after its end.

use super::Prices;
use crate::INLINE_CHUNKS;
use crate::message::{Cost, CostLine, Usage};

/// States that an execution enters besides those of its Map's items, and its start.
pub(crate) const TRANSITIONS: u64 = 8;

/// States that it enters for each round of repairs besides.
const TRANSITIONS_A_ROUND: u64 = 4;

/// Memory that an EXPRESS execution is charged for, in GB.
pub(crate) const EXPRESS_GB: f64 = 64.0 / 1024.0;

/// Adds up the bill of a run at these prices, line by line.
///
/// `processors` are the invocations of all chunks, `reducer` that of the reducer; the planner's,
/// which leaves no result, counts as one invocation without a time and one read. `None` where
/// nothing ran in Lambda. Attempts that failed are not in it, nor are storage and logs.
pub fn cost(prices: &Prices, chunks: u64, rounds: u32, processors: Usage, reducer: Usage) -> Option<Cost> {
    if processors.gb_seconds + reducer.gb_seconds == 0.0 {
        return None;
    }
    let line = |what: &str, quantity: f64, price: f64| CostLine {
        what: what.to_owned(),
        quantity,
        price,
        usd: quantity * price,
    };
    let mut lines = vec![
        line("Lambda, GB-seconds", processors.gb_seconds + reducer.gb_seconds, prices.lambda_gb_second()),
        line("Lambda, requests", (processors.invocations + reducer.invocations + 1) as f64, prices.lambda_request),
        line("S3, requests that read", (processors.gets + reducer.gets + 1) as f64, prices.s3_get),
        line("S3, requests that write", (processors.puts + reducer.puts) as f64, prices.s3_put),
    ];
    let items = processors.invocations;
    let states = TRANSITIONS + TRANSITIONS_A_ROUND * u64::from(rounds);
    if chunks <= INLINE_CHUNKS {
        lines.push(line("Step Functions, transitions", (states + items) as f64, prices.state_transition));
    } else {
        let gb_seconds = processors.billed_ms as f64 / 1e3 * EXPRESS_GB;
        lines.push(line("Step Functions, transitions", states as f64, prices.state_transition));
        lines.push(line("Step Functions, EXPRESS requests", items as f64, prices.express_request));
        lines.push(line("Step Functions, EXPRESS GB-seconds", gb_seconds, prices.express_gb_second));
    }
    let usd = lines.iter().map(|line| line.usd).sum();
    Some(Cost { usd, lines, region: prices.region.clone(), date: prices.date.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prices of round numbers, to be added up in the head.
    fn prices() -> Prices {
        let text = br#"{"lambda_gb_second_arm64": 1, "lambda_gb_second_x86_64": 1, "lambda_request": 10, "s3_get": 100,
            "s3_put": 1000, "state_transition": 0.1, "express_request": 0.01, "express_gb_second": 16}"#;
        Prices::with("prices", text).unwrap()
    }

    fn processors(chunks: u64) -> Usage {
        let mut all = Usage::default();
        for _ in 0..chunks {
            all += Usage { gets: 1, puts: 2, ..Usage::invocation(500, 2048) };
        }
        all
    }

    #[test]
    fn bills() {
        let reducer = Usage { gets: 2, puts: 3, ..Usage::invocation(1000, 1024) };
        let few = cost(&prices(), 2, 0, processors(2), reducer).unwrap();
        let lines: Vec<(&str, f64)> = few.lines.iter().map(|line| (line.what.as_str(), line.usd)).collect();
        assert_eq!(
            lines,
            [
                ("Lambda, GB-seconds", 3.0),
                ("Lambda, requests", 40.0),
                ("S3, requests that read", 500.0),
                ("S3, requests that write", 7000.0),
                ("Step Functions, transitions", 1.0)
            ]
        );
        assert_eq!(few.usd, 7544.0);
        let many = cost(&prices(), 100, 1, processors(100), reducer).unwrap();
        let last: Vec<f64> = many.lines[4..].iter().map(|line| line.usd).collect();
        assert_eq!(last, [12.0 * 0.1, 1.0, 50.0], "transitions of one repair, requests, 50 s of 1/16 GB at 16");
        assert_eq!(cost(&prices(), 2, 0, Usage { gb_seconds: 0.0, ..processors(2) }, Usage::default()), None);
    }
}
