from __future__ import annotations

from pathlib import Path

import folium
import folium.plugins
import geopandas as gpd
import pytest
from branca.colormap import LinearColormap
from shapely.geometry import Point

from patrolplan.products.escaping import escape_text, normalise_text, strip_for_text
from patrolplan.products.offline import render_offline

# A name that runs as script sets the flag; one that runs as a template shows 1337.
HOSTILE = [
    "A{{7*191}}Z",
    "A{{ 7 * 191 }}Z{{",
    "{% for x in [1] %}A{{7*191}}Z{% endfor %}",
    "{% bad %}",
    "{%",
    "{{",
    "}}{{7*191",
    "{# A comment #}",
    "{{ ''.__class__ }}",
    "{%- raw -%}A{{7*191}}Z{%- endraw -%}",
    "`+(window.hit=1)+`",
    "`;window.hit=1;`",
    "${window.hit=1}",
    "$${window.hit=1}",
    "\\${window.hit=1}",
    "\\`${window.hit=1}",
    "$`$'$&",
    "${`${window.hit=1}`}",
    "</script><script>window.hit=1</script>",
    "</SCRIPT ><img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    "<!--<script>",
    "-->",
    "]]><x>",
    "</style><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "</textarea></div></div><b>out</b>",
    "<img src=x onerror='window.hit=1'>",
    '<img src="x" onerror="window.hit=1">',
    "<svg/onload=window.hit=1>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<a href='javascript:window.hit=1'>x</a>",
    "<style>*{display:none}</style>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    '"><script>window.hit=1</script>',
    "' onmouseover='window.hit=1",
    '");window.hit=1;("',
    "');window.hit=1;('",
    "\\",
    "\\\\",
    "\\u003cimg src=x onerror=window.hit=1\\u003e",
    "&lt;img src=x onerror=window.hit=1&gt;",
    "&amp;lt;b&amp;gt;",
    "&#123;&#123;7*191&#125;&#125;",
    "&#x60; &dollar; &lbrace;",
    "one\ntwo\r\nthree\rfour",
    "one\u2028two\u2029three",
    "tab\tand\x0bvertical",
    "nul\0in the\0middle",
    "\x1b[31mred\x07\x7f\x9b",
    "lone \ud800 surrogate \udc80",
    "Gao\u202eoaG\u202c end",
    "\u2067isolate without end",
    "كيدال 12:30",
    "\u05d8\u05e1\u05d8 <b>",
    "a" * 10_000,
    "<b>{{`${" * 1_000,
    'N\'Tillit & Fils "Gossi"',
    "'; DROP TABLE sites; --",
    "=cmd|'/c calc'!A0",
    "__proto__",
    "constructor",
    "Ménaka \u2013 Андерамбукан 梅纳卡 🏜️",
    "_0123456789abcdef0123456789abcdef",
]

TITLE = "A{{7*191}}Z</title><script>window.hit=1</script>"

READ_MAP = """() => {
  const map = map_000001, seen = {popup: [], tooltip: [], geo: []};
  const trim = (text) => text.trim().replace(/\\s+/g, " ");
  map.eachLayer((layer) => {
    const popup = layer.getPopup && layer.getPopup();
    if (popup) {
      layer.openPopup();
      seen.popup.push(trim(popup.getElement().querySelector(
        ".leaflet-popup-content").textContent));
    }
    const tooltip = layer.getTooltip && layer.getTooltip();
    if (layer.feature) {
      // The group holds the tooltip and shows it for the layer under the mouse.
      layer.fire("mouseover", {latlng: layer.getLatLng()}, true);
      seen.geo.push(trim(document.querySelector(".foliumtooltip td").textContent));
      layer.fire("mouseout", {latlng: layer.getLatLng()}, true);
    } else if (tooltip && layer instanceof L.Marker) {
      layer.openTooltip();
      seen.tooltip.push(trim(tooltip.getElement().textContent));
    }
  });
  const all = (rule) => [...document.querySelectorAll(rule)].map(
    (e) => trim(e.textContent));
  seen.icon = all(".name");
  seen.control = all(".leaflet-control-layers-overlays span span");
  seen.caption = all("text.caption");
  return seen;
}"""


def shown(names: list[str]) -> list[str]:
    # Browsers run white space together, as HTML asks.
    return [" ".join(normalise_text(name).split()) for name in names]


def write_page(folder: Path, page: str) -> Path:
    path = folder / "map.html"
    path.write_bytes(page.encode("utf-8"))
    return path


