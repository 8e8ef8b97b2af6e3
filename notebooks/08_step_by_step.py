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
# # A first patrol, step by step
#
# `pp.plan_patrols(file)` does all of this in one call. Here each door is opened on its
# own, so that you can look behind it: scenario, layers, network, need, problem, plan,
# schedule, map.

# %%
import matplotlib.pyplot as plt

import patrolplan as pp

scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
scenario.title, scenario.start, scenario.horizon_days, len(scenario.teams)

# %% [markdown]
# ## Layers
#
# Every layer is a GeoDataFrame in WGS 84, checked whole: one fault in any file and
# nothing is read, with a line for each fault. Population says of which year it is, and
# of what: a commune is not its town.

# %%
layers = pp.read_layers(scenario)
layers.population[
    ["name", "cercle_2014", "population", "population_year", "population_scope"]
].head(10)

# %%
figure, axes = plt.subplots(figsize=(11, 8))
layers.regions.boundary.plot(ax=axes, color="0.7", linewidth=0.8)
layers.zones.plot(ax=axes, column="level", cmap="OrRd", alpha=0.5, vmin=1, vmax=5)
layers.rivers.plot(ax=axes, color="steelblue", linewidth=1)
layers.lines.plot(ax=axes, column="surface", linewidth=1.2, legend=True)
layers.population.plot(ax=axes, color="black", markersize=12)
axes.set_xlim(-7, 5)
axes.set_ylim(13.5, 23.5)
axes.set_title("Lines by surface; zones of civilian risk are ILLUSTRATIVE")
plt.show()

# %% [markdown]
# The same lines to click. Names are strangers' text, so they are escaped first, and the
# map fetches nothing.

# %%
shown = layers.lines[["name", "surface", "geometry"]]
pp.show_offline(
    pp.escape_frame(shown).explore("surface", tiles=None, cmap="Set2"),
    title="Lines by surface",
)

# %% [markdown]
# ## The network
#
# A plain `networkx.MultiDiGraph`. Places are joined to the lines that serve them.

# %%
bases = pp.find_open_bases(layers.bases, scenario)
places = pp.list_places(layers.population, bases)
network = pp.build_network(layers.lines, places, snap_km=scenario.movement.snap_km)
network.graph.number_of_nodes(), network.graph.number_of_edges(), network.unjoined

# %% [markdown]
# The quickest way from Gao to Kidal, in the dry season and in the rains.

# %%
for season in ("dry", "rains"):
    state = pp.RoadState("light_4x4", season)
    (route,) = pp.find_routes(network, layers.speeds, ["gao", "kidal"], state)
    print(season, f"{route.length_m / 1000:.0f} km, {route.duration_min / 60:.1f} h")

# %% [markdown]
# ## Need
#
# People × r(risk), with its parts kept. Unknown is not zero: where people or risk are
# unknown, need is unknown, and the site is counted apart.
#
# This is the need of civilians at risk alone. The study below weighs the other
# sentences of the mandate too, so it meets another need.

# %%
need = pp.estimate_need(
    layers.population,
    layers.zones,
    bases,
    days=(scenario.days[0], scenario.days[-1]),
    figures=scenario.need,
    reach=scenario.reach,
)
need[["people", "risk", "weight", "held_by", "need"]].sort_values(
    "need", ascending=False
).head(10)

# %%
print("need unknown at", int(need["need"].isna().sum()), "of", len(need), "sites")

# %% [markdown]
# ## The problem, and a plan
#
# From here on no map is needed: travel times, duty windows and teams are numbers.

# %%
roads = pp.read_roads(scenario, layers)
travels = pp.build_travels(
    scenario, network, layers.speeds, places, roads, vehicles=layers.vehicles
)
problem = pp.build_problem(scenario, layers, need, travels)
solution = pp.solve(problem, seed=scenario.seed, iterations=500)
plan = solution.plan
print(f"Need met {solution.need:,.0f}; at most {solution.bound:,.0f} can be met.")
for patrol in plan.patrols:
    print(patrol.team_id, "leaves on day", patrol.depart_day, "for", patrol.site_ids)

# %% [markdown]
# The schedule works a plan out to stops, halts and times. Nothing moves at night.

# %%
schedule = pp.build_schedule(problem, plan)
first = schedule.patrols[0]
for stop in first.stops:
    arrive = "" if stop.arrive_min is None else f"{stop.arrive_min / 1440:.2f}"
    print(f"{stop.kind:6}{stop.place_id:18} arrives on day {arrive}")

# %% [markdown]
# ## The study: all of it, measured by the referee
#
# The referee shares no code with the solver. It judges the plan's document alone, and
# says whom it reaches, whom it leaves out and why.

# %%
study = pp.plan_patrols(scenario, iterations=500)
measured = study.assessment
print(f"need met {measured.need_met:,.0f} of {measured.need_total:,.0f}")
print(f"people reached {measured.people_reached:,}")
print(f"rules broken: {len(measured.violations)}")
assert not measured.violations

# %%
for entry in measured.unserved[:8]:
    print(f"{entry.site_id:18}{entry.reason:16}{entry.reason_values}")

# %%
figure, axes = plt.subplots(figsize=(11, 8))
pp.plot_backdrop(layers, ax=axes)
pp.plot_ways(study.plan_file, ax=axes, colours=pp.colour_teams(study.plan_file))
sites = study.sites
sites[sites["visited_by"].notna()].plot(ax=axes, color="black", markersize=25)
sites[sites["visited_by"].isna()].plot(
    ax=axes, color="white", edgecolor="black", markersize=25
)
axes.set(title="Patrols; hollow sites are not covered", xlabel="", ylabel="")
plt.show()

# %% [markdown]
# ## The map
#
# `draw_plan` gives a `folium.Map`; `write_pack` writes the page that opens with no
# network, and everything that goes with it.

# %%
pp.show_offline(pp.draw_plan(study))
