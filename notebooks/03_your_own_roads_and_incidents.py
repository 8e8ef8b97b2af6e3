# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bring your own roads and incidents
#
# patrolplan ships a hundred curated lines and no incident at all. Both can be yours: a
# graph made in Python, a file of roads with columns of its own, a log of incidents.
#
# The roads below are **sketched** straight from town to town, and the incidents are
# **made up** by a random generator. They show how to bring your own, and nothing else.

# %%
import tempfile
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from shapely.geometry import LineString

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
layers = pp.read_layers(scenario)
towns = layers.population.set_index("id")
places = {
    town: (towns.geometry[town].x, towns.geometry[town].y)
    for town in ("gao", "bourem", "kidal", "ansongo", "menaka", "gossi")
}
folder = Path(tempfile.mkdtemp(prefix="own-"))

# %% [markdown]
# ## A graph of one's own
#
# Any graph of networkx, such as osmnx makes. Nodes bear `x` and `y` in degrees; edges
# bear what OpenStreetMap would say of them. An undirected graph leads both ways.

# %%
graph = nx.Graph()
for town, (lon, lat) in places.items():
    graph.add_node(town, x=lon, y=lat)
graph.add_edge("gao", "bourem", highway="primary", surface="asphalt", length=95_000.0)
graph.add_edge("bourem", "kidal", highway="track")
graph.add_edge("gao", "ansongo", highway="primary")
graph.add_edge("ansongo", "menaka", highway="track", speed_kmh=25.0)
graph.add_edge("gao", "menaka", highway="track")
graph.add_edge("gao", "gossi", highway="trunk", surface="asphalt")

network = pp.build_network(graph=graph, places=places, snap_km=15, bases=["gao"])
state = pp.RoadState("light_4x4", "dry")
travel = pp.build_travel(network, layers.speeds, list(places), state)
hours = pd.DataFrame(
    travel.durations_min / 60, index=list(places), columns=list(places)
)
hours.round(1)

# %% [markdown]
# Take an edge away, and the way leads round.

# %%
closed = graph.copy()
closed.remove_edge("gao", "menaka")
detour = pp.build_network(graph=closed, places=places, snap_km=15, bases=["gao"])
ways = {}
for name, chosen in (("all open", network), ("one edge shut", detour)):
    (ways[name],) = pp.find_routes(chosen, layers.speeds, ["gao", "menaka"], state)
    length_km = ways[name].length_m / 1000
    print(f"{name}: {length_km:.0f} km, {ways[name].duration_min / 60:.1f} h")

# %% [markdown]
# What cannot be meant is refused, all of it at once, each fault with its edge.

# %%
wrong = graph.copy()
wrong.edges["gao", "gossi"]["length"] = -3.0
wrong.edges["ansongo", "menaka"]["speed_kmh"] = float("inf")
try:
    pp.read_road_graph(wrong)
except pp.InputError as error:
    print(error)

# %% [markdown]
# ## A file with foreign columns
#
# Here a GeoPackage as a road office might send it: its own headings, French classes,
# one footpath, one road that ends 200 m short of its town, one far off.

# %%
sketched = gpd.GeoDataFrame(
    [
        (
            "R1",
            "Route nationale",
            "Goudron",
            LineString([places["gao"], places["bourem"]]),
        ),
        ("R2", "Piste", None, LineString([places["bourem"], places["kidal"]])),
        (
            "R3",
            "Route nationale",
            "Latérite",
            LineString([places["gao"], places["ansongo"]]),
        ),
        ("R4", "Piste", None, LineString([places["ansongo"], places["menaka"]])),
        ("R5", "Sentier", None, LineString([places["kidal"], places["menaka"]])),
        (
            "R6",
            "Route nationale",
            "Goudron",
            LineString([(places["gao"][0] - 0.002, places["gao"][1]), places["gossi"]]),
        ),
        ("R7", "Piste", None, LineString([(-3.0, 19.0), (-3.4, 19.6)])),
    ],
    columns=["NUMERO", "CLASSE", "REVETEMENT", "geometry"],
    crs="EPSG:4326",
)
sketched.to_crs("EPSG:32631").to_file(folder / "routes.gpkg", layer="routes")

