// The planner's page: levers to the server, progress and the plan back. Text that comes
// from anywhere is put in as text; the one piece of HTML is made by the server's
// templates, which escape every value.
(function () {
  "use strict";
  const map = window[planPage.map];
  const get = (id) => document.getElementById("pl-" + id);
  const form = get("levers");
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const CLOSED = { color: "#b3140f", weight: 5, opacity: 1, dashArray: "2 8" };
  const POLL_MS = 250;
  let closed = planner.levers.closed.slice();
  let ways = null;

  // Lines: each is drawn once, under a wide stroke that a finger can hit.
  const shapes = new Map();
  map.eachLayer((layer) => {
    const kept = layer.feature && layer.feature.properties;
    if (!kept || !kept.can_close || !layer.setStyle) return;
    const id = planner.line_ids[layer.feature.id];
    const own = { color: kept.color, weight: kept.weight, opacity: kept.opacity,
      dashArray: kept.dashArray };
    const shape = { line: layer, own, dot: null };
    const targets = [layer];
    if (kept.ferry) {
      shape.dot = L.circleMarker(layer.getBounds().getCenter(), { pane: "pp-signs",
        radius: 7, className: "pl-ferry" });
      targets.push(shape.dot);
    } else {
      targets.push(L.polyline(layer.getLatLngs(), { pane: "pp-ground", weight: 16,
        opacity: 0 }));
    }
    for (const target of targets) {
      if (target !== layer) {
        target.bindTooltip(kept.info, { sticky: true, className: "pp-tip" }).addTo(map);
      }
      target.on("click", () => toggle(id));
    }
    shapes.set(id, shape);
  });

  function nameClosure(text) {
    const [line, days] = text.split("@");
    const name = planner.lines[line];
    const lang = document.documentElement.dataset.lang === "fr" ? "fr" : "en";
    return (name ? name[lang] : line) + (days ? " · " + days.replace("..", " → ") : "");
  }

  function idOf(text) {
    return text.split("@")[0];
  }

  function toggle(line) {
    const without = closed.filter((text) => idOf(text) !== line);
    closed = without.length < closed.length ? without : [...closed, line];
    changed();
  }

  function showClosed() {
    const shut = new Set(closed.map(idOf));
    for (const [line, shape] of shapes) {
      shape.line.setStyle(shut.has(line) ? CLOSED : shape.own);
      if (!shape.dot) continue;
      shape.dot.setStyle(shut.has(line)
        ? { color: "#b3140f", fillColor: "#fbe9e4", fillOpacity: 1, weight: 4 }
        : { color: "#1f5f8a", fillColor: "#cfe4f2", fillOpacity: 1, weight: 2 });
    }
    const rows = closed.map((text) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = nameClosure(text);
      const button = document.createElement("button");
      button.type = "button";
      button.append(word("open"));
      button.addEventListener("click", () => {
        closed = closed.filter((other) => other !== text);
        changed();
      });
      row.append(name, button);
      return row;
    });
    if (!rows.length) {
      const none = document.createElement("li");
      none.append(word("none"));
      rows.push(none);
    }
    get("closed").replaceChildren(...rows);
  }

  function word(name) {
    return get("word-" + name).content.cloneNode(true);
  }

  function tell(...parts) {
    get("status").replaceChildren(...parts.flatMap((part) => [part, " "]));
  }

  // An empty or broken field is sent as it is: the server says what is wrong with it.
  function number(input) {
    return input.value === "" ? input.value : Number(input.value);
  }

  function read() {
    const own = planner.levers;
    // A seed may have more digits than a number holds here: it is sent as text.
    const pick = (kind) => Object.fromEntries(
      all(`[data-${kind}]`).map((input) => [input.dataset[kind], number(input)]));
    return {
      start: get("start").value,
      seed: get("seed").value,
      iterations: number(get("iterations")),
      teams: own.teams.map((team, place) => ({
        id: team.id,
        goes: document.querySelector(`[data-team="${place}"]`).checked,
        max_days: number(document.querySelector(`[data-days="${place}"]`)),
      })),
      closed,
      risk_weights: pick("risk"),
      factor_weights: pick("factor"),
    };
  }

  function adopt(levers) {
    get("start").value = levers.start;
    if (Number.isSafeInteger(levers.seed)) get("seed").value = levers.seed;
    get("iterations").value = levers.iterations;
    levers.teams.forEach((team, place) => {
      document.querySelector(`[data-team="${place}"]`).checked = team.goes;
      document.querySelector(`[data-days="${place}"]`).value = team.max_days;
    });
    for (const input of all("[data-risk]")) {
      input.value = levers.risk_weights[input.dataset.risk];
    }
    for (const input of all("[data-factor]")) {
      input.value = levers.factor_weights[input.dataset.factor];
    }
    closed = levers.closed.slice();
    showClosed();
  }

  function changed() {
    showClosed();
    if (!get("save").disabled) tell(word("stale"));
  }

  function showFaults(faults) {
    for (const list of all(".pl-faults")) {
      const mine = faults.filter((fault) => fault.field === list.dataset.field);
      list.replaceChildren(...mine.map((fault) => {
        const row = document.createElement("li");
        row.textContent = fault.text;
        return row;
      }));
    }
    const first = document.querySelector(".pl-faults li");
    if (first) first.scrollIntoView({ block: "nearest" });
  }

  function post(path, body) {
    return fetch(path, { method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Patrolplan-Key": planner.key } });
  }

  function ask(path) {
    return fetch(path + "?key=" + encodeURIComponent(planner.key));
  }

  function setBusy(busy) {
    get("plan").disabled = busy;
    get("cancel").hidden = !busy;
    get("progress").hidden = !busy;
    if (busy) get("save").disabled = true;
  }

  async function plan() {
    showFaults([]);
    const answer = await post("/plan", read());
    const told = await answer.json();
    if (answer.status === 422) {
      tell(word("failed"));
      showFaults(told.faults);
    } else if (answer.status === 409) {
      tell(word("busy"));
      follow();
    } else if (answer.ok) {
      follow();
    } else {
      tell(word("lost"));
    }
  }

  async function follow() {
    setBusy(true);
    for (;;) {
      const state = await (await ask("/state")).json();
      if (state.phase !== "planning") {
        await end(state);
        return;
      }
      get("progress").value = state.share;
      if (state.need > 0) {
        tell(word("planning"), word("met"), Math.round(state.need).toLocaleString(
          document.documentElement.lang), "·", word("gap"),
        (100 * state.gap).toFixed(1) + " %");
      } else {
        tell(word("planning"));
      }
      await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    }
  }

  async function end(state) {
    if (state.plans) await showPlan();
    setBusy(false);
    get("save").disabled = !state.plans;
    showFaults(state.faults);
    tell(word(state.phase === "idle" ? "done" : state.phase));
  }

  async function showPlan() {
    const result = await (await ask("/result")).json();
    get("result").innerHTML = result.html;
    if (ways) ways.remove();
    ways = L.featureGroup();
    for (const track of result.tracks) {
      for (const way of track.ways) {
        L.polyline(way, { pane: "pp-plan", color: "#fffdf6", weight: 7, opacity: 0.9,
          interactive: false }).addTo(ways);
        L.polyline(way, { pane: "pp-plan", color: track.colour, weight: 3.6,
          interactive: false, className: "pl-way" }).addTo(ways);
      }
    }
    for (const track of result.tracks) {
      for (const spot of track.visits) {
        L.circleMarker(spot, { pane: "pp-plan", radius: 5, weight: 1.5, color: "#fff",
          fillColor: "#2b2a27", fillOpacity: 1, interactive: false }).addTo(ways);
      }
    }
    ways.addTo(map);
  }

  async function save() {
    const answer = await post("/save", {});
    if (answer.ok) tell(word("saved"), (await answer.json()).file);
    else tell(word("notsaved"));
  }

  function guarded(act) {
    return () => act().catch(() => {
      setBusy(false);
      tell(word("lost"));
    });
  }

  get("plan").addEventListener("click", guarded(plan));
  get("cancel").addEventListener("click", guarded(() => post("/cancel", {})));
  get("save").addEventListener("click", guarded(save));
  get("line").addEventListener("change", () => {
    const line = get("line").value;
    get("line").value = "";
    if (line && !closed.some((text) => idOf(text) === line)) toggle(line);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target !== get("line")) changed();
  });
  form.addEventListener("reset", () => {
    closed = planner.levers.closed.slice();
    showFaults([]);
    changed();
  });
  document.documentElement.addEventListener("pp-language", () => {
    const lang = document.documentElement.dataset.lang === "fr" ? "fr" : "en";
    for (const option of all("#pl-line [data-en]")) {
      option.textContent = option.dataset[lang];
    }
    showClosed();
  });
  document.documentElement.dispatchEvent(new Event("pp-language"));
  // A page that is opened again finds the plan, or the one under way, and its levers.
  guarded(async () => {
    const state = await (await ask("/state")).json();
    if (state.levers) adopt(state.levers);
    if (state.phase === "planning") await follow();
    else if (state.plans) await end(state);
  })();
})();
