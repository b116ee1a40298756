//! A batch shown to all outputs: one after another, or on several cores side by side.
//!
//! Each output sees the batches in their order, whichever thread it runs on, and the next batch comes when all are done
//! with this one: so parts and memory are the same.

use std::panic::resume_unwind;

use fanout_core::{Batch, Refused, Rows};
use fanout_outputs::Output;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

use crate::error::Cause;

/// Bytes of a batch from which on starting a thread pays.
const FEWEST: usize = 64 << 10;

/// Shows a batch to every output, on up to so many cores.
pub(crate) async fn show(
    outputs: &mut [(String, Box<dyn Output>)],
    rows: &Rows<'_>,
    batch: &Batch<'_>,
    refused: &[Refused],
    cores: usize,
) -> Result<(), Cause> {
    let groups = cores.min(outputs.len());
    if groups < 2 || batch.bytes().len() < FEWEST || Handle::current().runtime_flavor() != RuntimeFlavor::MultiThread {
        return show_each(outputs.iter_mut(), rows, batch, refused).await;
    }
    let mut groups: Vec<Vec<_>> = (0..groups).map(|_| Vec::new()).collect();
    let count = groups.len();
    outputs.iter_mut().enumerate().for_each(|(index, output)| groups[index % count].push(output));
    let runtime = Handle::current();
    let runtime = &runtime;
    block_in_place(|| {
        std::thread::scope(|scope| {
            let own = groups.pop().unwrap_or_default();
            let work = |group: Vec<_>| runtime.block_on(show_each(group.into_iter(), rows, batch, refused));
            let others: Vec<_> = groups.into_iter().map(|group| scope.spawn(move || work(group))).collect();
            let done = work(own);
            others.into_iter().fold(done, |done, thread| match thread.join() {
                Ok(other) => done.and(other),
                Err(panic) => resume_unwind(panic),
            })
        })
    })
}

async fn show_each(
    outputs: impl Iterator<Item = &mut (String, Box<dyn Output>)>,
    rows: &Rows<'_>,
    batch: &Batch<'_>,
    refused: &[Refused],
) -> Result<(), Cause> {
    for (_, output) in outputs {
        if !rows.is_empty() {
            output.write(rows).await?;
        }
        for refused in refused {
            output.reject(&batch.record(refused.record), &refused.reason).await?;
        }
    }
    Ok(())
}
