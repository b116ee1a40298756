//! The choice of the reader of an object: range or S3 Select.

use fanout_core::message::{Dataset, Job, Reader};
use fanout_core::{
    Code, Coded, DEFAULT_EXPRESSION, Format, Header, ObjectVersion, ScanRange, SelectError, SelectFormat, projected,
    select_format,
};
use fanout_store::{Query, Selected, StoreError};
use futures::StreamExt;

use crate::{Planner, PlannerError};

impl Planner<'_> {
    /// The reader of a run. With S3 Select the header becomes that of the records which the
    /// expression returns, and the dialect's terminator the one that the object has.
    ///
    /// Refuses jobs that S3 Select can't do, as far as the object's beginning and one small request
    /// can show it. Where the job allows it, such a job is left to the reader `range`.
    pub(crate) async fn choose_reader(
        &self,
        job: &Job,
        object: &ObjectVersion,
        prefix: &[u8],
        header: &mut Header,
        dataset: &mut Dataset,
    ) -> Result<Reader, PlannerError> {
        if job.reader == Reader::Range {
            return if dataset.expression.is_some() { Err(SelectError::Unused.into()) } else { Ok(Reader::Range) };
        }
        match self.fit(job, object, prefix, header, dataset).await {
            Ok((format, columns)) => {
                if header.format == Format::Csv {
                    dataset.dialect.terminator = Some(format.terminator);
                }
                header.names = columns;
                Ok(Reader::Select)
            }
            // Without an expression the records are the same, whoever reads them.
            Err(error) if job.reader == Reader::Auto && dataset.expression.is_none() && is_refusal(&error) => {
                Ok(Reader::Range)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the form in which S3 Select reads the object, and the columns that it returns.
    async fn fit(
        &self,
        job: &Job,
        object: &ObjectVersion,
        prefix: &[u8],
        header: &Header,
        dataset: &Dataset,
    ) -> Result<(SelectFormat, Vec<String>), PlannerError> {
        let expression = dataset.expression.as_deref().unwrap_or(DEFAULT_EXPRESSION);
        let columns = projected(expression, &header.names, header.format)?;
        if job.version_id.is_some() {
            return Err(SelectError::Unfit { reason: "it can't read a version by its id".into() }.into());
        }
        let format = select_format(prefix, header, dataset)?;
        let Some(filtering) = self.source.filtering() else {
            return Err(SelectError::Unfit { reason: "the store is not S3".into() }.into());
        };
        if header.data_start < object.size {
            let query = Query {
                at: &object.location(),
                expression,
                format,
                range: ScanRange::new(header.data_start, header.data_start + 1),
                before: None,
            };
            let mut answer = filtering.select(query).await?;
            while let Some(piece) = answer.next().await {
                if let Selected::Done(_) = piece? {
                    break;
                }
            }
        }
        Ok((format, columns))
    }
}

/// Tells whether S3 Select can't be used at all. Other faults may pass.
fn is_refusal(error: &PlannerError) -> bool {
    match error {
        PlannerError::Select(_) => true,
        PlannerError::Store(StoreError::NoSelect { .. } | StoreError::Unselectable { .. }) => true,
        PlannerError::Store(error) => error.code() == Code::RecordTooLarge,
        _ => false,
    }
}
