"""Errors that the state machine names are those that the functions return; what is final is never tried again."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
MACHINE = json.loads((ROOT / "statemachine.asl.json").read_text())
SOURCE = (ROOT / "functions/core/src/code.rs").read_text()

CODES = set(re.findall(r'Code::\w+ => "(\w+)"', SOURCE))
TRANSIENT = set(re.findall(r"Code::(\w+)", re.search(r"fn is_transient.*?\n    }", SOURCE, re.DOTALL)[0]))
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
    assert len(CODES) == int(re.search(r"ALL: \[Code; (\d+)\]", SOURCE)[1]) and TRANSIENT < CODES


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
