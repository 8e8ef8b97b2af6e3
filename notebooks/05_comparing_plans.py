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
# # Comparing plans, and what is traded for what
#
# **Question: how much need do we give up to send fewer crews, or burn less fuel? And is
# there another plan as good?**

# %%
import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
quick = scenario.replace(iterations=200)
found = pp.find_tradeoff(quick, points=4)
table = pp.tabulate_tradeoff(found)
table[["point", "state", "need_met", "exposure_h", "fuel_l", "patrols"]]

# %% [markdown]
# Each point in a sentence, as the page of `patrolplan tradeoff` has it. Only a point
# that a bound proves is called exact.

# %%
for sentence in table["sentence"]:
    print("-", sentence)

# %%
figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
dots = axes.scatter(
    table["exposure_h"], table["need_met"], c=table["fuel_l"], cmap="viridis", s=90
)
figure.colorbar(dots, label="fuel, L")
axes.set(xlabel="crew-hours outside the base", ylabel="need met")
axes.set_title("No plan here is better in all three")
plt.show()

# %% [markdown]
# ## Side by side
#
# All teams, and one fewer; what differs in words, and what of it follows from what.

# %%
fewer = quick.replace(teams=quick.teams[1:])
plans = [
    pp.plan_patrols(one, on_progress=pp.ProgressBar(name))
    for name, one in (("all", quick), ("one fewer", fewer))
]
compared = pp.compare_plans([study.plan_file for study in plans], plans[0].layers)
for told in compared[1].told[:8]:
    print("-", told.text.en)

# %%
pp.tabulate_comparison(compared)[
    ["plan", "need_met", "people_reached", "patrols", "km", "fuel_l", "lost"]
]

# %%
colours = pp.colour_teams(*(study.plan_file for study in plans))
figure, pair = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
for axes, study, name in zip(pair, plans, ("A: all", "B: one fewer"), strict=True):
    pp.plot_backdrop(study.layers, ax=axes)
    pp.plot_ways(study.plan_file, ax=axes, colours=colours)
    axes.set_title(name)
plt.show()

# %% [markdown]
# ## Others as good
#
# Plans that give up 5 % of the need at most and share as few sites and legs as can be
# with the best one: for a commander who knows what no figure knows.

# %%
best = plans[0]
others = pp.list_alternatives(best, 2, seed=1)
pd.DataFrame(
    [
        {
            "plan": name,
            "need met": plan.assessment.need_met,
            "sites": len({s.site_id for p in plan.patrols for s in p.stops} - {None}),
            "km": sum(leg.length_km for p in plan.patrols for leg in p.legs),
        }
        for name, plan in [
            ("best", best.plan_file),
            *((f"other {n}", one.plan_file) for n, one in enumerate(others, start=1)),
        ]
    ]
).round(0)

# %%
files = [best.plan_file, *(one.plan_file for one in others)]
figure, row = plt.subplots(1, len(files), figsize=(14, 5), layout="constrained")
for number, (axes, plan) in enumerate(zip(row, files, strict=True)):
    pp.plot_backdrop(best.layers, ax=axes)
    pp.plot_ways(plan, ax=axes, colours=colours)
    axes.set_title(f"Another as good, {number}" if number else "The best plan")
plt.show()

# %% [markdown]
# Which sites stay whatever the choice, and which hang on it. Names are strangers' text,
# so they are escaped first, and the map fetches nothing.

# %%
sites = best.sites
counted = sum(
    sites.index.isin([stop.site_id for patrol in plan.patrols for stop in patrol.stops])
    for plan in files
)
shown = sites.assign(of_plans=counted)[["name", "people", "of_plans", "geometry"]]
pp.show_offline(
    pp.escape_frame(shown).explore(
        "of_plans",
        tiles=None,
        categorical=True,
        cmap="YlGn",
        marker_kwds={"radius": 7},
        style_kwds={"color": "#444", "weight": 1, "fillOpacity": 0.9},
    ),
    title=f"In how many of the {len(files)} plans each site is visited",
)
