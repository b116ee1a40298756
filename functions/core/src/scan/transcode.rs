//! The fields of scanned records as UTF-8, whatever the encoding of the object is.

use super::batch::{Batch, FieldSpan, RecordSpan};
use super::fault::{Fault, FaultyRecord};
use crate::{Encoding, EncodingKind};

/// The byte-order mark in UTF-8, which is how UTF-16 is scanned as well.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// Makes UTF-8 of the fields of CSV, batch by batch, after it was scanned.
///
/// - A field is decoded with its quotes and escapes, which are ASCII in every encoding, so that it is
///   read as it would have been.
/// - A record with bytes that the encoding doesn't allow is refused alone. UTF-8 and UTF-16 are not
///   looked at here: [`crate::Decoder`] does that for a whole batch at once.
/// - A byte-order mark at the start of a record, as files glued together have it, is dropped from the
///   record's first field.
/// - The records' own bytes and offsets stay those of the object.
#[derive(Debug)]
pub struct Transcoder {
    encoding: Encoding,
    values: Vec<u8>,
    fields: Vec<FieldSpan>,
    records: Vec<RecordSpan>,
    faults: Vec<FaultyRecord>,
    marks: u64,
}

impl Transcoder {
    /// A transcoder of records in this encoding.
    pub fn new(encoding: Encoding) -> Self {
        let (values, fields, records, faults) = Default::default();
        Self { encoding, values, fields, records, faults, marks: 0 }
    }

    /// The batch with its fields in UTF-8, as far as they are valid.
    pub fn read<'a>(&'a mut self, batch: Batch<'a>) -> Batch<'a> {
        match self.encoding.kind() {
            EncodingKind::Utf8 | EncodingKind::Utf16 { .. } => self.without_marks(batch),
            EncodingKind::Other if batch.bytes().is_ascii() => batch,
            EncodingKind::Other => self.decode(batch),
        }
    }

    /// Byte-order marks that were dropped so far.
    pub fn marks(&self) -> u64 {
        self.marks
    }

    fn without_marks<'a>(&'a mut self, batch: Batch<'a>) -> Batch<'a> {
        let marked = |record: &RecordSpan| batch.buffer[record.start as usize..record.end as usize].starts_with(MARK);
        let Some(first) = batch.records.iter().position(marked) else { return batch };
        self.fields.clear();
        self.fields.extend_from_slice(batch.fields);
        for (index, record) in batch.records.iter().enumerate().skip(first).filter(|(_, record)| marked(record)) {
            self.marks += 1;
            // A quote after the mark begins the field already.
            let field = self.fields[..record.fields_end as usize].get_mut(batch.first_field(index) as usize);
            if let Some(field) = field.filter(|field| field.start() == record.start as usize) {
                *field = FieldSpan::new(field.start() + MARK.len(), field.end(), field.flags());
            }
        }
        Batch { fields: &self.fields, ..batch }
    }

    fn decode<'a>(&'a mut self, batch: Batch<'a>) -> Batch<'a> {
        self.values.clear();
        self.fields.clear();
        self.records.clear();
        self.faults.clear();
        let mut faults = batch.faults.iter().peekable();
        for (index, span) in batch.records.iter().enumerate() {
            let fields = &batch.fields[batch.first_field(index) as usize..span.fields_end as usize];
            if let Some(faulty) = faults.next_if(|faulty| faulty.record == index) {
                self.faults.push(faulty.clone());
            } else if let Err(position) = self.decode_record(&batch, span, fields) {
                let at = batch.record(index).place(position - span.start as usize);
                let fault = Fault::InvalidText { encoding: self.encoding, at };
                self.faults.push(FaultyRecord { record: index, fault });
            }
            self.records.push(RecordSpan { fields_end: self.fields.len() as u32, ..*span });
        }
        Batch { values: &self.values, fields: &self.fields, records: &self.records, faults: &self.faults, ..batch }
    }

