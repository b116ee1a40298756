//! The decoder of records into rows. A record that does not fit the schema is refused alone.

use super::column_decoder::ColumnDecoder;
use super::complex_texts::ComplexTexts;
use super::rows::Row;
use super::{Column, Reason, Refused, Rows, Schema};
use crate::message::{SeenTypes, SeenUtf8};
use crate::scan::{Batch, Fault, Record};
use crate::{Encoding, EncodingKind, Format};

/// Turns batches of records into rows: refuses records that don't fit the header and the declared
/// types, and parses the typed columns once for all outputs. A value that does not fit a type that was
/// only inferred refuses nothing: see [`Decoder::types_hold`].
#[derive(Debug)]
pub struct Decoder {
    schema: Schema,
    encoding: Encoding,
    rows: Vec<Row>,
    columns: Vec<Column>,
    decoders: Vec<ColumnDecoder>,
    refused: Vec<Refused>,
    complex: ComplexTexts,
    seen: SeenUtf8,
}

impl Decoder {
    /// A decoder for records under this schema.
    pub fn new(schema: Schema) -> Self {
        let columns = schema.columns.iter().map(|column| Column::of_type(column.column_type)).collect();
        let decoders = schema.columns.iter().enumerate().map(|(index, column)| ColumnDecoder::new(index, column));
        Self {
            decoders: decoders.collect(),
            schema,
            encoding: Encoding::UTF_8,
            rows: Vec::new(),
            columns,
            refused: Vec::new(),
            complex: ComplexTexts::default(),
            seen: SeenUtf8::default(),
        }
    }

    /// Sets the encoding of the records. A [`crate::Transcoder`] or [`crate::JsonLines`] has seen them.
    pub fn in_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Decodes a batch; see [`Decoder::rows`] and [`Decoder::refused`].
    pub fn decode(&mut self, batch: &Batch<'_>) {
        self.rows.clear();
        self.refused.clear();
        self.complex.take(batch);
        let width = self.schema.columns.len();
        let mut faults = batch.faults().peekable();
        for index in 0..batch.len() {
            let found = batch.record(index).len();
            if let Some((_, fault)) = faults.next_if(|(record, _)| *record == index) {
                self.refused.push(Refused { record: index, reason: Reason::Unreadable(fault.clone()) });
            } else if found == width {
                self.rows.push(Row { record: index as u32, first_field: batch.first_field(index) });
            } else {
                self.refused.push(Refused { record: index, reason: Reason::FieldCount { expected: width, found } });
            }
        }
        // Of JSON each line was looked at already.
        if batch.format() == Format::Csv && !self.is_clean(batch) {
            let (refused, encoding) = (&mut self.refused, self.encoding);
            self.rows.retain(|row| match unclean(&batch.record(row.record as usize), encoding) {
                Some(fault) => {
                    refused.push(Refused { record: row.record as usize, reason: Reason::Unreadable(fault) });
                    false
                }
                None => true,
            });
        }
        let mut bad = Vec::new();
        for (decoder, column) in self.decoders.iter().zip(&mut self.columns) {
            decoder.declared(batch, &self.rows, column, &mut bad);
        }
        self.refuse(bad);
        for (decoder, column) in self.decoders.iter_mut().zip(&mut self.columns).filter(|(one, _)| one.is_inferred()) {
            decoder.inferred(batch, &self.rows, column);
        }
    }

    /// Tells whether all values so far are of the types that were inferred. Where they are not, rows hold
    /// values of no use, and only what was seen of the types counts.
    pub fn types_hold(&self) -> bool {
        self.decoders.iter().all(ColumnDecoder::holds)
    }

    /// Returns the types that the values so far fit, of columns where they are not those of the plan.
    pub fn seen_types(&self) -> Vec<SeenTypes> {
        self.decoders.iter().filter_map(ColumnDecoder::seen).collect()
    }

    /// Returns the bytes beyond ASCII that were seen so far in CSV in UTF-8.
    pub fn seen(&self) -> SeenUtf8 {
        self.seen
    }

    /// Tells whether the batch's text, as it was scanned, is UTF-8 without a NUL. Of encodings that are
    /// decoded after scanning that was done already.
    fn is_clean(&mut self, batch: &Batch<'_>) -> bool {
        let bytes = batch.bytes();
        // As fast as the check for UTF-8, and enough for most.
        let ascii = bytes.is_ascii();
        let valid = ascii || self.encoding.kind() == EncodingKind::Other || simdutf8::basic::from_utf8(bytes).is_ok();
        let beyond = |record: Record<'_>| !record.raw().is_ascii() && std::str::from_utf8(record.raw()).is_ok();
        self.seen.valid |= !ascii && !self.seen.valid && (valid || batch.records().any(beyond));
        self.seen.invalid |= !valid;
        valid && memchr::memchr(0, bytes).is_none()
    }

    /// Refuses further rows of the batch just decoded, each given by its row number and the reason.
    pub fn refuse(&mut self, bad: Vec<(usize, Reason)>) {
        if !bad.is_empty() {
            let mut keep = vec![true; self.rows.len()];
            for (row, reason) in bad {
                // The first reason found for a record is the one that is told.
                if std::mem::replace(&mut keep[row], false) {
                    self.refused.push(Refused { record: self.rows[row].record as usize, reason });
                }
            }
            let mut row = 0..;
            self.rows.retain(|_| row.next().is_none_or(|row: usize| keep[row]));
            self.columns.iter_mut().for_each(|column| column.keep(&keep));
        }
        self.refused.sort_by_key(|refused| refused.record);
    }

