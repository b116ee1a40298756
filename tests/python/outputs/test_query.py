"""A command line that was built without SQL, as the release build of the tests is, says how to get it."""

import subprocess


def test_a_query_without_sql(fanout, root):
    done = subprocess.run(
        [fanout, "query", root / "tests/data/people.csv", "SELECT id FROM records"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "--features sql" in done.stderr
