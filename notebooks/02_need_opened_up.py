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
# # Need, opened up
#
# A plan sends patrols where need is great. So the first question to a plan is: who
# says so? Here need is taken apart until nothing is left but scores that a protection
# adviser can argue with, and weights that you can change.
#
# The built-in zones of risk are **illustrative**. They show how the sum works, and
# assess nobody.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
rating = pp.rate_scenario(scenario)
sites, layers = rating.sites, rating.layers
len(sites), len(rating.zones)

# %% [markdown]
# ## Risk is a sum
#
# Three factors, each scored 1 to 5. More threat or more vulnerability means more risk;
# more protective capacity means less. The weights sum to 1, so risk runs from 1 to 5
# too.

# %%
weights = scenario.need.factor_weights
weights

# %% [markdown]
# One site, added up by hand.

# %%
gossi = sites.loc["gossi"]
terms = pd.Series(
    {
        "threat": weights["threat"] * gossi["threat"],
        "vulnerability": weights["vulnerability"] * gossi["vulnerability"],
        "6 - capacity": weights["capacity"] * (6 - gossi["capacity"]),
    }
)
print(terms.to_string())
print(f"sum {terms.sum():.2f}, in the table {gossi['risk']:.2f}")
assert abs(terms.sum() - gossi["risk"]) < 1e-9

# %% [markdown]
# Each score says what it was made of, where that comes from, and how far to trust it.

# %%
factors = ["threat", "vulnerability", "capacity"]
told = ["basis", "source", "confidence", "reason"]
pd.DataFrame(
    {
        factor: [gossi[factor], *(gossi[f"{factor}_{name}"] for name in told)]
        for factor in factors
    },
    index=["score", *told],
).T

# %% [markdown]
# Not every site lies in a zone that somebody judged. There the distance to a post or a
# health centre stands in, with low confidence.

# %%
pd.DataFrame({f: sites[f"{f}_basis"].value_counts() for f in factors}).fillna(0)

# %% [markdown]
# ## From risk to need
#
# `need = people × r(risk)`. r is a table in the scenario; between two whole risks it
# lies between theirs. People enter once, here, and never inside risk.

# %%
figure, axes = plt.subplots(figsize=(7, 4))
table = scenario.need.risk_weights
axes.plot([int(risk) for risk in table], list(table.values()), marker="o")
axes.plot(gossi["risk"], gossi["weight"], "o", color="firebrick", markersize=9)
axes.annotate(
    f"Gossi: {gossi['people']:,.0f} × {gossi['weight']:g} = {gossi['need']:,.0f}",
    (gossi["risk"], gossi["weight"]),
    xytext=(-15, -4),
    textcoords="offset points",
    ha="right",
)
axes.set_xticks(range(1, 6))
axes.set_xlabel("risk")
axes.set_ylabel("share of people that counts")
axes.set_title("r(risk)")
plt.show()

# %% [markdown]
# ## Unknown is not zero
#
# Where people or risk are unknown, need is unknown. Such a site never looks like one
# where nobody needs anyone, and it is counted apart. A need of 0 means something else:
# a base holds the town day by day.

# %%
pd.Series(
    {
        "people unknown": sites["people"].isna().sum(),
        "risk unknown": sites["risk"].isna().sum(),
        "need unknown": sites["need"].isna().sum(),
        "held by a base, need 0": (sites["need"] == 0).sum(),
        "need known and above 0": (sites["need"] > 0).sum(),
        "all sites": len(sites),
    },
    name="sites",
).to_frame()

# %%
figure, axes = plt.subplots(figsize=(11, 8))
layers.regions.boundary.plot(ax=axes, color="0.7", linewidth=0.8)
layers.rivers.plot(ax=axes, color="lightsteelblue", linewidth=1)
sites.plot(
    ax=axes,
    column="risk",
    cmap="OrRd",
    vmin=1,
    vmax=5,
    markersize=15 + sites["need"].fillna(0) / 100,
    edgecolor="0.3",
    legend=True,
    legend_kwds={"label": "risk", "shrink": 0.6},
    missing_kwds={"color": "none", "edgecolor": "royalblue", "label": "unknown"},
)
unknown = sites[sites["need"].isna()]
unknown.plot(ax=axes, marker="x", color="royalblue", markersize=45)
axes.set_xlim(-7, 5)
axes.set_ylim(13.5, 21.5)
axes.set_title("Colour: risk. Size: need. Blue cross: need unknown. ILLUSTRATIVE zones")
plt.show()

# %% [markdown]
# The same to look around in. Names are written by strangers, so `pp.escape_frame` makes
# them harmless first; `tiles=None` and `pp.show_offline` fetch nothing from a network.
# Beneath lie the zones; blue is unknown.

