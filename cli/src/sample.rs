//! A file to try things on: people.csv, the same for the same number of rows.

use std::io::{self, Write};

const FIRST: [&str; 12] =
    ["Ada", "Blaise", "Chloé", "Dmitri", "Emmy", "Fatima", "Grace", "Hiro", "Inès", "João", "Kwame", "Lise"];
const LAST: [&str; 12] =
    ["Abel", "Borges", "Curie", "Dahl", "Euler", "Fermat", "Gödel", "Hopper", "Ito", "Jansen", "Khan", "Lovelace"];

/// The seven columns.
pub const HEADER: &str = "id,name,age,latitude,longitude,monthly_income,experienced\n";

/// Records between two reports of progress.
const TOLD: u64 = 1024;

/// Writes the header and `rows` records.
///
/// One name in 8 is quoted for its comma, one in 16 has doubled quotes, one in 32 a line break. `progress` is told
/// of the records written so far, now and then.
///
/// # Errors
///
/// The error of `out`, where it cannot be written.
pub fn write(rows: u64, out: &mut impl Write, progress: impl Fn(u64)) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    for id in 1..=rows {
        let mut bits = Bits(id);
        let (first, last) = (bits.pick(&FIRST), bits.pick(&LAST));
        let age = 18 + bits.below(73);
        let latitude = bits.below(180_000_001) as f64 / 1e6 - 90.0;
        let longitude = bits.below(360_000_001) as f64 / 1e6 - 180.0;
        let income = bits.below(2_000_001) as f64 / 100.0;
        let experienced = bits.below(2) == 1;
        write!(out, "{id},")?;
        match bits.below(32) {
            0 => write!(out, "\"{first}\n{last}\"")?,
            1 | 2 => write!(out, "\"{first} \"\"{}\"\" {last}\"", bits.below(100))?,
            3..=6 => write!(out, "\"{last}, {first}\"")?,
            _ => write!(out, "{first} {last}")?,
        }
        writeln!(out, ",{age},{latitude:.6},{longitude:.6},{income:.2},{experienced}")?;
        if id.is_multiple_of(TOLD) {
            progress(id);
        }
    }
    Ok(())
}

/// Bits that look random and depend on the row alone (SplitMix64, Steele and others 2014).
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'t>(&mut self, table: &[&'t str; 12]) -> &'t str {
        table[self.below(12) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rows_every_time_with_quotes_and_line_breaks() {
        let text = |rows| {
            let mut bytes = Vec::new();
            write(rows, &mut bytes, |_| ()).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        let (short, long) = (text(3), text(1000));
        assert!(long.starts_with(&short));
        assert!(short.contains("\n1,"), "{short}");
        let breaks = long.matches('\n').count() - 1001;
        assert!((10..100).contains(&breaks), "{breaks} line breaks in names");
        assert!(long.contains("\"\"") && long.contains(", "));
    }
}
