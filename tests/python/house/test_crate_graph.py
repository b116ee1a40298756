"""The crate graph: dependencies point from the outer crates to the pure core, which no I/O crate gets into."""

import re

import pytest

from house.workspace import closure, crates, dependencies, locked

# By crate: the crates of the workspace that it may depend on. Not all of them are there yet, or needed.
CORE = {"fanout-core"}
LOG = {"fanout-log"}
SHARED = CORE | LOG | {"fanout-object", "fanout-outputs", "fanout-render", "fanout-store"}
WITH_SQL = SHARED | {"fanout-sql"}
FUNCTIONS = {"fanout-planner", "fanout-processor", "fanout-reducer"}
MAY_DEPEND_ON = {
    "fanout-core": set(),
    "fanout-log": CORE,
    "fanout-outputs": CORE,
    "fanout-store": CORE,
    "fanout-object": CORE | {"fanout-store"},
    "fanout-render": CORE,
    "fanout-sql": CORE | {"fanout-outputs"},
    "fanout-planner": WITH_SQL,
    "fanout-processor": WITH_SQL,
    "fanout-reducer": WITH_SQL,
    "fanout-cli": WITH_SQL | FUNCTIONS,
    # Of the tests.
    "fanout-s3-server": set(),
    "fanout-tests": WITH_SQL | FUNCTIONS | {"fanout-cli", "fanout-s3-server"},
}

# All that the core depends on. A crate comes to this list only where it does no I/O: computes, parses, compares.
OF_CORE = {
    "chardetng",
    "encoding_rs",
    "indexmap",
    "jiff",
    "lexical-core",
    "memchr",
    "percent-encoding",
    "schemars",
    "serde",
    "serde_json",
    "sha2",
    "simdutf8",
    "thiserror",
    "wide",
    "zmij",
}
# Crates that do I/O, or wait for it: none of them may be below the core, at any depth.
IO = re.compile(r"tokio.*|aws-.*|reqwest.*|hyper.*|async-.*|futures.*|mio|socket2|rustls.*|lambda_.*")


def own(names):
    return {name for name in names if name.startswith("fanout-")}


@pytest.mark.parametrize("crate", crates())
def test_a_crate_depends_only_on_those_below_it(crate, note):
    assert crate in MAY_DEPEND_ON, f"a new crate: say in MAY_DEPEND_ON what {crate} may depend on"
    found = own(dependencies(crate, None, "build"))
    assert found <= MAY_DEPEND_ON[crate]
    note(f"{crate} -> {', '.join(sorted(found)) or 'no crate of the workspace'}")


def test_the_graph_has_no_circle():
    """Development dependencies may close one: a crate's tests use crates above it."""
    for crate, allowed in MAY_DEPEND_ON.items():
        for below in allowed:
            assert crate not in MAY_DEPEND_ON[below], f"{crate} and {below}"


def test_the_core_depends_on_nothing_but_the_list():
    assert dependencies("fanout-core", None, "build") <= OF_CORE


def test_no_io_is_below_the_core(note):
    below = closure(dependencies("fanout-core", None, "build"))
    assert {name for name in below if IO.fullmatch(name)} == set()
    note(f"{len(below)} crates are below fanout-core")


def test_the_pattern_knows_io_crates():
    """Else the test before would pass for nothing: reading an object needs them."""
    assert {"tokio", "aws-sdk-s3", "hyper", "async-compression"} <= {
        name for name in closure({"fanout-object"}) if IO.fullmatch(name)
    }


def test_host_names_need_no_unicode_tables():
    """Cargo.lock pins idna_adapter: its version 1.0.0 refuses host names beyond ASCII, and spares twenty crates.
    After `cargo update`, set it again: cargo update idna_adapter --precise 1.0.0"""
    assert {name for name in locked() if name.startswith("icu_")} == set()
