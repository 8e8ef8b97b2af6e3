"""Ten thousand generated names in a browser: nothing runs, each is shown whole."""

from __future__ import annotations

import pytest
from test_hostile_pages import READ

from hostile_plan import find_unshown
from hostile_reading import find_torn
from hostile_walk import walk

WHOLE = 5
"""Theatres of ``make soak``."""
SHARES = [
    0,
    *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, WHOLE + 1)),
]
NAMED = {
    "map.html": (
        *("population.name", "population.name_fr", "population.aliases"),
        *("lines.name", "lines.ref", "zones.name", "airfields.name", "markets.name"),
        "regions.name",
    ),
}


@pytest.fixture(scope="module", params=SHARES)
def walked(request, tmp_path_factory):
    return walk(tmp_path_factory.mktemp("walk"), request.param, whole=False)


def test_no_name_runs_and_each_is_shown_whole(walked, open_offline) -> None:
    pages = sorted(path for path in walked.out.rglob("*.html"))
    assert len(pages) > 10
    for path in pages:
        opened = open_offline(path)
        shown = "\n".join(opened.page.evaluate(READ))
        assert opened.page.evaluate("window.ran") is None, path
        opened.assert_quiet()
        assert (path.name, find_torn(walked.names, shown)) == (path.name, [])
        if path.parent == walked.pack:
            told = walked.names.list_given(*NAMED.get(path.name, ()))
            assert (path.name, [*find_unshown(told, shown)]) == (path.name, [])
        opened.page.context.close()
