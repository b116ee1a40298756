/// MB of memory that come with the bandwidth of one connection to S3.
const MEMORY_A_CONNECTION: u64 = 2048;

/// Memory of the Lambda function that this is, in MB; 0 outside Lambda.
pub fn memory_mb() -> u64 {
    // Of Lambda's own variables (AWS Lambda, Developer Guide, Defined runtime environment variables).
    std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Connections that a function of so much memory has the bandwidth for. S3 gives one about 85 MB/s;
/// Lambda gives a function 78 MB/s, and five times as much at 10,240 MB.
pub fn connections(memory_mb: u64) -> usize {
    (memory_mb / MEMORY_A_CONNECTION).clamp(1, 5) as usize
}
