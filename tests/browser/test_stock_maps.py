"""Stock folium maps, as anybody writes them, opened with no network."""

from __future__ import annotations

from pathlib import Path

import folium
import geopandas as gpd
import pytest
from branca.colormap import LinearColormap
from folium import plugins
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

import patrolplan as pp

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
DAYS = [f"2014-11-{day:02d}" for day in range(3, 9)]
ALPHABET = "<>/\"'`${}%&;=()\\AZ19 scriptimgonerrorx"


def build_map(**more) -> folium.Map:
    return folium.Map(location=[16.5, 0.0], zoom_start=6, tiles=None, **more)


def build_track() -> dict:
    line = [[-0.04 + n / 4, 16.27 + n / 3] for n in range(len(DAYS))]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {"times": DAYS, "popup": "way"},
            }
        ],
    }


def write(folder, drawn) -> Path:
    path = folder / "stock.html"
    path.write_text(pp.render_offline(drawn), encoding="utf-8")
    return path


def count_drawn(page) -> int:
    """Count the points of the heat canvas that are not blank."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector("canvas.leaflet-heatmap-layer");
          const data = canvas.getContext("2d").getImageData(
            0, 0, canvas.width, canvas.height).data;
          return data.filter((value, at) => at % 4 === 3 && value > 0).length;
        }"""
    )


def test_heat_timeline_and_grouped_layers_work_together(open_offline, tmp_path) -> None:
    drawn = build_map()
    heat = folium.FeatureGroup("Heat").add_to(drawn)
    plugins.HeatMap([[16.27, -0.04, 3], [17.0, 0.5, 1]], radius=30).add_to(heat)
    sites = folium.FeatureGroup("Sites").add_to(drawn)
    folium.Marker([16.27, -0.04], tooltip="Gao").add_to(sites)
    folium.Marker([18.44, 1.41], icon=folium.DivIcon(html="<b>K</b>")).add_to(sites)
    plugins.TimestampedGeoJson(build_track(), period="P1D", loop=True).add_to(drawn)
    plugins.GroupedLayerControl(
        {"Need": [heat], "Places": [sites]}, exclusive_groups=False, collapsed=False
    ).add_to(drawn)
    plugins.Fullscreen().add_to(drawn)
    opened = open_offline(write(tmp_path, drawn))
    page = opened.page

    clock = page.locator(".timecontrol-date")
    seen = {clock.inner_text()}
    for _ in range(60):
        page.wait_for_timeout(100)
        seen.add(clock.inner_text())
        if len(seen) > 2:
            break
    assert len(seen) > 2
    assert all(text[:10] in DAYS for text in seen)

    assert count_drawn(page) > 500
    boxes = page.locator(".leaflet-control-layers-overlays input")
    boxes.nth(0).uncheck()
    assert page.locator("canvas.leaflet-heatmap-layer").count() == 0
    boxes.nth(0).check()
    page.wait_for_timeout(200)
    assert count_drawn(page) > 500
    markers = page.locator(".leaflet-marker-pane > *")
    before = markers.count()
    boxes.nth(1).uncheck()
    assert markers.count() == before - 2
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "stock-map.png")
    opened.assert_quiet()


def test_heat_plays_in_time(open_offline, tmp_path) -> None:
    drawn = build_map()
    steps = [[[16.27 + n / 5, -0.04 + n / 5, 1.0]] for n in range(5)]
    plugins.HeatMapWithTime(steps, index=DAYS[:5], auto_play=True).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    opened = open_offline(write(tmp_path, drawn))
    page = opened.page
    seen = set()
    for _ in range(60):
        page.wait_for_timeout(100)
        seen.add(page.locator(".timecontrol-date").inner_text())
        if len(seen) > 2:
            break
    assert len(seen) > 2
    assert page.locator("canvas.heatmap-canvas").count() == 1
    opened.assert_quiet()


def build_choropleth() -> folium.Map:
    drawn = build_map()
    areas = gpd.GeoDataFrame(
        {"id": ["a", "b"], "need": [1.0, 2.0]},
        geometry=[box(-1, 16, 0, 17), box(0, 16, 1, 17)],
        crs=4326,
    )
    folium.Choropleth(
        areas.to_json(),
        data=areas,
        columns=["id", "need"],
        key_on="feature.properties.id",
        legend_name="Need",
    ).add_to(drawn)
    return drawn


