//! The promises of every store, held against each one that runs here; and the failing one's faults.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanout_core::{Code, Coded, Location, ScanRange};
use fanout_s3_server::S3Server;
use fanout_store::{FailingStore, Fault, LocalStore, MemoryStore, Read, S3Store, Store, get};

fn at(bucket: &str, key: &str) -> Location {
    Location { bucket: bucket.into(), key: key.into() }
}

fn range(at: &Location, start: u64, end: u64) -> Read<'_> {
    Read { at, version_id: None, range: Some(ScanRange::new(start, end)), if_match: None }
}

async fn read(store: &dyn Store, read: Read<'_>) -> Result<Bytes, Code> {
    let reading = store.read(read).await.map_err(|error| error.code())?;
    reading.bytes().await.map_err(|error| error.code())
}

async fn keeps_its_promises(store: &dyn Store, bucket: &str) {
    let one = at(bucket, "a/b c+%.csv");
    assert_eq!(get(store, &one).await.unwrap_err().code(), Code::NoSuchObject);
    store.put(&one, Bytes::from_static(b"0123456789")).await.unwrap();
    assert_eq!(get(store, &one).await.unwrap(), "0123456789");
    assert_eq!(read(store, range(&one, 2, 5)).await.unwrap(), "234");
    assert_eq!(read(store, range(&one, 8, 99)).await.unwrap(), "89");
    assert!(store.read(range(&one, 10, 12)).await.is_err());

    let reading = store.read(range(&one, 2, 5)).await.unwrap();
    assert_eq!((reading.object.size, reading.range), (10, ScanRange::new(2, 5)));
    let planned = reading.object.etag.clone();
    let same = Read { if_match: Some(&planned), ..Read::whole(&one) };
    assert_eq!(read(store, same).await.unwrap(), "0123456789");

    let mut upload = store.create(&one).await.unwrap();
    upload.write(Bytes::from_static(b"ab")).await.unwrap();
    assert_eq!(get(store, &one).await.unwrap(), "0123456789", "not visible before it is finished");
    upload.write(Bytes::from_static(b"cd")).await.unwrap();
    upload.finish().await.unwrap();
    assert_eq!(get(store, &one).await.unwrap(), "abcd");
    assert_eq!(read(store, same).await.unwrap_err(), Code::ObjectChanged);

    let other = at(bucket, "other");
    drop(store.create(&other).await.unwrap());
    assert_eq!(get(store, &other).await.unwrap_err().code(), Code::NoSuchObject, "dropped uploads leave nothing");
    let mut upload = store.create(&other).await.unwrap();
    upload.write(Bytes::from(vec![b'x'; 9 << 20])).await.unwrap();
    upload.abort().await.unwrap();
    assert_eq!(get(store, &other).await.unwrap_err().code(), Code::NoSuchObject, "nor do aborted ones");
    let mut upload = store.create(&other).await.unwrap();
    let large: Vec<u8> = (0..9u32 << 20).map(|at| (at % 251) as u8).collect();
    for piece in large.chunks(1 << 20) {
        upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    upload.finish().await.unwrap();
    let (start, end) = ((8 << 20) - 5, (8 << 20) + 5);
    assert_eq!(read(store, range(&other, start, end)).await.unwrap(), large[start as usize..end as usize]);
    assert!(get(store, &other).await.unwrap() == large);
    let beyond = store.read(range(&other, 9 << 20, 10 << 20)).await.unwrap_err();
    assert_eq!(beyond.code(), Code::ObjectChanged, "no byte of it exists: {beyond}");

    store.put(&other, Bytes::new()).await.unwrap();
    assert_eq!(get(store, &other).await.unwrap(), "");
    assert!(store.read(range(&other, 0, 1)).await.is_err(), "no byte of an empty object");
    store.delete(&other).await.unwrap();
    store.delete(&other).await.unwrap();
    assert_eq!(get(store, &other).await.unwrap_err().code(), Code::NoSuchObject);
}

#[tokio::test]
async fn memory_keeps_its_promises() {
    keeps_its_promises(&MemoryStore::new(), "b").await;
}

#[tokio::test]
async fn local_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&LocalStore, folder.path().to_str().unwrap()).await;
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a"], "no temporary files");
}