mapping = """
[network]
layer = "routes"
snap_m = 300

[network.columns]
id = "NUMERO"
highway = "CLASSE"
surface = "REVETEMENT"

[network.values.highway]
"Route nationale" = "primary"
"Piste" = "track"
"Sentier" = "path"

[network.values.surface]
"Goudron" = "asphalt"
"Latérite" = "laterite"
"""
(folder / "map.toml").write_text(mapping, encoding="utf-8")

figures = pp.read_network_figures(folder / "map.toml")
roads = pp.read_road_network(folder / "routes.gpkg", figures)
print("left out:", dict(roads.left_out))
print("loose ends joined, m:", np.round(roads.snapped_m).tolist())
for number, part in enumerate(roads.components):
    print(f"component {number}: {part.length_km:.0f} km")
for gap in roads.gaps:
    print(f"component {gap.component} is {gap.distance_m / 1000:.0f} km from the rest")

# %% [markdown]
# A file may be of a whole country: then edges are a table, not a graph. Minutes come
# from the speeds of the class of vehicle, as everywhere.

# %%
minutes = pp.weigh_edges(roads, layers.speeds, "light_4x4", "dry")
matrix = pp.build_matrix(roads.edges, minutes, places)
pd.DataFrame(matrix.durations_min / 60, index=list(places), columns=list(places)).round(
    1
)

