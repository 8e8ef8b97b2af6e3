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
# **Question: we have a roads file and an incident log. What do they change?**
#
# Both files are made here, so that the notebook needs no other: roads as anyone's
# GeoPackage with columns of its own, and a log of made-up incidents, which assess no
# real place. Put the names of yours instead.

# %%
import tempfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
layers = pp.read_layers(scenario)
folder = Path(tempfile.mkdtemp(prefix="patrolplan-"))

# %% [markdown]
# ## Roads
#
# A foreign file calls things otherwise: `CLASSE`, `REVETEMENT`. A mapping tells which
# column is which and what its words mean; a word that nobody mapped is refused by name.

# %%
driven = layers.lines[layers.lines["kind"].isin(["road", "track"])]
is_paved = driven["surface"].str.startswith("paved")
foreign = gpd.GeoDataFrame(
    {
        "ROAD_ID": driven["id"],
        "CLASSE": np.where(driven["kind"] == "road", "Route", "Piste"),
        "REVETEMENT": np.where(is_paved, "Goudron", "Latérite"),
    },
    geometry=driven.geometry,
    crs=driven.crs,
)
foreign.to_file(folder / "roads.gpkg", layer="lines")
(folder / "mapping.toml").write_text(
    """
[network]
snap_m = 25

[network.columns]
id = "ROAD_ID"
highway = "CLASSE"
surface = "REVETEMENT"

[network.values.highway]
"Route" = "primary"
"Piste" = "track"

[network.values.surface]
"Goudron" = "asphalt"
"Latérite" = "laterite"
""",
    encoding="utf-8",
)
roads = pp.read_road_network(
    folder / "roads.gpkg", pp.read_network_figures(folder / "mapping.toml")
)
print(f"{len(roads.name)} edges in {len(roads.components)} parts that hang together")
for part in roads.components[:4]:
    print(f"  {part.length_km:7,.0f} km")
print("left out:", dict(roads.left_out), "| words unknown:", dict(roads.unknown))

# %% [markdown]
# Without its ferries the network falls into parts. `roads.gaps` names the shortest
# bridge from each part to another: where to look for a road that is missing.
#
# Hours between a few towns, by the quickest way in the dry season; empty means no way.

# %%
towns = layers.population.set_index("id").loc[
    ["gao", "bourem", "kidal", "menaka", "ansongo", "goundam"]
]
minutes = pp.weigh_edges(roads, layers.speeds, "light_4x4", "dry")
found = pp.build_matrix(
    roads.edges, minutes, {i: (p.x, p.y) for i, p in towns.geometry.items()}
)
hours = pd.DataFrame(
    np.asarray(found.durations_min) / 60, index=towns["name"], columns=towns["name"]
).replace(np.inf, np.nan)
hours.round(1)

# %% [markdown]
# ## Incidents
#
# A plain log has a position, a day and how well the place is known. A column that looks
# personal refuses the file: patrolplan never needs one. The log below is **made up**.

# %%
rng = np.random.default_rng(7)
centres = {"talataye": 9, "anderamboukane": 7, "bourem": 3}
spots = layers.population.set_index("id").geometry
pd.DataFrame(
    [
        {
            "latitude": spots[site].y + rng.normal(0, 0.08),
            "longitude": spots[site].x + rng.normal(0, 0.08),
            "date": scenario.start - pd.Timedelta(days=int(rng.integers(5, 120))),
            "precision": "near",
            "against_civilians": "yes",
        }
        for site, count in centres.items()
        for _ in range(count)
    ]
).to_csv(folder / "incidents.csv", index=False)
incidents = pp.read_incidents(
    folder / "incidents.csv", area=scenario.area, figures=scenario.incidents
)
as_of, notices = pp.choose_as_of(incidents, scenario.start)
threat = pp.estimate_threat(
    layers.population, incidents, as_of=as_of, settings=scenario.incidents
)
threat.sort_values("value", ascending=False).head(5)

# %% [markdown]
# Risk with threat from the zones, and with threat from the log. Where nothing is
# logged, threat falls to 1 with low confidence: silence is no proof of peace.

# %%
zones_say = pp.rate_scenario(scenario).sites
log_says = pp.rate_scenario(scenario, incidents=folder / "incidents.csv").sites
change = pd.DataFrame(
    {
        "name": zones_say["name"],
        "by_zones": zones_say["risk"],
        "by_log": log_says["risk"],
        "change": log_says["risk"] - zones_say["risk"],
    }
)
change.sort_values("change", ascending=False, key=abs).head(8).round(2)

# %%
figure, pair = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
for axes, table, title in zip(
    pair, (zones_say, log_says), ("Risk by zones", "Risk by the log"), strict=True
):
    pp.plot_backdrop(layers, ax=axes)
    table.plot(
        "risk",
        ax=axes,
        cmap="OrRd",
        vmin=1,
        vmax=5,
        edgecolor="0.3",
        markersize=42,
        legend=axes is pair[1],
        zorder=3,
    )
    axes.set_title(title)
figure.suptitle("Made-up incidents and ILLUSTRATIVE zones: a method, no assessment")
plt.show()

# %% [markdown]
# The network that was read, one colour for each part that hangs together:

# %%
parts = gpd.GeoDataFrame(
    {"name": roads.name, "surface": roads.surface, "part": roads.component.astype(str)},
    geometry=roads.edges.geometry,
    crs=4326,
)
pp.show_offline(
    pp.escape_frame(parts).explore("part", tiles=None, cmap="tab10", legend=True),
    title="Roads of one's own",
    height_px=420,
)
