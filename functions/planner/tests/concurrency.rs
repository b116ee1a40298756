//! The account's concurrency: asked for where a run is wider than one chunk, told where it is too small, and done without
//! where it is not known.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use async_trait::async_trait;
use fanout_core::message::{Concurrency, Job, Plan};
use fanout_core::{Location, Prices};
use fanout_outputs::BUILT_IN;
use fanout_planner::{Account, NamedDataset, PlanConfig, Planner, RunName, UnknownConcurrency};
use fanout_store::MemoryStore;
use serde_json::json;

/// An account with this concurrency; counts how often it is asked for.
struct Of(Result<u64, UnknownConcurrency>, AtomicU64);

#[async_trait]
impl Account for Of {
    async fn concurrency(&self) -> Result<u64, UnknownConcurrency> {
        self.1.fetch_add(1, Relaxed);
        self.0.clone()
    }
}

async fn planned(account: Option<&Of>, chunk_size: u64) -> Plan {
    let store = MemoryStore::new();
    store.insert(&Location::new("b", "k"), format!("id,name\n{}", "1,x\n".repeat(100_000)).into());
    let config = PlanConfig {
        results: Location::new("results", "runs/"),
        readable: None,
        parallelism: 100,
        chunk_seconds: Some(900),
        stack: fanout_core::Stack { parallelism: 100, ..Default::default() },
        prices: Prices::built_in().unwrap(),
    };
    let account = account.map(|account| account as &dyn Account);
    let (source, results, now) = (&store, &store, SystemTime::UNIX_EPOCH);
    let planner = Planner { source, results, outputs: BUILT_IN, account, config: &config, now };
    let job: Job = serde_json::from_value(json!({"bucket": "b", "key": "k", "chunk_size": chunk_size})).unwrap();
    planner.plan(&job, NamedDataset::default(), RunName::Given("r")).await.unwrap()
}

#[tokio::test]
async fn the_width_of_the_map_is_held_against_the_account() {
    let refused = UnknownConcurrency { reason: "AccessDeniedException".into() };
    let known = |wanted, available| Some(Concurrency { wanted, available: Some(available), unknown: None });
    let text = "lambda:GetAccountSettings: AccessDeniedException".to_owned();
    let unknown = Some(Concurrency { wanted: 100, available: None, unknown: Some(text) });
    let table = [
        ("distributed, enough", 1000, Ok(1000), known(100, 1000)),
        ("distributed, wider", 1000, Ok(10), known(100, 10)),
        ("inline, wider", 20_000, Ok(10), known(20, 10)),
        ("one chunk is not asked for", 1_000_000, Ok(10), None),
        ("refused", 1000, Err(refused), unknown),
    ];
    for (case, chunk_size, answer, expected) in table {
        let account = Of(answer, AtomicU64::new(0));
        let plan = planned(Some(&account), chunk_size).await;
        assert_eq!(plan.concurrency, expected, "{case}");
        assert_eq!(account.1.into_inner(), u64::from(expected.is_some()), "{case}: one request at most");
        let alone = planned(None, chunk_size).await;
        assert_eq!(alone.concurrency, None, "{case}");
        assert_eq!((plan.chunk_size, plan.parallelism), (alone.chunk_size, alone.parallelism), "{case}: cut the same");
        let slower = plan.estimate.seconds > alone.estimate.seconds;
        assert_eq!(slower, case.ends_with("wider"), "{case}: {} s", plan.estimate.seconds);
    }
}
