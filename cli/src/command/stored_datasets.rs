//! `fanout datasets`: those that the deployed stack finds by their names.

use fanout_cli::deployed::{Deployment, StoredDataset};
use fanout_core::message::{Dataset, from_json, to_json_pretty};
use fanout_render::bytes;
use serde_json::json;

use super::datasets::read;
use crate::args::{PushArgs, StoredArgs};
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// Stores a dataset.
pub(crate) async fn push_dataset(args: &PushArgs) -> Ended {
    let what = format!("dataset {}", args.file.display());
    let dataset: Dataset = from_json(&what, &read(&args.file)?)?;
    dataset.validate(&what)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let name = args.name.as_deref().unwrap_or(&stem);
    let deployment = Deployment::find(&args.target.target()).await?;
    let at = deployment.push_dataset(name, &dataset, args.force).await?;
    if args.json {
        print(&to_json_pretty("dataset", &json!({ "name": name, "at": at }))?)?;
    } else {
        print(format!("{name}: s3://{at}").as_bytes())?;
    }
    Ok(Ending::Succeeded)
}

/// Lists the datasets.
pub(crate) async fn list_datasets(args: &StoredArgs) -> Ended {
    let found = Deployment::find(&args.target.target()).await?.datasets().await?;
    if args.json {
        print(&to_json_pretty("datasets", &found)?)?;
    } else if found.is_empty() {
        print(b"no datasets")?;
    } else {
        let wide = found.iter().map(|dataset| dataset.name.len()).max().unwrap_or(0);
        let line = |dataset: &StoredDataset| format!("{:wide$}  {}", dataset.name, bytes(dataset.bytes));
        print(found.iter().map(line).collect::<Vec<_>>().join("\n").as_bytes())?;
    }
    Ok(Ending::Succeeded)
}