# %%
figure, axes = plt.subplots(figsize=(10, 7))
layers.regions.boundary.plot(ax=axes, color="0.8", linewidth=0.8)
layers.rivers.plot(ax=axes, color="lightsteelblue", linewidth=1)
sketched.plot(ax=axes, column="CLASSE", cmap="Dark2", linewidth=2, legend=True)
lon, lat = zip(*ways["one edge shut"].coordinates, strict=True)
axes.plot(lon, lat, color="black", linewidth=6, alpha=0.2)
for town, (lon, lat) in places.items():
    axes.plot(lon, lat, "o", color="black")
    axes.annotate(
        towns.at[town, "name"],
        (lon, lat),
        xytext=(7, 6),
        textcoords="offset points",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
axes.set_xlim(-4.5, 4)
axes.set_ylim(14.5, 20.5)
axes.set_title("SKETCHED roads by class; grey: from Gao to Ménaka, one edge shut")
plt.show()

# %% [markdown]
# The same to click. Headings and names of others are strangers' text, so they are
# escaped first, and the map fetches nothing.

# %%
pp.show_offline(
    pp.escape_frame(sketched).explore("CLASSE", tiles=None, cmap="Dark2"),
    title="Sketched roads by class",
)

# %% [markdown]
# ## Incidents: a made-up log
#
# Only where, when, how precisely known, whether against civilians and who found it are
# read. Columns such as names of persons refuse the whole file; what else stands there
# is dropped at the door. The positions are drawn by lot round three points of the map.

# %%
rng = np.random.default_rng(7)
centres = np.array([(-0.6, 15.6), (2.2, 15.9), (-3.6, 16.0)])
chosen = rng.choice(len(centres), size=160, p=[0.5, 0.3, 0.2])
spots = centres[chosen] + rng.normal(0, 0.7, (160, 2))
log = pd.DataFrame(
    {
        "latitude": spots[:, 1].round(3),
        "longitude": spots[:, 0].round(3),
        "date": [
            (date(2014, 11, 2) - timedelta(days=int(days))).isoformat()
            for days in rng.integers(1, 300, 160)
        ],
        "precision": rng.choice(["place", "near", "area"], 160, p=[0.4, 0.4, 0.2]),
        "against_civilians": rng.choice(["yes", "no"], 160, p=[0.8, 0.2]),
        "origin": rng.choice(["reported", "discovered_by_patrol"], 160, p=[0.9, 0.1]),
        "remark": "made up",
    }
)
log.to_csv(folder / "made_up.csv", index=False)

incidents = pp.read_incidents(
    folder / "made_up.csv", area=scenario.area, figures=scenario.incidents
)
as_of, _ = pp.choose_as_of(incidents, scenario.start)
print(incidents.count, "made-up incidents; dropped columns:", incidents.dropped)
for notice in pp.list_threat_notices(
    incidents, as_of=as_of, settings=scenario.incidents
):
    print(notice.code, notice.values)

# %% [markdown]
# What patrols discover themselves has no part: it would send them where they go anyway.
#
# ## Threat
#
# Recent incidents within reach, each by how likely it was there and how much of it has
# faded. Each sum can be added up again.

# %%
threat = pp.estimate_threat(
    layers.population, incidents, as_of=as_of, settings=scenario.incidents
)
terms = pp.list_threats(
    layers.population, incidents, as_of=as_of, settings=scenario.incidents
)
top = threat.sort_values("value", ascending=False).head(8)
assert np.allclose(
    terms.groupby("site_id")["value"].sum()[top["site_id"]], top["value"]
)
top[["site_id", "threat", "value", "unit", "confidence"]]

# %% [markdown]
# Threat from incidents takes the place of the zone's in the sum of risk. A site with no
# incident near gets 1 with low confidence: silence is no proof of peace.

# %%
before = pp.rate_scenario(scenario).sites
after = pp.rate_scenario(scenario, incidents=folder / "made_up.csv").sites
beside = before[["name", "risk"]].assign(
    risk_now=after["risk"], threat_from=after["threat_basis"]
)
beside.loc[(beside["risk_now"] - beside["risk"]).abs().nlargest(8).index].round(2)

# %% [markdown]
# ## Hot spots: a second opinion
#
# They make no threat, no risk and no need. They are laid beside the threat so that
# somebody asks where the two disagree.

# %%
hotspots = pp.estimate_hotspots(
    incidents,
    as_of=as_of,
    area=scenario.area,
    figures=scenario.hotspots,
    settings=scenario.incidents,
)
opinions = pp.compare_with_threat(layers.population, threat, hotspots)
print(hotspots.count, "incidents,", int(hotspots.cells["hot"].sum()), "hot cells")
opinions["opinion"].value_counts().to_frame()

# %% [markdown]
# To look around in, with no network: cells, never an incident.

# %%
pp.show_offline(
    pp.draw_hotspots(hotspots, layers, threat), title="Hot spots of MADE-UP incidents"
)

# %%
located = layers.population.merge(threat, left_on="id", right_on="site_id")
figure, (left, right) = plt.subplots(1, 2, figsize=(15, 6.5), layout="constrained")
for axes in (left, right):
    layers.regions.boundary.plot(ax=axes, color="0.75", linewidth=0.8)
    layers.rivers.plot(ax=axes, color="lightsteelblue", linewidth=1)
    axes.set_xlim(-6.5, 4.5)
    axes.set_ylim(13.5, 20.5)
located.plot(
    ax=left,
    column="threat",
    cmap="OrRd",
    vmin=1,
    vmax=5,
    markersize=70,
    edgecolor="0.3",
    legend=True,
    legend_kwds={"label": "threat", "shrink": 0.6},
)
left.set_title("Threat to sites, from MADE-UP incidents")
cells = hotspots.cells
cells[cells["density"] > 0.02 * cells["density"].max()].plot(
    ax=right,
    column="density",
    cmap="Purples",
    alpha=0.8,
    legend=True,
    legend_kwds={"label": "incidents per 1,000 km² and year", "shrink": 0.6},
)
cells[cells["hot"]].boundary.plot(ax=right, color="black", linewidth=1.8)
apart = opinions[opinions["opinion"].isin(["hot_but_low", "high_but_not_hot"])]
located.plot(ax=right, color="white", edgecolor="0.3", markersize=18)
located[located["id"].isin(apart["site_id"])].plot(
    ax=right, color="gold", edgecolor="black", markersize=55
)
right.set_title("Hot cells framed; gold: the two opinions differ, so ask")
plt.show()
