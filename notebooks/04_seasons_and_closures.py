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
# # Seasons and closures
#
# **Question: what do the rains, the river, and one ferry take from us?**

# %%
from datetime import date

import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
layers = pp.read_layers(scenario)
roads = pp.read_roads(scenario, layers)

# %% [markdown]
# ## What closes when
#
# The flood calendar goes by gauge: the Niger peaks at Mopti in October and at Gao in
# January. So a place can be driest when the rain is long over, and wettest in January.

# %%
layers.flood[["name", "gauge", "from_day", "to_day", "effect", "confidence"]]

# %%
days = {
    "dry": date(2014, 2, 3),
    "rains": date(2014, 8, 4),
    "river at Mopti": date(2014, 11, 3),
}
causes = {
    name: [cause.name for cause in roads.list_causes("light_4x4", day)]
    for name, day in days.items()
}
causes

# %% [markdown]
# ## Ways by season
#
# One light vehicle on the quickest ways, hours without nights. Where the river closes a
# line the way leads round, or there is none.

# %%
places = pp.list_places(layers.population, layers.bases)
network = pp.build_network(layers.lines, places, snap_km=scenario.movement.snap_km)
pairs = [("gao", "kidal"), ("mopti", "gao"), ("douentza", "tombouctou")]
hours = {}
for name, day in days.items():
    state = roads.find_state("light_4x4", day)
    hours[name] = {}
    for start, end in pairs:
        found = pp.find_routes(network, layers.speeds, [start, end], state)
        hours[name][f"{start} to {end}"] = found[0].duration_min / 60
pd.DataFrame(hours).round(1)

# %% [markdown]
# ## The ferry of Koriomé
#
# Timbuktu lies beyond the river. Closing one line is one word in a scenario, or
# `--close koriome-ferry` on the command line.

# %%
closed = scenario.lines.model_copy(update={"closed": ("koriome-ferry",)})
asked = {
    "November": scenario,
    "August, in the rains": scenario.replace(start=days["rains"]),
    "November, no ferry": scenario.replace(lines=closed),
}
studies = {
    name: pp.plan_patrols(one, iterations=200, on_progress=pp.ProgressBar(name))
    for name, one in asked.items()
}
pd.DataFrame(
    {
        name: {
            "need met": study.assessment.need_met,
            "people reached": study.assessment.people_reached,
            "patrols": len(study.plan_file.patrols),
            "km": study.legs["length_km"].sum(),
            "hours on the road": study.legs["driving_min"].sum() / 60,
        }
        for name, study in studies.items()
    }
).round().astype(int)

# %% [markdown]
# Who loses by it, and why: each plan says so of every site that it leaves out.

# %%
usual, without = (
    {entry.site_id: entry.reason for entry in studies[name].assessment.unserved}
    for name in ("November", "November, no ferry")
)
{site: reason for site, reason in without.items() if site not in usual}

# %%
colours = pp.colour_teams(*(study.plan_file for study in studies.values()))
figure, row = plt.subplots(1, 3, figsize=(14, 5), layout="constrained")
for axes, (name, study) in zip(row, studies.items(), strict=True):
    pp.plot_backdrop(study.layers, ax=axes)
    pp.plot_ways(study.plan_file, ax=axes, colours=colours)
    axes.set_title(name)
plt.show()

# %% [markdown]
# The same sites on a map with names to click: those that the ferry takes are red.

# %%
sites = studies["November, no ferry"].sites
lost = sites.index.isin(set(without) - set(usual))
shown = sites.assign(lost=["lost" if one else "as before" for one in lost])
pp.show_offline(
    pp.escape_frame(shown[["name", "people", "lost", "geometry"]]).explore(
        "lost", tiles=None, cmap=["#7a8b99", "#c0392b"]
    ),
    title="What the ferry of Koriomé takes",
)
