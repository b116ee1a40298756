//! The functions of a deployed stack: their memory, and the cores and the network that come with it.

use std::str::FromStr;

use super::Prices;

/// MB of memory that come with one vCPU (AWS: Lambda, "Configure function memory").
const MEMORY_A_CPU: f64 = 1769.0;

/// Bytes a second that a function reads from S3 over one connection.
const CONNECTION: f64 = 78e6;

/// MB of memory that come with the network of one more connection.
const MEMORY_A_CONNECTION: u64 = 2048;

/// The instruction set of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X86_64,
}

impl FromStr for Architecture {
    type Err = String;

    /// Reads `arm64` or `x86_64`, as the template has them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "arm64" => Ok(Architecture::Arm64),
            "x86_64" => Ok(Architecture::X86_64),
            _ => Err(format!("{text:?} is neither arm64 nor x86_64")),
        }
    }
}

/// The parameters of a stack that decide about time and money.
///
/// The default ones are those of template.yaml; a test holds them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// Memory of a processor, in MB.
    pub memory_mb: u64,
    /// Chunks of a large object that are processed at once.
    pub parallelism: u64,
    /// The instruction set of the functions.
    pub architecture: Architecture,
}

impl Default for Stack {
    fn default() -> Self {
        Self { memory_mb: 1769, parallelism: 1000, architecture: Architecture::Arm64 }
    }
}

/// Returns the number of cores that a function of so much memory, in MB, has to itself; 1 outside Lambda, where other
/// chunks use the others.
pub fn cores(memory_mb: u64) -> usize {
    (memory_mb as f64 / MEMORY_A_CPU).round().clamp(1.0, 6.0) as usize
}

impl Stack {
    /// vCPUs of a processor; a part of one below 1,769 MB.
    pub fn cpus(&self) -> f64 {
        self.memory_mb as f64 / MEMORY_A_CPU
    }

    /// Connections to S3 that a processor reads over.
    pub fn connections(&self) -> u64 {
        (self.memory_mb / MEMORY_A_CONNECTION).clamp(1, 5)
    }

    /// Bytes a second that a processor reads from S3 at most.
    pub(super) fn network(&self) -> f64 {
        CONNECTION * self.connections() as f64
    }

    /// US dollars of a second of a processor.
    pub(super) fn second(&self, prices: &Prices) -> f64 {
        self.memory_mb as f64 / 1024.0 * prices.gb_second(self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_stack_is_that_of_the_template() {
        let template = include_str!("../../../../template.yaml");
        let default = |name: &str| {
            let (_, parameter) = template.split_once(&format!("\n  {name}:\n")).unwrap();
            let (_, value) = parameter.split_once("Default: ").unwrap();
            value.lines().next().unwrap()
        };
        let stack = Stack {
            memory_mb: default("ProcessorMemory").parse().unwrap(),
            parallelism: default("Parallelism").parse().unwrap(),
            architecture: default("Architecture").parse().unwrap(),
        };
        assert_eq!(stack, Stack::default());
    }

    #[test]
    fn more_memory_has_more_cores_and_connections() {
        let table = [(128, 0.07, 1), (1769, 1.0, 1), (2048, 1.16, 1), (4096, 2.32, 2), (10_240, 5.79, 5)];
        for (memory_mb, cpus, connections) in table {
            let stack = Stack { memory_mb, ..Stack::default() };
            assert!((stack.cpus() - cpus).abs() < 0.01, "{memory_mb} MB: {}", stack.cpus());
            assert_eq!(stack.connections(), connections, "{memory_mb} MB");
        }
    }
}
