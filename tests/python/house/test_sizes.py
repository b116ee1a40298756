"""No file is too long to read; a table of sizes says where the code is."""

import statistics

import pytest

from house.rust_source import functions, lines_of_code, plain, without_tests
from house.workspace import ROOT, crates, files, folder

MOST = 400  # lines of a file
CODE = (".rs", ".py", ".sh")

SAMPLE = """
/* a /* nested */ fn comment() { */
fn short() -> char { '{' }
fn of_texts<'a>(text: &'a str) -> String {
    let raw = r#"} " fn none() {"#; // } fn none() {
    format!("{raw} \\" }}")
}
trait Declares { fn no_body(&self, list: [u8; 3]); }
#[cfg(test)]
mod tests {
    fn not_counted() {}
}
"""


def test_functions_are_found_between_comments_and_texts():
    code = without_tests(plain(SAMPLE))
    assert [(one.name, one.lines) for one in functions(code)] == [("short", 1), ("of_texts", 4)]
    assert lines_of_code(code) == 6


@pytest.mark.parametrize("suffix", CODE)
def test_no_file_is_longer_than_400_lines(suffix):
    sizes = {str(path): lines(path) for path in files() if path.suffix == suffix}
    assert sizes, "no file at all"
    assert {name: size for name, size in sizes.items() if size > MOST} == {}


def lines(path):
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def test_sizes(note):
    """Prints, by crate: files, lines of code without tests, comments and blank lines, and medians and maxima."""
    rows = [("crate", "files", "code", "median file", "largest file", "median fn", "largest fn")]
    product = []
    for crate in crates():
        measured = [measure(path) for path in files() if is_source(crate, path)]
        rows.append(row(crate, measured))
        product += measured if is_product(crate) else []
    rows.append(row("product", product))
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    note("\n".join("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in rows))


def is_product(crate):
    """True for all crates but those of the tests."""
    return not folder(crate).is_relative_to(ROOT / "tests")


def is_source(crate, path):
    """True for a Rust file in the crate's own folder, and in no other crate's within it; files of tests are none."""
    homes = [home for home in map(folder, crates()) if (ROOT / path).is_relative_to(home)]
    inside = bool(homes) and max(homes, key=lambda home: len(home.parts)) == folder(crate)
    return inside and path.suffix == ".rs" and not (is_product(crate) and is_test(path))


def is_test(path):
    return path.name == "tests.rs" or bool({"tests", "benches"} & set(path.parts))


def measure(path):
    """Path, lines of the file, lines of its code, functions: the last two without tests."""
    code = without_tests(plain((ROOT / path).read_text(encoding="utf-8")))
    return path, lines(path), lines_of_code(code), functions(code)


def row(name, measured):
    sizes = {path: size for path, size, _, _ in measured}
    largest = max(sizes, key=sizes.get)
    lengths = [(function.lines, function.name, path) for path, _, _, found in measured for function in found]
    longest, function, place = max(lengths)
    return (
        name,
        str(len(measured)),
        f"{sum(code for _, _, code, _ in measured):,}",
        f"{statistics.median(sizes.values()):.0f}",
        f"{sizes[largest]} {largest.name}",
        f"{statistics.median(length for length, _, _ in lengths):.0f}",
        f"{longest} {function} in {place.name}",
    )
