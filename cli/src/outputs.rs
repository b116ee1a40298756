//! The outputs that a run of the command line can name.

use fanout_outputs::OutputKinds;

/// The built-in outputs, and `sql` where it was compiled.
#[cfg(feature = "sql")]
pub(crate) const OUTPUTS: OutputKinds = fanout_sql::WITH_SQL;
/// The built-in outputs, and `sql` where it was compiled.
#[cfg(not(feature = "sql"))]
pub(crate) const OUTPUTS: OutputKinds = fanout_outputs::BUILT_IN;
