//! A table whose samples mislead about a type.

use fanout_core::sample_windows;

/// A table of numbers with one text between the samples, in its second column.
pub fn widening(text: &str) -> String {
    let size = 3 << 20;
    let gap = sample_windows(size, 1 << 20).windows(2).find(|two| two[0].end + 4096 < two[1].start).unwrap()[0].end;
    let row = |at: usize| if at == gap as usize / 8 + 2 { format!("1,{text}\n") } else { "100,200\n".to_owned() };
    "a,b\n".to_owned() + &(0..size as usize / 8).map(row).collect::<String>()
}
