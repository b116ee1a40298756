//! End-to-end tests and benchmarks of fanout; see `tests/` and `benches/` beside this folder.
