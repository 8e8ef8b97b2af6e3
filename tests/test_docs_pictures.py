"""The pictures of the site: each on its page, with words, and as the code draws it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[1]
DOCS = CLONE / "docs"
IMAGES = DOCS / "images"
# Drawn without a plan, in a few seconds together.
QUICK = ("bearings", "casualty-clock", "house", "seasons")
FIGURE = re.compile(
    r"<figure markdown>\n\n!\[(?P<alt>[^\]]+)\]\(images/(?P<name>[\w-]+)\.svg\)\n\n"
    r"<figcaption markdown>(?P<caption>.+?)</figcaption>\n\n</figure>",
    re.S,
)


@pytest.fixture
def pictures(monkeypatch):
    """The module that draws them."""
    monkeypatch.syspath_prepend(str(DOCS / "pictures"))
    return importlib.import_module("draw_pictures")


def list_shown() -> list[tuple[str, str, str]]:
    """Return name, alternative text and caption of each picture that a page shows."""
    return [
        (match["name"], match["alt"], " ".join(match["caption"].split()))
        for page in sorted(DOCS.glob("*.md"))
        for match in FIGURE.finditer(page.read_text(encoding="utf-8"))
    ]


def list_words(file: Path) -> list[str]:
    """Return what is written in a picture: letters are drawn, and told beside."""
    return re.findall(r"<!-- (.*?) -->", file.read_text(encoding="utf-8"))


def test_each_picture_is_on_one_page_and_told_in_words(pictures) -> None:
    shown = list_shown()
    assert sorted(name for name, _, _ in shown) == sorted(pictures.DRAWN)
    for name, alt, caption in shown:
        assert len(alt.split()) >= 8, name
        assert "make pictures" in caption, name
        assert (IMAGES / f"{name}.svg").is_file(), name


def test_pictures_are_small_and_bear_no_date(pictures) -> None:
    for name in pictures.DRAWN:
        text = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
        assert len(text) < 60_000, name
        assert "<dc:date>" not in text
        assert "Matplotlib v" not in text


@pytest.mark.parametrize("name", QUICK)
def test_a_picture_without_a_plan_is_as_the_code_draws_it(
    pictures, name, tmp_path
) -> None:
    files = [tmp_path / "first.svg", tmp_path / "again.svg"]
    for file in files:
        pictures.draw(name, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    # Another matplotlib may put a line elsewhere, never say something else.
    assert list_words(files[0]) == list_words(IMAGES / f"{name}.svg")


@pytest.mark.soak
def test_pictures_of_the_plan_are_as_the_code_draws_them(pictures, tmp_path) -> None:
    for name in pictures.DRAWN.keys() - set(QUICK):
        pictures.draw(name, tmp_path / f"{name}.svg")
        drawn = list_words(tmp_path / f"{name}.svg")
        assert drawn == list_words(IMAGES / f"{name}.svg"), name
