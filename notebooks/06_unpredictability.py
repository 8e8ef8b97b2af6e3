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
# # Unpredictability
#
# **Question: who knows our method, can he know which places we never visit?**
#
# Of the best plan, yes. Of a mix of plans one is drawn by lot; the mix keeps 95 % of
# the need, and its worst case is least. Who reads the mix foretells patrols: it is
# CONFIDENTIAL.

# %%
import matplotlib.pyplot as plt

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
study = pp.plan_patrols(scenario, iterations=200, on_progress=pp.ProgressBar())
# A seed of one's own is for notebooks: `patrolplan plan --vary` draws one nobody knows.
drawn, mix = pp.vary_study(study, 0.95, seed=1)
print(f"{len(mix.plans)} plans, need kept {mix.expected_need / mix.fixed_need:.1%}")
print(f"worst case: {mix.worst_case_loss:,.0f}; best plan: {mix.fixed_loss:,.0f}")

# %%
chance = {entry.site_id: entry.probability for entry in mix.coverage}
sites = study.sites.assign(chance=[chance.get(site) for site in study.sites.index])
axes = pp.plot_backdrop(study.layers)
sites.plot(
    "chance",
    ax=axes,
    cmap="viridis",
    legend=True,
    markersize=48,
    edgecolor="0.3",
    vmin=0,
    vmax=1,
    missing_kwds={"color": "white", "edgecolor": "black", "label": "out of reach"},
    zorder=3,
)
axes.set_title("How likely a visit is; hollow: out of reach")
plt.show()

# %%
drawn
