"""Error codes: each is documented, and those that the state machine names are those that the functions return."""

import json
import re

from house.workspace import ROOT

# The enum of codes, in whichever file it lives.
PLACES = ("functions/core/src/error/error_code.rs", "functions/core/src/code.rs")
PAGE = ROOT / "docs/codes.md"

MACHINE = json.loads((ROOT / "statemachine.asl.json").read_text())
SOURCE = next((ROOT / place).read_text() for place in PLACES if (ROOT / place).exists())

ENUM = re.search(r"pub enum (\w+) \{", SOURCE)[1]
CODES = set(re.findall(r"(?:%s|Self)::\w+ => \"(\w+)\"" % ENUM, SOURCE))
TRANSIENT = set(re.findall(r"(?:%s|Self)::(\w+)" % ENUM, re.search(r"fn is_transient.*?\n    }", SOURCE, re.DOTALL)[0]))
OF_AWS = ("States.", "Lambda.", "Runtime.", "Sandbox.")


def states(machine=MACHINE):
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def named(field, state):
    return {code for rule in state.get(field, []) for code in rule["ErrorEquals"]}


def own(codes):
    return {code for code in codes if not code.startswith(OF_AWS)}


def test_the_source_was_understood():
    assert len(CODES) == int(re.search(r"ALL: \[(?:%s|Self); (\d+)\]" % ENUM, SOURCE)[1])
    assert TRANSIENT and TRANSIENT < CODES


def test_every_code_is_documented():
    """A heading or the first cell of a row of docs/codes.md is the code, which no other text there is."""
    assert PAGE.exists(), "docs/codes.md is to say of each code what it means and what to do"
    found = re.findall(r"^(?:#+ +|\| *)(?:<a [^>]*></a>)?`?(\w+)`?(?: *\|| *$)", PAGE.read_text(), re.MULTILINE)
    assert CODES - set(found) == set(), "not in docs/codes.md"
    assert {name for name in found if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", name)} - CODES == set(), "no such code"


def test_every_code_that_is_named_exists():
    for name, state in states():
        for field in ("Retry", "Catch"):
            assert own(named(field, state)) <= CODES, f"{field} of {name}"


def test_only_transient_codes_are_tried_again():
    for name, state in states():
        assert own(named("Retry", state)) <= TRANSIENT, name
        assert not {"States.ALL", "States.TaskFailed"} & named("Retry", state), name


def test_every_task_tries_again_what_passes():
    """StartFailed is the exception: it comes of an upload, where Lambda calls the planner again."""
    for name, state in states():
        if state["Type"] == "Task":
            assert own(named("Retry", state)) == TRANSIENT - {"StartFailed"}, name
            assert all(rule["JitterStrategy"] == "FULL" and rule["BackoffRate"] > 1 for rule in state["Retry"]), name


def test_what_is_caught_ends_as_a_failure():
    for name, state in states():
        assert not named("Catch", state) & (TRANSIENT | {"States.ALL"}), name
        for rule in state.get("Catch", []):
            assert MACHINE["States"][rule["Next"]]["Type"] == "Fail", name


def test_a_distributed_map_itself_is_never_tried_again():
    """That would process every chunk again, not only the one that failed."""
    maps = [state for _, state in states() if state["Type"] == "Map"]
    assert len(maps) == 2
    assert not [state for state in maps if "Retry" in state]
