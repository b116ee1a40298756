//! Messages from any bytes: written and read again they are the same.

use fanout_core::message::{Chunk, ChunkResult, Dataset, Job, Plan, Report, Trigger, from_json, to_json};
use serde::{Serialize, de::DeserializeOwned};

/// Input: any bytes. A message that can be read can be written, and is the same when read again.
pub fn messages(input: &[u8]) {
    round_trip::<Job>(input);
    round_trip::<Dataset>(input);
    round_trip::<Plan>(input);
    round_trip::<ChunkResult>(input);
    round_trip::<Chunk>(input);
    round_trip::<Report>(input);
    if let Ok(event) = from_json("event", input) {
        let _ = Trigger::from_event(event);
    }
}

fn round_trip<T: Serialize + DeserializeOwned>(input: &[u8]) {
    let Ok(message) = from_json::<T>("message", input) else { return };
    let written = to_json("message", &message).expect("can be written");
    let read: T = from_json("message", &written).expect("can be read again");
    // Not every message can be compared, but what is written of it has all of it.
    assert_eq!(to_json("message", &read), Ok(written));
}
