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
# # A batch, and what its plans have in common
#
# One plan answers one question. A batch asks many at once: three times of year, two
# rosters, roads open or closed. What does every plan do, and whom does none reach?
# On the command line it is `patrolplan batch scenarios/season-grid.toml --jobs 2`, then
# `patrolplan compare --ensemble out`.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

import patrolplan as pp

folder = Path(tempfile.mkdtemp())
grid = pp.find_shipped() / "scenarios" / "season-grid.toml"
variants = pp.read_batch([grid])
[variant.name for variant in variants]

# %% [markdown]
# Each pack is written whole or not at all, and a bad scenario fails alone. Few rounds,
# so that the notebook is quick: the grid's own budget is a thousand.

# %%
options = pp.BatchOptions(iterations=30, kind="plan")
for _, entry in pp.plan_batch(variants, folder, options=options):
    print(entry.row.name, entry.row.faults or "planned")

# %% [markdown]
# ## Taken together
#
# Every plan weighs the same: an ensemble says what depends on season, roster and roads,
# and what does not. It is no forecast.

# %%
layers = pp.read_layers(pp.read_scenario(grid.with_name("north-mali.toml")))
members = pp.read_members(folder / variant.name for variant in variants)
settings = {variant.name: tuple(variant.settings) for variant in variants}
members = [m._replace(settings=settings[m.name]) for m in members]
ensemble = pp.gather_ensemble(members, lines=layers.lines)
ensemble.sites[["name", "people", "visited", "plans", "share", "reason"]].head(12)

# %% [markdown]
# Sites that no plan reaches, and why.

# %%
never = ensemble.sites[(ensemble.sites["visited"] == 0) & (ensemble.sites["held"] == 0)]
never[["name", "people", "reason"]]

# %% [markdown]
# Lines that carry most: what must be kept open, whatever the month.

# %%
ensemble.lines[["name", "driven", "plans", "passes_per_plan"]].head(10)

# %% [markdown]
# ## By season
#
# The share of plans that visit a site, dry against rains.

# %%
of_season = ensemble.by_axis.query("kind == 'site' and axis == 'season'")
by_season = of_season.pivot_table(index="id", columns="value", values="share")
names = ensemble.sites.set_index("site_id")["name"]
by_season["change"] = by_season["rains"] - by_season["dry"]
changed = by_season[by_season["change"].abs() > 0].rename(index=names)
changed.sort_values("change").round(2)

# %%
figure, axes = plt.subplots(figsize=(11, 8))
layers.regions.boundary.plot(ax=axes, color="0.7", linewidth=0.8)
layers.rivers.plot(ax=axes, color="lightsteelblue", linewidth=1)
driven = ensemble.lines[ensemble.lines["driven"] > 0]
driven.plot(
    ax=axes, color="0.3", linewidth=0.4 + driven["passes_per_plan"].astype(float) / 4
)
ensemble.sites.plot(
    ax=axes,
    column=ensemble.sites["share"].astype(float),
    cmap="YlGnBu",
    vmin=0,
    vmax=1,
    edgecolor="black",
    markersize=60,
    legend=True,
    legend_kwds={"label": "share of plans that visit the site", "shrink": 0.6},
)
for row in ensemble.sites.itertuples():
    if row.visited == 0 and row.held == 0 and row.people is not None:
        axes.annotate(
            row.name, (row.geometry.x, row.geometry.y), xytext=(4, 4),
            textcoords="offset points", fontsize=7, color="firebrick",
        )  # fmt: skip
axes.set_xlim(-6.5, 4)
axes.set_ylim(13.5, 21)
axes.set_title("Twelve plans together; red names are reached by none")
plt.show()

# %% [markdown]
# The same on a map with names to click. Names are strangers' text, so they are escaped
# first, and the map fetches nothing.

# %%
shown = ensemble.sites[["name", "visited", "plans", "share", "reason", "geometry"]]
pp.show_offline(
    pp.escape_frame(shown).explore("share", tiles=None, cmap="YlGnBu"),
    title="Share of plans that visit each site",
)