def build_many() -> folium.Map:
    drawn = build_map()
    cluster = plugins.MarkerCluster(name="cluster").add_to(drawn)
    for n in range(20):
        folium.Marker([16 + n / 50, 0.1]).add_to(cluster)
    folium.Marker([17, 1], icon=folium.Icon(color="red")).add_to(drawn)
    LinearColormap(["red", "blue"], vmin=0, vmax=5, caption="Need").add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    return drawn


def build_minimap() -> folium.Map:
    drawn = build_map()
    pixel = (
        "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    )
    tiles = folium.TileLayer(pixel, attr="none", control=False)
    plugins.MiniMap(tile_layer=tiles, toggle_display=True).add_to(drawn)
    return drawn


def build_explored() -> folium.Map:
    sites = gpd.GeoDataFrame(
        {"name": ["Gao", "Kidal"], "need": [1.0, 2.0]},
        geometry=[Point(-0.04, 16.27), Point(1.41, 18.44)],
        crs=4326,
    )
    return sites.explore("need", tiles=None)


def build_in_figure() -> folium.Map:
    figure = folium.Figure(width=600, height=400)
    drawn = build_map()
    figure.add_child(drawn)
    folium.CircleMarker([16.27, -0.04], popup="Gao").add_to(drawn)
    return drawn


@pytest.mark.parametrize(
    ("build", "sign"),
    [
        (build_choropleth, "path.leaflet-interactive"),
        (build_many, ".marker-cluster"),
        (build_many, ".legend"),
        (build_minimap, ".leaflet-control-minimap"),
        (build_explored, "path.leaflet-interactive"),
        (build_in_figure, "path.leaflet-interactive"),
    ],
)
def test_stock_parts_show(open_offline, tmp_path, build, sign) -> None:
    opened = open_offline(write(tmp_path, build()))
    assert opened.page.locator(sign).count() > 0
    opened.assert_quiet()


@settings(
    max_examples=8,
    deadline=None,
    # Shrinking would open a browser's page thousands of times.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    words=st.lists(
        st.one_of(
            st.text(ALPHABET, max_size=30),
            st.sampled_from(
                [
                    "A{{7*191}}Z",
                    "</script><script>window.ran=1</script>",
                    "<img src=x onerror=window.ran=1>",
                    "`+(window.ran=1)+`",
                    "${window.ran=1}",
                    "{% set a = 1 %}",
                    "__proto__",
                ]
            ),
        ),
        min_size=3,
        max_size=3,
    )
)
def test_escaped_names_are_shown_and_never_run(open_offline, tmp_path, words) -> None:
    # Leaflet shows no popup that is empty.
    words = [f"x{word}" for word in words]
    popup, tooltip, layer = (pp.escape_text(word) for word in words)
    drawn = build_map()
    folium.FeatureGroup(layer).add_to(drawn)
    # In a group folium opens the popup before the group is on the map.
    marker = folium.Marker([16.27, -0.04], popup=folium.Popup(popup, show=True))
    folium.Tooltip(tooltip, permanent=True).add_to(marker)
    marker.add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    opened = open_offline(write(tmp_path, drawn))
    page = opened.page
    assert page.evaluate("window.ran") is None
    for selector, word in (
        (".leaflet-popup-content", words[0]),
        (".leaflet-tooltip", words[1]),
    ):
        shown = page.locator(selector).text_content()
        assert " ".join(shown.split()) == " ".join(word.split())
    opened.assert_quiet()
    page.context.close()


@pytest.mark.parametrize(
    "word",
    [
        "A{{7*191}}Z",
        "</script><script>window.ran=1</script>",
        "<svg onload=window.ran=1>",
        "<b onmouseover=window.ran=1 onclick=window.ran=1>x</b>",
    ],
)
def test_even_unescaped_names_run_nothing(open_offline, tmp_path, word) -> None:
    drawn = build_map()
    marker = folium.Marker([16.27, -0.04], popup=folium.Popup(word, show=True))
    folium.Tooltip(word, permanent=True).add_to(marker)
    group = folium.FeatureGroup(word).add_to(drawn)
    marker.add_to(group)
    folium.LayerControl(collapsed=False).add_to(drawn)
    track = build_track()
    track["features"][0]["properties"]["popup"] = word
    plugins.TimestampedGeoJson(track).add_to(drawn)
    opened = open_offline(write(tmp_path, drawn))
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.ran") is None
    assert "A1337Z" not in opened.page.content()
    assert opened.dialogs == []
    assert opened.requests == []
