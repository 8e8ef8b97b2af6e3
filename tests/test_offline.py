from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import resources
from pathlib import Path

import folium
import folium.plugins
import geopandas as gpd
import pytest
from branca.colormap import LinearColormap
from branca.element import Element, Figure
from shapely.geometry import Point

from patrolplan.errors import AssetError
from patrolplan.products.assets import find_asset
from patrolplan.products.escaping import escape_text
from patrolplan.products.offline import MarkupError, render_offline

ASSETS = Path(str(resources.files("patrolplan.products.assets")))


def build_map(*, name: str = "Gao") -> folium.Map:
    drawn = folium.Map([16.27, -0.04], zoom_start=6, tiles=None)
    group = folium.FeatureGroup("Sites").add_to(drawn)
    text = escape_text(name)
    folium.Marker([16.27, -0.04], popup=text, tooltip=text).add_to(group)
    folium.Marker([16, 1], icon=folium.Icon("red")).add_to(group)
    folium.Marker([17, 1], icon=folium.DivIcon(html=text)).add_to(drawn)
    point = {
        "type": "Feature",
        "properties": {"name": text},
        "geometry": {"type": "Point", "coordinates": [0.5, 17]},
    }
    points = {"type": "FeatureCollection", "features": [point]}
    folium.GeoJson(points, tooltip=folium.GeoJsonTooltip(["name"])).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    return drawn


def read_policy(page: str) -> str:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    return policy


def read_scripts(page: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def test_plain_page_is_small() -> None:
    page = render_offline(folium.Map(tiles=None))
    assert len(page.encode()) < 350_000


def test_links_nothing() -> None:
    page = render_offline(build_map())
    assert not re.search(r"<(?:script|img|link|iframe)\b[^>]*(?:src|href)=", page)
    assert not re.search(r"url\((?![\"']?(?:data:|#))", page)
    assert "sourceMappingURL" not in page


def test_head_is_ours() -> None:
    page = render_offline(build_map(), title="Gao & <Kidal> {{1}}", lang="fr")
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset')
    assert "<title>Gao &amp; &lt;Kidal&gt; &#123;&#123;1&#125;&#125;</title>" in page
    assert page.count('name="viewport"') == 1
    assert "user-scalable" not in page


def test_policy_names_exactly_the_scripts_written() -> None:
    page = render_offline(build_map(), scripts=["window.mine = 1;"])
    hashes = {
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in read_scripts(page)
    }
    policy = read_policy(page)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert "img-src data: blob:" in policy
    assert "script-src 'unsafe" not in policy


def test_additions_come_in_order_and_know_the_map() -> None:
    drawn = build_map()
    name = drawn.get_name()
    page = render_offline(
        drawn,
        styles=[f"#{name} {{ color: red }}"],
        body_html=f'<p data-map="{name}">Sources</p>',
        scripts=[f"{name}.setZoom(7);"],
    )
    assert "#map_000001 { color: red }" in page
    assert '<p data-map="map_000001">Sources</p>' in page
    assert read_scripts(page)[-1] == "map_000001.setZoom(7);"


def test_a_script_end_within_a_script_does_not_end_it() -> None:
    page = render_offline(
        build_map(), scripts=["var a = '</script><!--';"], styles=["a{}</style>"]
    )
    assert r"var a = '<\/script><\!--';" in page
    assert r"a{}<\/style>" in page


def test_damage_that_a_browser_would_mend_is_mended_before_hashing() -> None:
    page = render_offline(build_map(), scripts=["var a = '\0\ud800';\r\nvar b;\r"])
    assert read_scripts(page)[-1] == "var a = '\ufffd\ufffd';\nvar b;\n"


@pytest.mark.parametrize("shown_before", [False, True])
def test_same_map_twice_gives_the_same_bytes(shown_before: bool) -> None:
    drawn = build_map()
    if shown_before:
        drawn.get_root().render()
    first = render_offline(drawn)
    assert render_offline(drawn) == first


def test_equal_maps_give_the_same_bytes() -> None:
    def build() -> folium.Map:
        drawn = folium.Map(tiles=None)
        groups = [folium.FeatureGroup(str(n), show=n > 5) for n in range(9)]
        for group in groups:
            group.add_to(drawn)
        folium.plugins.GroupedLayerControl(
            {"Sites": groups}, exclusive_groups=False
        ).add_to(drawn)
        return drawn

    assert render_offline(build()) == render_offline(build())
    assert len(re.findall(r"group_\d+\.remove\(\);", render_offline(build()))) == 6


def test_map_is_left_as_it_was() -> None:
    drawn = build_map()
    before = drawn.get_root().to_json()
    render_offline(drawn)
    assert drawn.get_root().to_json() == before
    assert "https://cdn" in drawn.get_root().render()


def test_text_of_elements_is_no_template() -> None:
    drawn = build_map()
    drawn.get_root().html.add_child(Element("<p>A{{7*191}}Z</p>"))
    page = render_offline(drawn)
    assert "A{{7*191}}Z" in page
    assert "A1337Z" not in page


def test_unescaped_name_is_not_run_as_a_template() -> None:
    drawn = folium.Map(tiles=None)
    folium.Marker([16, 0], tooltip="A{{7*191}}Z").add_to(drawn)
    assert "A1337Z" not in render_offline(drawn)


def test_unescaped_template_statement_is_refused() -> None:
    drawn = folium.Map(tiles=None)
    folium.Marker([16, 0], tooltip="{% bad %}").add_to(drawn)
    with pytest.raises(MarkupError, match="not escaped"):
        render_offline(drawn)


@pytest.mark.parametrize(
    "markup",
    ["<script>evil()</script>", "<p><script>evil()", "<SCRIPT\n>x()</script >"],
)
def test_script_among_the_html_is_refused(markup: str) -> None:
    drawn = build_map()
    drawn.get_root().html.add_child(Element(markup))
    with pytest.raises(MarkupError, match="script"):
        render_offline(drawn)


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://example.org/a.js"></script>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<img src="https://example.org/a.png">',
    ],
)
def test_html_that_fetches_is_refused(markup: str) -> None:
    drawn = build_map()
    drawn.get_root().html.add_child(Element(markup))
    with pytest.raises(AssetError, match=r"https://example\.org/a"):
        render_offline(drawn)


