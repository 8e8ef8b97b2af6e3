"""Hostile names in every field at once, in a browser: nothing runs, all is shown."""

from __future__ import annotations

import pytest

from hostile_plan import PART, WHOLE, find_unshown, pick_texts
from test_hostile_pack import write_all

SHARES = [
    0,
    *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, WHOLE // PART)),
]
# Every layer shown, every popup and tooltip opened by the page's own script, lines and
# zones pointed at; then all that stands in the page, in both languages.
READ = """() => {
  const shown = [document.title];
  function note(part) {
    const element = part && part.getElement();
    if (element) shown.push(element.textContent);
  }
  if (typeof planPage !== "undefined") {
    const map = window[planPage.map];
    for (const key of Object.keys(window)) {
      const layer = window[key];
      if (!(layer instanceof L.Layer) || layer instanceof L.Popup) continue;
      if (!map.hasLayer(layer) && layer instanceof L.FeatureGroup) map.addLayer(layer);
    }
    const layers = [];
    map.eachLayer((layer) => layers.push(layer));
    for (const layer of layers) {
      if (layer.getPopup && layer.getPopup()) note(layer.openPopup().getPopup());
      if (!layer.getTooltip || !layer.getTooltip()) continue;
      if (!layer.eachLayer) note(layer.openTooltip().getTooltip());
      else layer.eachLayer((shape) => {
        const latlng = shape.getBounds().getCenter();
        shape.fire("mouseover", { latlng, layer: shape }, true);
        note(layer.getTooltip());
      });
    }
  }
  const body = document.body.cloneNode(true);
  for (const silent of body.querySelectorAll("script, style")) silent.remove();
  return [...shown, body.textContent];
}"""


@pytest.fixture(scope="module", params=SHARES)
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return folder, *write_all(pick_texts(request.param), folder)


def test_no_name_runs_and_each_is_shown(written, open_offline) -> None:
    folder, hostile, front_words = written
    words = hostile.words
    plan = hostile.plan
    teams = [patrol.team_id for patrol in plan.patrols]
    names = words.list_given("sites.name", "bases.name")
    sources = words.list_given("inputs.source", "inputs.licence")
    expected = {
        "confidential/map.html": [
            *names,
            *teams,
            *sources,
            *words.list_given("scenario.name", "zones.name", "lines.name"),
            *words.list_given("lines.ref", "population.aliases", "population.name_fr"),
            *words.list_given("markets.name", "regions.name", "airfields.name"),
        ],
        "unclassified/map.html": words.list_given("sites.name"),
        "open/map.html": [site.cercle for site in plan.sites],
        "compare/compare.html": words.list_given("scenario.name"),
        "tradeoff/tradeoff.html": front_words.list_given("en", "fr", "name"),
        "index.html": words.list_given("scenario.name"),
        "confidential/brief.fr.html": words.list_given("scenario.name"),
    }
    for name, told in expected.items():
        opened = open_offline(folder / name)
        page = opened.page
        shown = "\n".join(page.evaluate(READ))
        assert page.evaluate("window.ran") is None
        assert (name, list(find_unshown(told, shown))) == (name, [])
        opened.assert_quiet()
