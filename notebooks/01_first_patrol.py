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
# # A first patrol in ten lines
#
# **Question: who goes where next month, whom do we reach, and whom do we leave out?**
#
# From the built-in layers of northern Mali to a plan, its judgement and its map. All of
# it runs without a network. Zones of risk are ILLUSTRATIVE, and so are the teams.

# %%
import matplotlib.pyplot as plt

import patrolplan as pp

scenario = pp.find_shipped() / "scenarios" / "north-mali.toml"
study = pp.plan_patrols(scenario, iterations=200, on_progress=pp.ProgressBar())
study

# %% [markdown]
# That is the plan: what it meets, what no plan could exceed, who leaves when, and who
# is left out and why. The figures come from the referee, which shares no code with the
# solver. It says what it found:

# %%
assert not study.assessment.violations
study.sites[["name", "people", "risk", "need", "visited_by"]].sort_values(
    "need", ascending=False
).head(8)

# %% [markdown]
# Sites and legs are GeoDataFrames. `explore` shows names as HTML and, built in, fetches
# tiles; `escape_frame` and `show_offline` make it safe with anybody's names, offline.

# %%
sites = study.sites.reset_index()
pp.show_offline(
    pp.escape_frame(
        sites[["site_id", "name", "need", "visited_by", "geometry"]]
    ).explore(
        "need",
        tiles=None,
        cmap="OrRd",
        marker_kwds={"radius": 7},
        style_kwds={"color": "#444", "weight": 1, "fillOpacity": 0.9},
    ),
    title="Need of each site",
    height_px=420,
)

# %% [markdown]
# The same for paper: patrols in colour, sites without a visit hollow.

# %%
axes = pp.plot_backdrop(study.layers)
study.legs.plot("team_id", ax=axes, linewidth=2.6, legend=True, cmap="Dark2")
visited = study.sites["visited_by"].notna()
study.sites[visited].plot(ax=axes, color="black", markersize=26, zorder=3)
study.sites[~visited].plot(
    ax=axes, color="white", edgecolor="black", markersize=26, zorder=3
)
axes.set_title("Four weeks of patrols; hollow sites get no visit")
plt.show()

# %% [markdown]
# And the map that goes out with the patrols: `pp.write_pack(study, folder)` writes it
# with orders, tracks and tables. It is CONFIDENTIAL: it tells where patrols will be.

# %%
pp.show_offline(pp.draw_plan(study), title="Patrols", height_px=560)
