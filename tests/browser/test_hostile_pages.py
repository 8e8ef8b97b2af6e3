"""Hostile names in every field at once, in a browser: nothing runs, all is shown."""

from __future__ import annotations

import pytest

from hostile_plan import PART, WHOLE, find_unshown, pick_texts
from test_hostile_pack import write_all

SHARES = [
    0,
    *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, WHOLE // PART)),
]
# Every popup and tooltip of the map, opened by the page's own script; then all that
# stands in the page, in both languages.
READ = """() => {
  const shown = [document.title, document.body.textContent];
  if (!window.planPageMap && typeof planPage !== "undefined") {
    const map = window[planPage.map];
    const layers = [];
    map.eachLayer((layer) => layers.push(layer));
    for (const layer of layers) {
      for (const kind of ["Popup", "Tooltip"]) {
        if (!layer["get" + kind] || !layer["get" + kind]()) continue;
        layer["open" + kind]();
        const element = layer["get" + kind]().getElement();
        if (element) shown.push(element.textContent);
      }
    }
  }
  for (const silent of document.querySelectorAll("script, style")) silent.remove();
  shown[1] = document.body.textContent;
  return shown;
}"""


@pytest.fixture(scope="module", params=SHARES)
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return folder, *write_all(pick_texts(request.param), folder)


def test_no_name_runs_and_each_is_shown(written, open_offline) -> None:
    folder, hostile, front_words = written
    words = hostile.words
    plan = hostile.plan
    ids = [patrol.id for patrol in plan.patrols]
    teams = [patrol.team_id for patrol in plan.patrols]
    names = words.list_given("sites.name", "bases.name")
    sources = words.list_given("inputs.source", "inputs.licence")
    expected = {
        "confidential/map.html": [
            *names,
            *ids,
            *teams,
            *sources,
            *words.list_given("scenario.name", "zones.name", "lines.name"),
            *words.list_given("population.aliases", "population.name_fr"),
            *words.list_given("markets.name", "regions.name", "airfields.name"),
        ],
        "unclassified/map.html": [],
        "open/map.html": [],
        "compare/compare.html": words.list_given("scenario.name"),
        "tradeoff/tradeoff.html": front_words.list_given("en", "fr", "name"),
        "index.html": words.list_given("scenario.name"),
        "confidential/brief.fr.html": [],
    }
    for name, told in expected.items():
        opened = open_offline(folder / name)
        page = opened.page
        shown = "\n".join(page.evaluate(READ))
        assert page.evaluate("window.ran") is None
        assert (name, list(find_unshown(told, shown))) == (name, [])
        opened.assert_quiet()