def test_unknown_link_is_named() -> None:
    drawn = build_map()
    folium.plugins.Realtime(
        "https://example.org/live", get_feature_id=folium.JsCode("a => a")
    ).add_to(drawn)
    with pytest.raises(AssetError, match=r"https://\S+realtime\S*\.js"):
        render_offline(drawn)


@pytest.mark.parametrize(
    ("layer", "address"),
    [
        (
            folium.TileLayer("https://example.org/{z}/{x}/{y}.png", attr="x"),
            "https://example.org/{z}",
        ),
        (
            folium.raster_layers.ImageOverlay(
                "https://example.org/a.png", [[0, 0], [1, 1]]
            ),
            "https://example.org/a.png",
        ),
        (
            folium.WmsTileLayer("https://example.org/wms", "x"),
            "https://example.org/wms",
        ),
        (
            folium.raster_layers.VideoOverlay(
                "https://example.org/a.webm", [[0, 0], [1, 1]]
            ),
            "https://example.org/a.webm",
        ),
    ],
)
def test_layer_that_fetches_is_refused(layer: folium.map.Layer, address: str) -> None:
    drawn = folium.Map(tiles=None)
    layer.add_to(drawn)
    with pytest.raises(AssetError, match=re.escape(address)):
        render_offline(drawn)


def test_style_that_fetches_is_refused() -> None:
    with pytest.raises(AssetError, match=r"https://example\.org/a\.png"):
        render_offline(build_map(), styles=["a{b:url('https://example.org/a.png')}"])


def test_map_in_a_subplot() -> None:
    figure = Figure()
    for place in (1, 2):
        drawn = folium.Map(tiles=None)
        figure.add_subplot(1, 2, place).add_child(drawn)
    page = render_offline(drawn)
    assert page.count('class="folium-map"') == 2
    assert page == render_offline(drawn)


def test_colour_scale_and_plugins() -> None:
    drawn = build_map()
    LinearColormap(["red", "blue"], caption="Need").add_to(drawn)
    folium.plugins.Fullscreen().add_to(drawn)
    cluster = folium.plugins.MarkerCluster().add_to(drawn)
    folium.plugins.FeatureGroupSubGroup(cluster, "sub").add_to(drawn)
    line = folium.PolyLine([[16, 0], [17, 1]]).add_to(drawn)
    folium.plugins.PolyLineTextPath(line, "RN16").add_to(drawn)
    folium.plugins.TreeLayerControl(overlay_tree={"label": "x"}).add_to(drawn)
    page = render_offline(drawn)
    assert "data:image/svg+xml;base64," in page
    assert "d3 3.5.5 (BSD-3-Clause)" in page


@pytest.mark.parametrize("column", ["name", "need"])
def test_geopandas_maps(column: str) -> None:
    sites = gpd.GeoDataFrame(
        {"name": ["Gao", "Kidal"], "need": [1.0, 2.0]},
        geometry=[Point(-0.04, 16.27), Point(1.41, 18.44)],
        crs="EPSG:4326",
    )
    page = render_offline(sites.explore(column, tiles=None))
    assert page.count("<title>") == 1
    assert "draggable({" not in page


def test_page_carries_the_licences() -> None:
    page = render_offline(folium.Map(tiles=None))
    assert "leaflet 1.9.4 (BSD-2-Clause)" in page
    assert "Redistributions of source code must retain" in page
    assert "jquery 3.7.1 (MIT)" in page


def test_manifest_agrees_with_the_folder() -> None:
    manifest = json.loads((ASSETS / "assets.json").read_text(encoding="utf-8"))
    for entry in manifest["assets"]:
        content = (ASSETS / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
        assert (ASSETS / entry["licence_file"]).is_file()
    for entry in manifest["stand_ins"]:
        assert entry["reason"]
    listed = {
        entry["file"] for entry in (*manifest["assets"], *manifest["stand_ins"])
    } - {None}
    found = {
        path.relative_to(ASSETS).as_posix()
        for path in ASSETS.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert found - {"assets.json"} == listed


def test_every_link_of_a_plain_map_is_known() -> None:
    for _, url in (*folium.Map.default_js, *folium.Map.default_css):
        assert find_asset(url)
    with pytest.raises(AssetError, match=r"https://example\.org/leaflet\.js"):
        find_asset("https://example.org/leaflet.js")
