"""Hostile names in every sink of the map: inert, and shown as they were given."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrolplan.products.escaping import normalise_text
from patrolplan.products.maps import render_map
from sample_plan import SITES, build_layers, build_plan

# Each breaks out of something: an element, an attribute, a script, a template literal,
# a Jinja template, a comment, a key of a JavaScript object, or the order of reading.
SEEDS = (
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    "\"><a onmouseover='window.ran=1'>",
    "' onfocus=window.ran=1 autofocus '",
    "`${window.ran=1}`",
    "${window.ran=1}",
    "\\`;window.ran=1;//",
    "{{7*191}}",
    "{% for x in 'ab' %}x{% endfor %}",
    "{#",
    "<!--",
    "-->",
    "*/window.ran=1/*",
    "&lt;b&gt; &amp;",
    "__proto__",
    "constructor",
    "javascript:window.ran=1",
    "\u202egnaw",
    "تمبكتو",
    "a\u2028b\u2029c",
    "a\nb\tc\r\nd",
    "\0\x1b[31m",
    "\ud800",
    "</style><style>*{display:none}",
    "</textarea></title></noscript>",
    "|",
)
PIECES = st.one_of(
    st.sampled_from(SEEDS),
    st.text(alphabet="<>&\"'`${}\\%#/=;|() \u2028\u202eaéZ0", max_size=12),
    st.text(max_size=8),
)
NAMES = st.lists(PIECES, min_size=1, max_size=3).map("".join)
# Over forty names a page: five pages are over two hundred.
PAGES = int(os.environ.get("PATROLPLAN_HOSTILE_PAGES", "5"))

READ = """() => {
  const map = window[planPage.map];
  const text = (element) => element ? element.textContent : null;
  const found = { popups: {}, stops: {}, tips: [], search: {}, labels: [], layers: [] };
  for (const [id, name] of Object.entries(planPage.places)) {
    window[name].openPopup();
    found.popups[id] = text(document.querySelector(".leaflet-popup h3")
      .firstChild);
  }
  for (const [key, name] of Object.entries(planPage.stops)) {
    window[name].openPopup();
    found.stops[key] = text(document.querySelector(".leaflet-popup h3"));
  }
  map.closePopup();
  map.eachLayer((layer) => {
    if (!layer.openTooltip || !layer.getTooltip()) return;
    layer.openTooltip();
    found.tips.push(text(layer.getTooltip().getElement()));
    layer.closeTooltip();
  });
  for (const option of document.querySelectorAll("#pp-found [data-find]")) {
    found.search[option.dataset.find] = text(option.querySelector("b"));
  }
  for (const label of document.querySelectorAll(".pp-label, .pp-name")) {
    found.labels.push(text(label));
  }
  for (const label of document.querySelectorAll(".leaflet-control-layers label")) {
    found.layers.push(text(label));
  }
  found.title = text(document.querySelector(".pp-panel h1"));
  found.bar = text(document.querySelector(".pp-title")).trim();
  found.page = document.title;
  found.panel = text(document.getElementById("pp-panel"));
  found.marking = text(document.querySelector(".pp-marking"));
  planPage.act.show(3 * 1440 + 720);
  found.slider = text(document.getElementById("pp-now"));
  found.states = Array.from(document.querySelectorAll(".pp-state:not([hidden]) b"),
    (state) => state.textContent);
  found.strangers = document.querySelectorAll(
    "img:not(.leaflet-image-layer), iframe, object, embed, a[onmouseover]").length;
  found.ran = window.ran;
  return found;
}"""


@pytest.mark.parametrize("page_number", range(PAGES))
def test_two_hundred_names_are_inert_and_shown_as_given(
    open_offline, page_number
) -> None:
    drawn: list[list[str]] = []

    @settings(
        max_examples=page_number + 1,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(NAMES, min_size=60, max_size=60))
    def draw(names: list[str]) -> None:
        drawn.append(names)

    draw()
    names = [*drawn[-1]]
    names[: len(SEEDS)] = [f"{a}{b}" for a, b in zip(SEEDS, names, strict=False)]
    with tempfile.TemporaryDirectory() as folder:
        check_names(open_offline, Path(folder) / "map.html", names)


def check_names(open_offline, path: Path, names: list[str]) -> None:
    given_to: dict[str, str] = {}
    # A lone surrogate can be written neither into a plan file nor into layers.
    names = [name.encode("utf-8", "replace").decode() for name in names]
    kept = iter(names)

    def rename(text: str) -> str:
        if text not in given_to:
            given_to[text] = f"x{next(kept, '')}"
        return given_to[text]

    plan = build_plan(count=2, rename=rename, release=names[0] or "x")
    of_layers = names[-1]
    layers = build_layers(name=f"x{of_layers}", reason=names[-2])
    # A marking such as these is shown by no file of ours, but inert all the same.
    html = render_map(plan, layers)
    assert "1337" not in html
    path.write_text(html, "utf-8")
    opened = open_offline(path)
    found = opened.page.evaluate(READ)

    def plain(text: str) -> str:
        # What the page shows of a text, as white space collapses on both sides alike.
        return " ".join(normalise_text(text).split())

    def squeeze(text: str | None) -> str:
        return " ".join((text or "").split())

    listed = {stop.site_id for patrol in plan.patrols for stop in patrol.stops}
    listed |= {entry.site_id for entry in plan.assessment.unserved}
    # The layers give these two a French name, which another test looks at.
    for place in [*plan.sites, *plan.bases]:
        if place.id in {"gao", "tombouctou"}:
            continue
        shown = plain(place.name)
        assert squeeze(found["popups"][place.id]) == shown
        assert squeeze(found["search"][place.id]) == shown
        if place.id in SITES:
            assert any(squeeze(label) == shown for label in found["labels"]), place
        if place.id in listed:
            assert shown in squeeze(found["panel"])
    base = next(base for base in plan.bases if base.id == plan.patrols[0].base_id)
    assert any(plain(f"1 {base.name}") in squeeze(name) for name in found["layers"])
    for key, title in found["stops"].items():
        number, index = map(int, key.split("."))
        stop = plan.patrols[number - 1].stops[index]
        named = next((site for site in plan.sites if site.id == stop.site_id), None)
        assert named is None or squeeze(title) == plain(named.name)
    layer_name = plain(f"x{of_layers}")
    assert any(layer_name in squeeze(tip) for tip in found["tips"])
    assert squeeze(found["title"]) == plain(plan.scenario.name)
    assert squeeze(found["bar"]).startswith(plain(plan.scenario.name))
    assert "Day 4" in found["slider"]
    assert found["strangers"] == 0
    assert found["ran"] is None
    opened.assert_quiet()
