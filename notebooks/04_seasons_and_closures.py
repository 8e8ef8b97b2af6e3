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
# **Question: what do the rains, and one closed road, take from us?**

# %%
from datetime import date

import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
closed = scenario.lines.model_copy(
    update={"closed": ("gao-almoustarat", "bourem-almoustarat")}
)
asked = {
    "November": scenario,
    "August, in the rains": scenario.replace(start=date(2014, 8, 4)),
    "November, RN19 closed": scenario.replace(lines=closed),
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

# %%
figure, row = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
for axes, (name, study) in zip(row, studies.items(), strict=True):
    pp.plot_backdrop(study.layers, ax=axes)
    study.legs.plot("team_id", ax=axes, linewidth=2.4, cmap="Dark2")
    axes.set_title(name)
plt.show()

# %%
studies["November, RN19 closed"]
