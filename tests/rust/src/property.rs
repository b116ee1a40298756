//! The configuration of property tests: the same cases every time.

use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

/// Returns the configuration for a number of cases, and prints the seed.
pub fn config(seed: u64, cases: u32) -> Config {
    println!("seed {seed}");
    Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        rng_algorithm: RngAlgorithm::ChaCha,
        failure_persistence: None,
        ..Config::default()
    }
}
