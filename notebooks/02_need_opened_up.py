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
# # The need model opened up
#
# **Question: why does the plan go there, and would it still if we rated otherwise?**
#
# Need is people × weight(risk), and risk is a weighted sum of threat, vulnerability and
# missing capacity, each 1 to 5, each with its source. Unknown is not zero: where people
# or a factor are unknown, need is unknown.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
rating = pp.rate_scenario(scenario)
sites = rating.sites
factors = ["threat", "vulnerability", "capacity"]
sites[["name", *factors, "risk", "people", "weight", "need"]].sort_values(
    "need", ascending=False
).head(10)

# %% [markdown]
# ## Added up again by hand
#
# More threat or vulnerability is more risk; more capacity is less, so it counts 6 − c.
# The weights and the steps are fields of the scenario.

# %%
weights = scenario.need.factor_weights
by_hand = (
    weights["threat"] * sites["threat"]
    + weights["vulnerability"] * sites["vulnerability"]
    + weights["capacity"] * (6 - sites["capacity"])
)
own = sites["zone_id"].notna() & by_hand.notna()
assert (by_hand[own] - sites.loc[own, "risk"]).abs().max() < 1e-9
dict(weights), scenario.need.risk_weights

# %% [markdown]
# ## Where each score comes from
#
# No score without its basis, source, date and confidence. Here is the gravest site
# whose people are known:

# %%
gravest = sites.sort_values(["risk", "need"], ascending=False).index[0]
parts = ["value", "unit", "basis", "source", "date", "confidence"]
pd.DataFrame(
    {f: {p: sites.at[gravest, f"{f}_{p}"] for p in parts} for f in factors}
).rename_axis(sites.at[gravest, "name"]).fillna("—")

# %% [markdown]
# ## What makes up the risk of the places that need most

# %%
most = sites[own].nlargest(12, "need").iloc[::-1]
shares = pd.DataFrame(
    {
        "threat": weights["threat"] * most["threat"],
        "vulnerability": weights["vulnerability"] * most["vulnerability"],
        "missing capacity": weights["capacity"] * (6 - most["capacity"]),
    }
).set_axis(most["name"])
axes = shares.plot.barh(
    stacked=True, figsize=(9, 4.5), color=["#b2182b", "#ef8a62", "#fddbc7"]
)
axes.set(xlabel="risk to civilians, 1 to 5", ylabel="", xlim=(0, 5))
axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
plt.show()

# %% [markdown]
# ## If threat counted for more
#
# The same layers, rated with threat at 60 % of the sum. Who rises, who falls?

# %%
heavier = {"threat": 0.6, "vulnerability": 0.2, "capacity": 0.2}
other = pp.rate_scenario(
    scenario.replace(need=scenario.need.model_copy(update={"factor_weights": heavier}))
).sites
moved = pd.DataFrame(
    {
        "name": sites["name"],
        "rank": sites["need"].rank(ascending=False),
        "rank_then": other["need"].rank(ascending=False),
    }
).dropna()
moved["rises_by"] = moved["rank"] - moved["rank_then"]
moved.astype(dict.fromkeys(("rank", "rank_then", "rises_by"), int)).sort_values(
    "rises_by", key=abs, ascending=False
).head(8)

# %% [markdown]
# ## On the map
#
# Zones in tint, sites by need; crosses are sites of which something is unknown. They
# are gaps in what we know, not places without need.

# %%
axes = pp.plot_backdrop(rating.layers)
rating.zones.plot("risk", ax=axes, cmap="OrRd", alpha=0.45, vmin=1, vmax=5, legend=True)
known = sites[sites["need"].notna()]
known.plot(
    ax=axes,
    color="#7f0000",
    edgecolor="white",
    markersize=known["need"] ** 0.5,
    zorder=3,
)
sites[sites["need"].isna()].plot(
    ax=axes, color="black", marker="x", markersize=22, zorder=3
)
for site in known.nlargest(6, "need").itertuples():
    axes.annotate(
        site.name,
        (site.geometry.x, site.geometry.y),
        xytext=(7, 5),
        textcoords="offset points",
        fontsize=8,
    )
axes.set_title("Need by area of circle; zones of risk are ILLUSTRATIVE")
plt.show()

# %%
columns = ["name", *factors, "risk", "people", "need", "geometry"]
pp.show_offline(
    pp.escape_frame(sites[columns]).explore(
        "risk", tiles=None, cmap="OrRd", vmin=1, vmax=5, marker_kwds={"radius": 7}
    ),
    title="Risk of each site",
    height_px=420,
)
