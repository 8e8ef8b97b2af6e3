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
# # A batch and its ensemble
#
# **Question: over many Novembers and roads, which sites are never reached?**
#
# The same grid on the command line: `patrolplan batch season-grid.toml --jobs 2`.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import patrolplan as pp

grid = pp.find_shipped() / "scenarios" / "season-grid.toml"
variants = pp.read_batch([grid])[::3]
out = Path(tempfile.mkdtemp(prefix="patrolplan-"))
options = pp.BatchOptions(iterations=100, kind="plan")
rows = [entry.row for _, entry in pp.plan_batch(variants, out, options=options)]
assert not any(row.faults for row in rows)
pd.DataFrame([{"name": row.name, **dict(row.figures)} for row in rows])[
    ["name", "need_met", "people_reached", "patrols", "km", "gap_percent"]
].round(1)

# %%
plans = [pp.read_plan(out / row.folder / "plan.json") for row in rows]
visits = pd.DataFrame(
    {
        row.name: dict.fromkeys(
            (s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"), 1
        )
        for row, plan in zip(rows, plans, strict=True)
    }
)
layers = pp.read_layers(pp.read_scenario(grid.with_name("north-mali.toml")))
sites = layers.population.set_index("id")
sites["share"] = visits.notna().mean(axis="columns").reindex(sites.index).fillna(0.0)
sites.nlargest(8, "share")[["name", "share"]]

# %%
axes = pp.plot_backdrop(layers)
pd.concat([pp.tabulate_legs(plan) for plan in plans]).plot(
    ax=axes, color="#08519c", linewidth=2.2, alpha=0.25
)
sites.plot("share", ax=axes, cmap="viridis", legend=True, edgecolor="0.3", zorder=3)
axes.set_title("Share of plans that visit a site; lines driven by more are darker")
plt.show()