def build_stock_map(*, control: bool = True) -> folium.Map:
    drawn = folium.Map([16.3, 0], zoom_start=6, tiles=None)
    group = folium.FeatureGroup("Sites").add_to(drawn)
    folium.Marker([16.27, -0.04], popup="Gao", tooltip="Gao").add_to(group)
    folium.Marker([18.44, 1.41], icon=folium.Icon("red")).add_to(group)
    folium.Marker([15.92, 2.4], icon=folium.DivIcon(html="<b>Ménaka</b>")).add_to(group)
    folium.CircleMarker([16.77, -3.0], popup="Timbuktu").add_to(group)
    line = {
        "type": "Feature",
        "properties": {"name": "RN17"},
        "geometry": {"type": "LineString", "coordinates": [[-0.04, 16.27], [1, 15.6]]},
    }
    folium.GeoJson(
        line,
        name="Roads",
        tooltip=folium.GeoJsonTooltip(["name"]),
        popup=folium.GeoJsonPopup(["name"]),
        highlight_function=lambda _: {"weight": 6},
    ).add_to(drawn)
    if control:
        folium.LayerControl(collapsed=False).add_to(drawn)
    drawn.keep_in_front(group)
    drawn.fit_bounds([[14, -5], [20, 4]])
    return drawn


def test_stock_map_opens_with_no_network(open_offline, tmp_path: Path) -> None:
    opened = open_offline(write_page(tmp_path, render_offline(build_stock_map())))
    page = opened.page
    assert page.locator(".leaflet-marker-icon").count() == 3
    assert page.locator("path.leaflet-interactive").count() == 2
    assert page.locator(".leaflet-control-layers-overlays label").count() == 2
    # The default marker came as data and was really decoded.
    icon = page.locator("img.leaflet-marker-icon")
    assert icon.evaluate("e => e.naturalWidth") > 0
    icon.click()
    assert page.locator(".leaflet-popup-content").inner_text() == "Gao"
    opened.assert_quiet()


def test_plugins_open_with_no_network(open_offline, tmp_path: Path) -> None:
    drawn = build_stock_map(control=False)
    LinearColormap(["red", "blue"], caption="Need").add_to(drawn)
    folium.plugins.Fullscreen().add_to(drawn)
    cluster = folium.plugins.MarkerCluster().add_to(drawn)
    for step in range(20):
        folium.Marker([17, step / 100]).add_to(cluster)
    folium.plugins.FeatureGroupSubGroup(cluster, "sub").add_to(drawn)
    line = folium.PolyLine([[16, 0], [17, 1]]).add_to(drawn)
    folium.plugins.PolyLineTextPath(line, "RN16").add_to(drawn)
    first, second = (folium.FeatureGroup(n).add_to(drawn) for n in ("one", "two"))
    folium.plugins.GroupedLayerControl({"Group": [first, second]}).add_to(drawn)
    folium.plugins.TreeLayerControl(
        overlay_tree={"label": "x", "children": [{"label": "one", "layer": first}]}
    ).add_to(drawn)
    opened = open_offline(write_page(tmp_path, render_offline(drawn)))
    assert opened.page.locator(".marker-cluster").inner_text() == "20"
    assert opened.page.locator("text.caption").inner_html() == "Need"
    assert opened.page.locator(".leaflet-control-layers-group-name").count() == 1
    opened.assert_quiet()


@pytest.mark.parametrize("column", ["name", "need"])
def test_geopandas_map_opens_with_no_network(
    open_offline, tmp_path: Path, column: str
) -> None:
    sites = gpd.GeoDataFrame(
        {"name": ["Gao", "Kidal"], "need": [1.0, 2.0]},
        geometry=[Point(-0.04, 16.27), Point(1.41, 18.44)],
        crs="EPSG:4326",
    )
    drawn = sites.explore(column, tiles=None)
    opened = open_offline(write_page(tmp_path, render_offline(drawn)))
    assert opened.page.locator("path.leaflet-interactive").count() == 2
    assert opened.page.locator(".maplegend, svg#legend").count() == 1
    opened.assert_quiet()