#[tokio::test]
async fn s3_keeps_its_promises() {
    let server = S3Server::start().await;
    keeps_its_promises(&S3Store::new(&server.config()), "bucket").await;
    assert_eq!((server.keys("bucket"), server.open_uploads("bucket")), (vec!["a/b c+%.csv".to_owned()], vec![]));
}

/// tests/python/s3/test_seaweedfs.py starts the server, and sets where it is.
#[tokio::test]
#[ignore = "needs an S3 server: run by tests/python/s3/test_seaweedfs.py"]
async fn another_s3_keeps_its_promises() {
    let bucket = std::env::var("FANOUT_TEST_BUCKET").unwrap();
    keeps_its_promises(&S3Store::from_env().await, &bucket).await;
}

#[tokio::test]
async fn local_refusals_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    LocalStore.put(&at(root, "file"), Bytes::from_static(b"x")).await.unwrap();
    let below_a_file = at(root, "file/below");
    assert_eq!(LocalStore.put(&below_a_file, Bytes::new()).await.unwrap_err().code(), Code::ResultsUnwritable);
    assert_eq!(get(&LocalStore, &below_a_file).await.unwrap_err().code(), Code::NoSuchObject);
    assert_eq!(get(&LocalStore, &at(root, "")).await.unwrap_err().code(), Code::NoSuchObject, "a folder");
}

#[tokio::test]
async fn a_file_changed_in_mid_read_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = at(folder.path().to_str().unwrap(), "file");
    LocalStore.put(&file, Bytes::from(vec![b'x'; 8 << 20])).await.unwrap();
    let reading = LocalStore.read(Read::whole(&file)).await.unwrap();
    std::fs::write(folder.path().join("file"), vec![b'y'; 9 << 20]).unwrap();
    assert_eq!(reading.bytes().await.unwrap_err().code(), Code::ObjectChanged);
}

#[tokio::test]
async fn planned_faults_come_in_their_order() {
    let memory = MemoryStore::new();
    let object = at("b", "k");
    memory.insert(&object, Bytes::from_static(b"0123456789"));
    let faults = [
        Fault::Unavailable,
        Fault::Throttled,
        Fault::Changed,
        Fault::BreakAfter(4),
        Fault::ShortAfter(4),
        Fault::None,
        Fault::Slow(Duration::from_micros(1)),
    ];
    let store = FailingStore::new(Arc::new(memory), faults);
    let expected = [
        Err(Code::StoreUnavailable),
        Err(Code::StoreThrottled),
        Err(Code::ObjectChanged),
        Err(Code::StoreUnavailable),
        Err(Code::StoreUnavailable),
        Ok(Bytes::from_static(b"0123456789")),
        Ok(Bytes::from_static(b"0123456789")),
        Ok(Bytes::from_static(b"0123456789")),
    ];
    for expected in expected {
        assert_eq!(read(&store, Read::whole(&object)).await, expected);
    }
    let store = FailingStore::new(Arc::new(MemoryStore::new()), [Fault::Unwritable, Fault::Unwritable]);
    assert_eq!(store.put(&object, Bytes::new()).await.unwrap_err().code(), Code::ResultsUnwritable);
    assert!(store.create(&object).await.is_err());
    store.put(&object, Bytes::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_small_object_is_read_again_where_its_body_breaks() {
    let memory = MemoryStore::new();
    let object = at("b", "k");
    memory.insert(&object, Bytes::from_static(b"0123456789"));
    let store = |faults: Vec<Fault>| FailingStore::new(Arc::new(memory.clone()), faults);
    let twice = store(vec![Fault::BreakAfter(4), Fault::ShortAfter(0)]);
    assert_eq!(get(&twice, &object).await.unwrap(), "0123456789");
    let thrice = store(vec![Fault::BreakAfter(4); 3]);
    assert_eq!(get(&thrice, &object).await.unwrap_err().code(), Code::StoreUnavailable);
    assert_eq!(get(&thrice, &object).await.unwrap(), "0123456789");
}
