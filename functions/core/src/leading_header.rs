//! The header at the start of records that may have one, or none.

use crate::message::Plan;
use crate::{Format, Scanner, Start};

/// Returns the bytes of a first record that is the header of the plan, 0 where the first record is another one.
/// `bytes` begin at the plan's `data_start`; `whole` tells that no bytes follow them. A header beyond them is not seen.
///
/// ```
/// use fanout_core::{leading_header, message::Plan};
///
/// # let plan = serde_json::json!({
/// #     "run_id": "run", "object": {"bucket": "b", "key": "k", "etag": "1", "size": 1}, "dataset": {},
/// #     "reader": "range", "outputs": [], "header": ["id", "last name", "column_3"], "data_start": 0, "chunk_size": 1,
/// #     "chunk_count": 1, "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
/// # });
/// # let plan: Plan = serde_json::from_value(plan).unwrap();
/// assert_eq!(plan.header, ["id", "last name", "column_3"]);
/// assert_eq!(leading_header(&plan, b"id,\"last name\",\r\n1,x,y\n", true), 17);
/// assert_eq!(leading_header(&plan, b"1,x,y\nid,last name,\n", true), 0);
/// ```
pub fn leading_header(plan: &Plan, bytes: &[u8], whole: bool) -> u64 {
    if plan.format == Format::JsonLines {
        return 0;
    }
    let text = plan.encoding.scanned(bytes, whole);
    let mut scanner = Scanner::new(&plan.dialect(), Start::Boundary, 0, u64::MAX, plan.max_record());
    scanner.push(&text);
    if whole {
        scanner.finish();
    }
    let Some(batch) = scanner.next_batch() else { return 0 };
    let Some(record) = batch.records().next() else { return 0 };
    let names = plan.header.iter().enumerate().map(|(index, name)| (format!("column_{}", index + 1), name));
    let same = |(index, (unnamed, name)): (usize, (String, &String))| {
        let field = record.field(index);
        let value = plan.encoding.decode_lossy(&field.trimmed()).into_owned();
        value.trim() == name.trim() || (value.trim().is_empty() && *name == unnamed)
    };
    let width = (record.len() == plan.header.len()) || record.len() == plan.width();
    if width && names.enumerate().all(same) {
        plan.encoding.unscanned(record.raw_with_terminator()).len() as u64
    } else {
        0
    }
}