    /// The accepted records of the batch that was decoded last, which must be `batch`.
    pub fn rows<'a>(&'a self, batch: Batch<'a>) -> Rows<'a> {
        Rows { batch, rows: &self.rows, columns: &self.columns, complex: &self.complex, schema: &self.schema }
    }

    /// The refused records of the batch that was decoded last, in their order.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }
}

fn unclean(record: &Record<'_>, encoding: Encoding) -> Option<Fault> {
    if encoding.kind() != EncodingKind::Other
        && let Err(error) = std::str::from_utf8(record.raw())
    {
        return Some(Fault::invalid(encoding, record.place(error.valid_up_to())));
    }
    memchr::memchr(0, record.raw()).map(|at| Fault::Nul { at: record.place(at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::ColumnRule;
    use crate::scan::{Scanner, Start};
    use crate::value::SchemaColumn;
    use crate::{ColumnType, Dialect, Value};

    fn schema() -> Schema {
        let column = |name: &str, column_type, nullable| {
            SchemaColumn::declared(name, ColumnRule { nullable, ..ColumnRule::of(column_type) })
        };
        Schema {
            columns: vec![
                column("id", ColumnType::Int64, false),
                column("name", ColumnType::String, true),
                column("size", ColumnType::Int64, true),
            ],
        }
    }

    /// Passes the decoder and the batch of `text` to `check`.
    fn decoded(text: &[u8], check: impl FnOnce(&mut Decoder, Batch<'_>)) {
        let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 0, u64::MAX, 1000);
        scanner.push(text);
        scanner.finish();
        let batch = scanner.next_batch().unwrap();
        let mut decoder = Decoder::new(schema());
        decoder.decode(&batch);
        check(&mut decoder, batch);
    }

    #[test]
    fn one_bad_record_is_refused_alone() {
        let invalid = Reason::InvalidValue { column: 2, expected: ColumnType::Int64, found: "x".into() };
        let table: [(&str, &[u8], Reason); 5] = [
            ("ragged", b"1,a", Reason::FieldCount { expected: 3, found: 2 }),
            ("invalid UTF-8", b"1,a\xff,3", Reason::Unreadable(Fault::InvalidUtf8 { at: 9 })),
            ("NUL", b"1,\0,3", Reason::Unreadable(Fault::Nul { at: 8 })),
            ("invalid value", b"1,a,x", invalid),
            ("missing value", b",a,3", Reason::MissingValue { column: 0, expected: ColumnType::Int64 }),
        ];
        for (case, record, reason) in table {
            let text = [b"7,b,8\n", record, b"\n9,c,10\n"].concat();
            decoded(&text, |decoder, batch| {
                assert_eq!(decoder.refused(), [Refused { record: 1, reason }], "{case}");
                let rows = decoder.rows(batch);
                assert_eq!(rows.len(), 2, "{case}");
                assert_eq!((rows.value(0, 0), rows.value(1, 2)), (Value::Int64(7), Value::Int64(10)), "{case}");
            });
        }
    }

    #[test]
    fn further_rows_are_refused_with_the_first_reason() {
        decoded(b"1,a,\nx,b,2\n3,c,3\n", |decoder, batch| {
            let output = |message: &str| Reason::Output { output: "test", message: message.into() };
            decoder.refuse(vec![(0, output("first")), (0, output("second"))]);
            let refused = decoder.refused();
            assert_eq!(refused.iter().map(|refused| refused.record).collect::<Vec<_>>(), [0, 1]);
            assert_eq!(refused[0].reason, output("first"));
            let rows = decoder.rows(batch);
            assert_eq!((rows.len(), rows.value(0, 0)), (1, Value::Int64(3)));
            assert!(matches!(rows.column(2), Column::Int64(values) if values.nulls == 0));
        });
    }

    #[test]
    fn texts_are_those_of_their_fields() {
        let text =
            b"1,plain,\n2,\"in quotes\",\n3,\"one \"\" more\",\nx,\"refused \"\"\",\n4,\"\"\"\",\n5,,\n6,\"a\"b,\n";
        decoded(text, |decoder, batch| {
            let rows = decoder.rows(batch);
            assert!(rows.len() >= 5);
            for (row, text) in rows.texts(1).enumerate() {
                assert_eq!(rows.text(row, 1), &*rows.field(row, 1).value(), "{row}");
                assert_eq!(text, (!rows.is_null(row, 1)).then(|| rows.text(row, 1)), "{row}");
            }
            assert_eq!((rows.text(2, 1), rows.text(3, 1)), (&b"one \" more"[..], &b"\""[..]));
        });
    }

    #[test]
    fn a_quoted_empty_field_is_a_text_but_no_number() {
        decoded(b"1,\"\",\"\"\n2,,\n", |decoder, batch| {
            let rows = decoder.rows(batch);
            assert_eq!((rows.value(0, 1), rows.value(0, 2)), (Value::Text("".into()), Value::Null));
            assert_eq!((rows.value(1, 1), rows.value(1, 2)), (Value::Null, Value::Null));
        });
    }
}
