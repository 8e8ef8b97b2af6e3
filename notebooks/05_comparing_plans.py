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
# **Question: how much need do we give up to send fewer crews, or burn less fuel?**

# %%
import matplotlib.pyplot as plt

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
quick = scenario.replace(iterations=200)
found = pp.find_tradeoff(quick, points=4)
table = pp.tabulate_tradeoff(found)
table[["point", "state", "need_met", "exposure_h", "fuel_l", "patrols", "sentence"]]

# %%
axes = table.plot.scatter(
    "exposure_h", "need_met", c="fuel_l", cmap="viridis", s=90, figsize=(8, 4.5)
)
axes.set(xlabel="crew-hours outside the base", ylabel="need met")
axes.set_title("No plan here is better in all three")
plt.show()

# %% [markdown]
# Two plans side by side, and what differs in words: all teams, and one fewer.

# %%
fewer = quick.replace(teams=quick.teams[1:])
plans = [pp.plan_patrols(one) for one in (quick, fewer)]
compared = pp.compare_plans([study.plan_file for study in plans], plans[0].layers)
for told in compared[1].told[:8]:
    print("-", told.text.en)

# %%
pp.tabulate_comparison(compared)[
    ["plan", "need_met", "people_reached", "patrols", "km", "fuel_l", "lost"]
]

# %%
figure, pair = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
for axes, study, name in zip(pair, plans, ("A: all", "B: one fewer"), strict=True):
    pp.plot_backdrop(study.layers, ax=axes)
    study.legs.plot("team_id", ax=axes, linewidth=2.4, cmap="Dark2")
    axes.set_title(name)
plt.show()
