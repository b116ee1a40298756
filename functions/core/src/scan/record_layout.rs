//! The layout of records: fields beyond the last column, missing ones, and lines that are no records.

use super::batch::{Batch, FieldSpan, RecordSpan};
use super::fault::{Fault, FaultyRecord};
use crate::header::unique;
use crate::message::{Dataset, HeaderMatch, Ragged};

/// Brings records of CSV to the width of the header, as the dataset says, and refuses the lines that are
/// none: the footer, and the header where it comes again.
///
/// - With a trailing delimiter the empty field after it is no field.
/// - With `ragged: pad` missing fields at the end are empty, and empty ones beyond the header are
///   dropped. Otherwise records keep their number of fields, and the decoder refuses them.
/// - Batches in which there is nothing to do are handed on as they are.
#[derive(Debug)]
pub struct RecordLayout {
    names: Vec<String>,
    trailing: bool,
    pad: bool,
    repeated: bool,
    footer: u64,
    fields: Vec<FieldSpan>,
    records: Vec<RecordSpan>,
    faults: Vec<FaultyRecord>,
}

impl RecordLayout {
    /// A layout of the columns `names`. `footer` is the offset in the object of the first line after the
    /// last record, where there is one.
    pub fn new(names: &[String], dataset: &Dataset, footer: Option<u64>) -> Self {
        Self {
            names: names.to_vec(),
            trailing: dataset.dialect.trailing_delimiter == Some(true),
            pad: dataset.ragged == Some(Ragged::Pad),
            // A value of a single column may well be its name.
            repeated: dataset.header_match() != HeaderMatch::None && names.len() > 1,
            footer: footer.unwrap_or(u64::MAX),
            fields: Vec::new(),
            records: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// The records of this batch, brought to the width of the header.
    pub fn arrange<'a>(&'a mut self, batch: Batch<'a>) -> Batch<'a> {
        self.refuse(&batch);
        if (self.trailing || self.pad) && batch.records().any(|record| self.width(&record) != record.len()) {
            self.fit(&batch);
            let faults = if self.faults.is_empty() { batch.faults } else { &self.faults };
            return Batch { fields: &self.fields, records: &self.records, faults, ..batch };
        }
        if self.faults.is_empty() { batch } else { Batch { faults: &self.faults, ..batch } }
    }

    /// Finds the records that are none; leaves no fault where there is none besides those of the batch.
    fn refuse(&mut self, batch: &Batch<'_>) {
        self.faults.clear();
        let mut earlier = batch.faults.iter().peekable();
        let (mut faults, mut more) = (std::mem::take(&mut self.faults), false);
        for (index, record) in batch.records().enumerate() {
            if let Some(fault) = earlier.next_if(|fault| fault.record == index) {
                faults.push(fault.clone());
                continue;
            }
            let fault = if record.offset() >= self.footer {
                Fault::Footer
            } else if self.repeated && self.is_header(&record) {
                Fault::RepeatedHeader
            } else {
                continue;
            };
            more = true;
            faults.push(FaultyRecord { record: index, fault });
        }
        if !more {
            faults.clear();
        }
        self.faults = faults;
    }

    fn is_header(&self, record: &super::Record<'_>) -> bool {
        let Some(first) = self.names.first() else { return false };
        if record.is_empty() || record.field(0).value().trim_ascii() != first.as_bytes() {
            return false;
        }
        let mut names: Vec<String> =
            record.fields().map(|field| String::from_utf8_lossy(field.value().trim_ascii()).into_owned()).collect();
        if names.len() == self.names.len() + 1 && names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        names.len() == self.names.len() && unique(names) == self.names
    }

    /// The number of fields that a record should have, where the dataset says how to get there.
    fn width(&self, record: &super::Record<'_>) -> usize {
        let (found, columns) = (record.len(), self.names.len());
        let beyond_is_empty = || (columns..found).all(|index| record.field(index).raw().is_empty());
        if found == columns + 1 && self.trailing && beyond_is_empty() {
            return columns;
        }
        if self.pad && found > 0 && (found < columns || beyond_is_empty()) { columns } else { found }
    }

    fn fit(&mut self, batch: &Batch<'_>) {
        let (mut fields, mut records) = (std::mem::take(&mut self.fields), std::mem::take(&mut self.records));
        fields.clear();
        records.clear();
        for (index, record) in batch.records().enumerate() {
            let first = batch.first_field(index) as usize;
            let (found, width) = (record.len(), self.width(&record));
            fields.extend_from_slice(&batch.fields[first..first + found.min(width)]);
            fields.extend(std::iter::repeat_n(FieldSpan::new(0, 0, 0), width.saturating_sub(found)));
            records.push(RecordSpan { fields_end: fields.len() as u32, ..batch.records[index] });
        }
        (self.fields, self.records) = (fields, records);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Scanner, Start};
    use crate::{Dialect, Record};

    fn arranged(text: &str, json: &str, footer: Option<u64>) -> String {
        let dataset: Dataset = serde_json::from_str(json).unwrap();
        let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
        scanner.push(text.as_bytes());
        scanner.finish();
        let mut layout = RecordLayout::new(&["a", "b", "b_3"].map(str::to_owned), &dataset, footer);
        let batch = layout.arrange(scanner.next_batch().unwrap());
        let text = |record: Record<'_>| {
            let fields = record.fields().map(|field| String::from_utf8_lossy(&field.value()).into_owned());
            fields.collect::<Vec<_>>().join("|")
        };
        let faults: Vec<String> = batch.faults().map(|(record, fault)| format!("{record} {}", fault.name())).collect();
        format!("{} {faults:?}", batch.records().map(text).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn layouts() {
        let trailing = r#"{"dialect":{"trailing_delimiter":true}}"#;
        let pad = r#"{"ragged":"pad"}"#;
        let table = [
            ("nothing to do", "1,2,3\n4,5\n", "{}", None, "1|2|3; 4|5 []"),
            ("trailing", "1,2,3,\n4,5,6\n7,8,9,x\n", trailing, None, "1|2|3; 4|5|6; 7|8|9|x []"),
            ("padded", "1\n1,2,3,,\n1,2,3,,x\n", pad, None, "1||; 1|2|3; 1|2|3||x []"),
            ("header again", "1,2,3\na,b,b\n", "{}", None, "1|2|3; a|b|b [\"1 repeated_header\"]"),
            ("no header", "1,2,3\na,b,b\n", r#"{"header":{"match":"none"}}"#, None, "1|2|3; a|b|b []"),
            ("header with a delimiter", "a,b,b,\n", trailing, None, "a|b|b [\"0 repeated_header\"]"),
            ("footer", "1,2,3\nTotal,1\n", "{}", Some(6), "1|2|3; Total|1 [\"1 footer\"]"),
            ("padded footer", "1,2\nTotal\n", pad, Some(4), "1|2|; Total|| [\"1 footer\"]"),
        ];
        for (case, text, dataset, footer, expected) in table {
            assert_eq!(arranged(text, dataset, footer), expected, "{case}");
        }
    }
}