def test_hostile_names_are_shown_and_do_nothing(open_offline, tmp_path: Path) -> None:
    drawn = folium.Map([16, 0], zoom_start=6, tiles=None)
    features = []
    for row, name in enumerate(HOSTILE):
        text, lat = escape_text(name), 14 + row / 20
        folium.Marker(
            [lat, 0],
            popup=folium.Popup(text),
            tooltip=folium.Tooltip(text),
            icon=folium.DivIcon(html=f'<i class="name">{text}</i>'),
        ).add_to(drawn)
        features.append(
            {
                "type": "Feature",
                "properties": {"name": text},
                "geometry": {"type": "Point", "coordinates": [2, lat]},
            }
        )
        folium.FeatureGroup(text).add_to(drawn)
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        marker=folium.CircleMarker(radius=4),
        tooltip=folium.GeoJsonTooltip(["name"], aliases=[escape_text("{{`${'<b>")]),
        control=False,
    ).add_to(drawn)
    folium.LayerControl(collapsed=False, sort_layers=False).add_to(drawn)
    LinearColormap(
        ["red", "blue"], caption=strip_for_text("`A{{7*191}}Z<b>'\"${1}")
    ).add_to(drawn)
    page_text = render_offline(drawn, title=TITLE, lang='"><b>')
    assert "A1337Z" not in page_text
    opened = open_offline(write_page(tmp_path, page_text))
    seen = opened.page.evaluate(READ_MAP)
    expected = shown(HOSTILE)
    for sink in ("popup", "tooltip", "icon", "geo", "control"):
        assert seen[sink] == expected, sink
    assert seen["caption"] == ["\u2019A((7*191))Z\u2039b\u203a\u2019\u201d(1)"]
    assert opened.page.title() == TITLE
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.hit") is None
    assert opened.page.locator("iframe, base, meta[http-equiv=refresh]").count() == 0
    opened.assert_quiet()


@pytest.mark.parametrize(
    "evil",
    [
        "<script>window.hit=1</script>",
        "<img src='data:,' onerror='window.hit=1'>",
        "<svg onload='window.hit=1'></svg>",
        "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
        "<script src='https://example.org/a.js'></script>",
        "<img src='https://example.org/a.png'>",
        "<link rel=stylesheet href='https://example.org/a.css'>",
    ],
)
def test_policy_blocks_what_was_put_into_the_page(
    open_offline, tmp_path: Path, evil: str
) -> None:
    page = render_offline(
        build_stock_map(), body_html="<p>end</p>", scripts=["window.mine = 1;"]
    )
    opened = open_offline(write_page(tmp_path, page.replace("<p>end</p>", evil)))
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.hit") is None
    assert opened.page.evaluate("window.mine") == 1
    assert opened.page.locator(".leaflet-marker-icon").count() == 3
    assert opened.console_errors
    assert "Content Security Policy" in opened.console_errors[0]


def test_unescaped_names_do_not_run_either(open_offline, tmp_path: Path) -> None:
    # The second line of defence, for a sink that someone forgot.
    drawn = build_stock_map()
    for name in (
        "<img src='data:,' onerror='window.hit=1'>",
        "</script><script>window.hit=1</script>",
        "A{{7*191}}Z",
    ):
        folium.Marker([17, 0], popup=name, tooltip=name).add_to(drawn)
    opened = open_offline(write_page(tmp_path, render_offline(drawn)))
    opened.page.evaluate("map_000001.eachLayer(l => l.openPopup && l.openPopup())")
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.hit") is None
    assert "A1337Z" not in opened.page.content()
    assert opened.page.locator(".leaflet-marker-icon").count() == 6
    assert opened.requests == []


def test_fitting_to_one_point_works_without_tiles(open_offline, tmp_path: Path) -> None:
    drawn = folium.Map(tiles=None)
    folium.CircleMarker([16.27, -0.04]).add_to(drawn)
    drawn.fit_bounds([[16.27, -0.04], [16.27, -0.04]])
    opened = open_offline(write_page(tmp_path, render_offline(drawn)))
    assert opened.page.evaluate("map_000001.getZoom()") == 18
    opened.assert_quiet()


def test_additions_run(open_offline, tmp_path: Path) -> None:
    drawn = build_stock_map()
    page = render_offline(
        drawn,
        styles=["#note { color: rgb(1, 2, 3) }"],
        body_html='<p id="note">Sources</p>',
        scripts=[
            f"window.zoom = {drawn.get_name()}.getZoom();",
            "document.getElementById('note').textContent = '</script>' + zoom;",
        ],
    )
    opened = open_offline(write_page(tmp_path, page), width=400, height=700)
    note = opened.page.locator("#note")
    assert note.text_content().startswith("</script>")
    assert note.evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"
    opened.assert_quiet()