# %%
land = pp.escape_frame(layers.zones[["name", "illustrative", "geometry"]]).explore(
    tiles=None,
    color="#8c6d46",
    style_kwds={"weight": 1, "fillOpacity": 0.12},
)
shown = ["name", "people", *factors, "risk", "need", "zone_id", "geometry"]
explored = pp.escape_frame(sites[shown]).explore(
    "risk",
    m=land,
    cmap="OrRd",
    vmin=1,
    vmax=5,
    missing_kwds={"color": "royalblue", "label": "unknown"},
    marker_kwds={"radius": 7},
    style_kwds={"color": "#444", "weight": 1, "fillOpacity": 0.9},
)
pp.show_offline(explored, title="Risk by site")

# %% [markdown]
# ## The mandate adds its themes
#
# Civilians at risk are theme B of the mandate. Every other sentence adds a part in the
# same unit, so the parts of a site add up to its need. A study has them; this one gets
# few rounds of search, which is enough to see the themes.

# %%
study = pp.plan_patrols(scenario, iterations=100)
parts = pd.DataFrame(
    {site: dict(visit.needs) for site, visit in study.need["visit"].dropna().items()}
).T.fillna(0.0)
parts = parts[sorted(parts)]
known = study.need["need"].dropna()
assert (parts.sum(axis=1).reindex(known.index, fill_value=0) - known).abs().max() < 1e-6
parts.sum().rename("need by theme").round(0).to_frame().T

# %%
names = {
    "A": "A key centres and lines",
    "B": "B civilians at risk",
    "C": "C beyond the centres",
    "D": "D women and children",
    "E": "E survivors' needs",
    "F": "F human rights",
    "G": "G aid and returns",
    "H": "H State authority",
    "I": "I elections",
    "J": "J good offices",
    "K": "K ceasefire",
}
top = parts.loc[parts.sum(axis=1).nlargest(18).index[::-1]]
top.index = study.need.loc[top.index, "name"]
figure, axes = plt.subplots(figsize=(11, 7))
top.rename(columns=names).plot.barh(
    ax=axes, stacked=True, colormap="tab20", width=0.8, xlabel="need", ylabel=""
)
axes.legend(fontsize=8, loc="lower right")
axes.set_title("What the need of a site is made of")
plt.show()

# %% [markdown]
# ## Change the weights
#
# The weights are a choice, not a finding. Suppose an adviser says: look first at places
# that nobody protects. Let protective capacity weigh 0.6 and the others 0.2 each.

# %%
need = {
    "factor_weights": {"threat": 0.2, "vulnerability": 0.2, "capacity": 0.6},
    "min_unknown_visits": scenario.need.min_unknown_visits,
}
other = scenario.replace(need=need)
other_sites = pp.rate_scenario(other).sites
change = sites.assign(
    risk_now=other_sites["risk"], change=other_sites["need"] - sites["need"]
)
moved = change.loc[change["change"].abs().nlargest(10).index]
moved[["name", *factors, "risk", "risk_now", "change"]].round(2)

# %% [markdown]
# Do the patrols change? Only what is planned with both can tell. Where little changes,
# that is a finding too: the plan does not hang on this choice. Each search is short
# here, so a small difference may be the search's and not the weights'.

# %%
other_study = pp.plan_patrols(other, iterations=100)
before = set(study.sites.index[study.sites["visited_by"].notna()])
after = set(other_study.sites.index[other_study.sites["visited_by"].notna()])
print("visited with both:", len(before & after))
print("only with the first weights:", sorted(before - after))
print("only with the second weights:", sorted(after - before))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(15, 7), layout="constrained")
for axes in (left, right):
    layers.regions.boundary.plot(ax=axes, color="0.75", linewidth=0.8)
    layers.rivers.plot(ax=axes, color="lightsteelblue", linewidth=1)
    axes.set_xlim(-6, 4)
    axes.set_ylim(13.5, 21.5)
most = change["change"].abs().max()
change.dropna(subset="change").plot(
    ax=left,
    column="change",
    cmap="PuOr_r",
    vmin=-most,
    vmax=most,
    markersize=25 + 0.05 * change["change"].dropna().abs(),
    edgecolor="0.3",
    legend=True,
    legend_kwds={"label": "change of need of civilians at risk", "shrink": 0.6},
)
left.set_title("Protective capacity weighs 0.6: whose need rises, whose falls")
study.legs.plot(ax=right, color="0.55", linewidth=5, alpha=0.6, label="first weights")
other_study.legs.plot(
    ax=right, color="darkorange", linewidth=1.8, label="second weights"
)
both = study.sites
for chosen, colour, label in (
    (before & after, "black", "visited with both"),
    (before - after, "0.55", "only first"),
    (after - before, "darkorange", "only second"),
):
    if chosen:
        both.loc[sorted(chosen)].plot(
            ax=right,
            color=colour,
            edgecolor="black",
            markersize=40,
            label=label,
            zorder=3,
        )
right.legend(loc="upper left")
right.set_title("What is driven")
plt.show()
