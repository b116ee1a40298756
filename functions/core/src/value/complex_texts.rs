//! The values of a batch's fields that do not simply stand there, resolved once for all outputs.

use crate::scan::Batch;

/// The values of fields with doubled quotes, escapes, or bytes after the closing quote.
#[derive(Debug, Default)]
pub(super) struct ComplexTexts {
    bytes: Vec<u8>,
    /// Each field's index among those of the batch, in their order, and where its value ends.
    fields: Vec<(u32, usize)>,
}

impl ComplexTexts {
    /// Resolves those of a batch, and forgets earlier ones.
    pub(super) fn take(&mut self, batch: &Batch<'_>) {
        self.bytes.clear();
        self.fields.clear();
        for index in batch.complex_fields() {
            batch.field(index).resolve(&mut self.bytes);
            self.fields.push((index as u32, self.bytes.len()));
        }
    }

    /// The value of the field at `index` of the batch, which is such a field.
    #[cold]
    pub(super) fn get(&self, index: usize) -> &[u8] {
        let Ok(at) = self.fields.binary_search_by_key(&(index as u32), |(field, _)| *field) else { return &[] };
        let start = if at == 0 { 0 } else { self.fields[at - 1].1 };
        &self.bytes[start..self.fields[at].1]
    }
}