    /// Appends a record's fields; nothing where it has invalid bytes, whose position in the buffer is returned.
    fn decode_record(&mut self, batch: &Batch<'_>, span: &RecordSpan, fields: &[FieldSpan]) -> Result<(), usize> {
        let start = span.start as usize;
        let raw = &batch.buffer[start..span.end as usize];
        let (kept, first_field) = (self.values.len(), self.fields.len());
        if raw.is_ascii() {
            self.values.extend_from_slice(raw);
            let moved = |at: usize| at - start + kept;
            let moved = |field: &FieldSpan| FieldSpan::new(moved(field.start()), moved(field.end()), field.flags());
            self.fields.extend(fields.iter().map(moved));
            return Ok(());
        }
        for field in fields {
            let from = self.values.len();
            let decoded = self.encoding.decode_into(&batch.buffer[field.start()..field.end()], &mut self.values);
            if let Err(position) = decoded {
                self.values.truncate(kept);
                self.fields.truncate(first_field);
                return Err(field.start() + position);
            }
            self.fields.push(FieldSpan::new(from, self.values.len(), field.flags()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, Scanner, Start};

    /// The fields' values of each record, or the fault, and the number of marks.
    fn read(encoding: Encoding, text: &[u8]) -> (Vec<Result<Vec<String>, Fault>>, u64) {
        let mut scanner = Scanner::new(&Dialect::default(), Start::Boundary, 100, u64::MAX, 1000);
        scanner.push(text);
        scanner.finish();
        let mut transcoder = Transcoder::new(encoding);
        let batch = transcoder.read(scanner.next_batch().unwrap());
        let mut faults = batch.faults.iter().peekable();
        let records = batch.records().enumerate().map(|(index, record)| {
            assert_eq!(
                record.raw_with_terminator(),
                &text[record.offset() as usize - 100..record.next() as usize - 100]
            );
            match faults.next_if(|faulty| faulty.record == index) {
                Some(faulty) => Err(faulty.fault.clone()),
                None => {
                    Ok(record.fields().map(|field| String::from_utf8(field.value().into_owned()).unwrap()).collect())
                }
            }
        });
        let records = records.collect();
        (records, transcoder.marks())
    }

    fn texts(fields: &[&str]) -> Result<Vec<String>, Fault> {
        Ok(fields.iter().map(|field| field.to_string()).collect())
    }

    #[test]
    fn fields_are_decoded_and_bad_records_refused() {
        let gbk = Encoding::of_label("gbk").unwrap();
        let greek = Encoding::of_label("windows-1253").unwrap();
        let invalid = |encoding, at| Err(Fault::InvalidText { encoding, at });
        let table: [(Encoding, &[u8], Vec<Result<Vec<String>, Fault>>); 4] = [
            (
                Encoding::WINDOWS_1252,
                b"a,\"b\"\n\xe9,\"\x80 \"\"\xdf\"\"\n\"\nb,\n",
                vec![texts(&["a", "b"]), texts(&["é", "€ \"ß\"\n"]), texts(&["b", ""])],
            ),
            // A character whose second byte is `|`, one that lacks it, and one of four bytes.
            (
                gbk,
                b"\x81|,1\nx,\x81\n2,\"\x81\"\n\x811\x811,\xb0\xa1",
                vec![texts(&["亅", "1"]), invalid(gbk, 107), invalid(gbk, 112), texts(&["؋", "啊"])],
            ),
            (greek, b"\xc1,\xd2,\n\xc1,b\n", vec![invalid(greek, 102), texts(&["Α", "b"])]),
            (Encoding::UTF_8, b"\xc3\xa9,1\n", vec![texts(&["é", "1"])]),
        ];
        for (encoding, text, expected) in table {
            assert_eq!(read(encoding, text), (expected, 0), "{encoding}");
        }
    }

    #[test]
    fn marks_at_the_start_of_a_record_are_dropped() {
        let text = "a,\u{feff}b\n\u{feff}id,name\n\u{feff}\nc,d\n\u{feff}\"e, f\",g\n";
        let mut expected = vec![texts(&["a", "\u{feff}b"]), texts(&["id", "name"]), texts(&[""]), texts(&["c", "d"])];
        // The quote after a mark opens the field.
        expected.push(texts(&["e, f", "g"]));
        assert_eq!(read(Encoding::UTF_8, text.as_bytes()), (expected, 3));
    }
}
