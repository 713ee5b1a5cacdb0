"""The pages are short enough, their links resolve, and they use the words of the field."""

from __future__ import annotations

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "example_app" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
AVOIDED = (
    "can't be", "who only reads", "is told", "stands in", "stands beside", "at one go", "let go of", "befell",
    "makes sure", "turn", "errand", "headway", "doubt", "mended", "anew", "stretch", "nobody's", "acts upon",
    "is borne", "trying on", "from now on", "needs nobody",
)  # fmt: skip


def anchors(page: pathlib.Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def by_name(page: pathlib.Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_readme_has_fewer_than_450_lines() -> None:
    assert len(README.read_text().splitlines()) < 450


def test_the_readme_links_every_page_of_the_docs() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", README.read_text()))
    assert linked == {name for page in PAGES if (name := by_name(page)).startswith("docs/")}


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_links_resolve(page: pathlib.Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text())
    targets = [((page.parent / path if path else page), anchor) for path, anchor in links]
    assert [str(target) for target, _ in targets if not target.exists()] == []
    assert [anchor for target, anchor in targets if anchor and anchor not in anchors(target)] == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_the_prose_uses_plain_words(page: pathlib.Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL).lower()
    prose = " ".join(prose.split())
    assert [words for words in AVOIDED if re.search(rf"\b{words}\b", prose)] == []
