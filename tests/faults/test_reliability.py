"""What docs/reliability.md promises names the test that shows it, and each of these tests is named there."""

from __future__ import annotations

import pathlib
import re

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"\]\(([^)]*)\)", PAGE.read_text())
    assert len(named) > 15
    assert [each for each in named if not (PAGE.parent / each).is_file()] == []


def test_a_link_says_the_file_that_it_leads_to() -> None:
    links = re.findall(r"\[([^\]]*)\]\(([^)]*)\)", PAGE.read_text())
    assert [(text, target) for text, target in links if pathlib.Path(target).name != text] == []


def test_every_file_of_the_faults_is_named() -> None:
    files = {file.name for file in HERE.glob("test_*.py")} - {pathlib.Path(__file__).name}
    assert files - set(re.findall(r"test_\w+\.py", PAGE.read_text())) == set()


def test_the_readme_leads_to_it() -> None:
    assert "(docs/reliability.md)" in (HERE.parents[1] / "README.md").read_text()


def test_each_line_says_fault_outcome_time_and_test() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line.startswith("|")]
    heads = [row for row in rows if row[0].strip() == "fault"]
    assert [[cell.strip() for cell in head] for head in heads] == [
        ["fault", "what happens", "within", "test"]
    ] * 4
    assert [row for row in rows if len(row) != 4 or not all(cell.strip() for cell in row)] == []
    assert [row[0] for row in rows if "---" not in row[0] and row not in heads and "](" not in row[3]] == []
