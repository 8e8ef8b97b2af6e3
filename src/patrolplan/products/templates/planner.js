// The planner's page: levers to the server, progress and the plan back. Text that comes
// from anywhere is put in as text; the one piece of HTML is made by the server's
// templates, which escape every value.
(function () {
  "use strict";
  const map = window[planPage.map];
  const get = (id) => document.getElementById("pl-" + id);
  const form = get("levers");
  const panel = document.getElementById("pp-panel");
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const CLOSED = { color: "#b3140f", weight: 5, opacity: 1, dashArray: "2 8" };
  const POLL_MS = 250;
  const DOTS = {
    open: { color: "#1f5f8a", fillColor: "#cfe4f2", fillOpacity: 1, weight: 2 },
    shut: { color: "#6b6b6b", fillColor: "#e9e6de", fillOpacity: 1, weight: 2 },
    closed: { color: "#b3140f", fillColor: "#fbe9e4", fillOpacity: 1, weight: 4 },
  };
  let closed = planner.levers.closed.slice();
  let lifted = planner.levers.lifted.slice();
  let roads = planner.roads;
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
      // What closes it depends on the day.
      target.unbindTooltip();
      target.bindTooltip(() => describe(id, kept.info),
        { sticky: true, className: "pp-tip" });
      target.addTo(map);
      target.on("click", () => toggle(id));
    }
    shapes.set(id, shape);
  });

  function lang() {
    return document.documentElement.dataset.lang === "fr" ? "fr" : "en";
  }

  function nameClosure(text) {
    const [line, days] = text.split("@");
    const name = planner.lines[line];
    return (name ? name[lang()] : line) + (days ? " · " + days.replace("..", " → ") : "");
  }

  function nameRow(row) {
    const name = planner.rows[row];
    return name ? name[lang()] : row;
  }

  function idOf(text) {
    return text.split("@")[0];
  }

  // What closes a line on the first day, save rows of the calendar that are lifted.
  function listShutting(line) {
    return (roads.shut[line] || []).filter((cause) => !lifted.includes(cause.row));
  }

  function describe(line, info) {
    const told = document.createElement("div");
    told.innerHTML = info;
    for (const cause of listShutting(line)) {
      const why = document.createElement("p");
      why.textContent = cause[lang()];
      told.append(why);
    }
    const hint = document.createElement("em");
    hint.append(word("click"));
    told.append(hint);
    return told;
  }

  // What is closed by the planner opens first, then what the river closes.
  function toggle(line) {
    const without = closed.filter((text) => idOf(text) !== line);
    const rows = listShutting(line).map((cause) => cause.row).filter(Boolean);
    if (without.length < closed.length) closed = without;
    else if (rows.length) lifted = Array.from(new Set([...lifted, ...rows]));
    else closed = [...closed, line];
    changed();
  }

  function showLines() {
    const own = new Set(closed.map(idOf));
    for (const [line, shape] of shapes) {
      const state = own.has(line) ? "closed" : listShutting(line).length ? "shut" : "open";
      shape.line.setStyle({ closed: CLOSED, shut: planner.shut, open: shape.own }[state]);
      if (shape.dot) shape.dot.setStyle(DOTS[state]);
    }
    list("closed", closed, nameClosure, ["open", "none"], (left) => { closed = left; });
    list("lifted", lifted, nameRow, ["put-back", "calendar"], (left) => { lifted = left; });
    const day = document.createElement("span");
    day.className = "pl-day";
    day.textContent = `${roads.day}.`;
    get("season").replaceChildren(word(roads.season), " ", day);
  }

  // What was moved, each with a button that takes it back.
  function list(id, texts, name, [act, none], keep) {
    const rows = texts.map((text) => {
      const row = document.createElement("li");
      const told = document.createElement("span");
      told.textContent = name(text);
      const button = document.createElement("button");
      button.type = "button";
      button.append(word(act));
      button.addEventListener("click", () => {
        keep(texts.filter((other) => other !== text));
        changed();
      });
      row.append(told, button);
      return row;
    });
    if (!rows.length) {
      rows.push(document.createElement("li"));
      rows[0].append(word(none));
    }
    // Where there is no flood calendar, there is no list of it.
    if (get(id)) get(id).replaceChildren(...rows);
  }

  function offer(id, take) {
    const choice = get(id);
    if (!choice) return;
    choice.addEventListener("change", () => {
      const chosen = choice.value;
      choice.value = "";
      if (!chosen) return;
      take(chosen);
      changed();
    });
  }

  // A day that cannot be planned leaves the lines as they were, with the day they are of.
  async function lookUp() {
    const day = get("start").value;
    const found = await ask("/roads", { day }).catch(() => null);
    if (!found || get("start").value !== day) return;
    roads = found;
    showLines();
  }

  function word(name) {
    return get("word-" + name).content.cloneNode(true);
  }

  // What readers of files say is English: it is shown, and bears its language.
  function english(kind, text) {
    const part = document.createElement(kind);
    part.lang = "en";
    part.className = "pl-english";
    part.textContent = text;
    return part;
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
    // A seed may have more digits than a number holds here: it goes as text, both ways.
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
      lifted,
      risk_weights: pick("risk"),
      factor_weights: pick("factor"),
    };
  }

  function adopt(levers) {
    get("start").value = levers.start;
    get("seed").value = levers.seed;
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
    lifted = levers.lifted.slice();
    showLines();
    lookUp();
  }

  function changed() {
    showLines();
    if (!get("save").disabled) tell(word("stale"));
  }

  function showFaults(faults) {
    for (const list of all(".pl-faults")) {
      const mine = faults.filter((fault) => fault.field === list.dataset.field);
      list.replaceChildren(...mine.map((fault) => english("li", fault.text)));
      for (const input of all(`[aria-describedby~="${list.id}"]`)) {
        input.setAttribute("aria-invalid", String(mine.length > 0));
      }
    }
    const first = document.querySelector(".pl-faults li");
    if (first) first.scrollIntoView({ block: "nearest" });
  }

  // Whoever gets no answer, or none that this page can read, ends with the word for it.
  function send(address, options) {
    return fetch(address, options).catch(() => { throw new Error("lost"); });
  }

  function post(path, body) {
    return send(path, { method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-Patrolplan-Key": planner.key } });
  }

  async function ask(path, more) {
    const query = new URLSearchParams({ key: planner.key, ...more });
    const answer = await send(`${path}?${query}`);
    if (!answer.ok) throw new Error("broken");
    return answer.json();
  }

  function setBusy(busy) {
    get("plan").disabled = busy;
    get("cancel").hidden = !busy;
    get("progress").hidden = !busy;
    get("so-far").replaceChildren();
    if (busy) get("save").disabled = true;
  }

  async function plan() {
    showFaults([]);
    const answer = await post("/plan", read());
    if (answer.status === 422) {
      tell(word("failed"));
      showFaults((await answer.json()).faults);
    } else if (answer.status === 409) {
      await follow("busy");
    } else if (answer.ok) {
      await follow("planning");
    } else {
      throw new Error("broken");
    }
  }

  // Beside what is read out, since it changes with every look.
  function showSoFar(state) {
    get("progress").value = state.share;
    if (state.need <= 0) return;
    // Up: it is said to be so much at most.
    const gap = Math.ceil(1000 * state.gap - 1e-9) / 10;
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    get("so-far").replaceChildren(word("met"),
      ` ${Math.round(state.need).toLocaleString(lang())} · `, word("gap"),
      ` ${gap.toLocaleString(lang(), digits)} %`);
  }

  async function follow(name) {
    setBusy(true);
    tell(word(name));
    for (;;) {
      const state = await ask("/state");
      if (state.phase !== "planning") {
        await end(state);
        return;
      }
      showSoFar(state);
      await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    }
  }

  async function end(state) {
    if (state.plans) await showPlan();
    setBusy(false);
    get("save").disabled = !state.plans;
    showFaults(state.faults);
    tell(word(state.phase === "idle" ? "done" : state.phase));
    // What the plan gave stands above the levers: who moves one meanwhile stays there.
    const moving = form.contains(document.activeElement);
    if (state.phase === "idle" && !moving) panel.scrollTop = 0;
  }

  async function showPlan() {
    const result = await ask("/result");
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
    if (answer.status === 403) throw new Error("broken");
    const told = await answer.json();
    if (answer.ok) tell(word("saved"), told.file);
    else tell(word("notsaved"), english("span", told.told));
  }

  function guarded(act) {
    return () => act().catch((error) => {
      setBusy(false);
      tell(word(error.message === "lost" ? "lost" : "broken"));
    });
  }

  get("plan").addEventListener("click", guarded(plan));
  get("cancel").addEventListener("click", guarded(async () => {
    if (!(await post("/cancel", {})).ok) throw new Error("broken");
  }));
  get("save").addEventListener("click", guarded(save));
  offer("line", (line) => {
    if (!closed.some((text) => idOf(text) === line)) closed = [...closed, line];
  });
  offer("calendar", (row) => {
    if (!lifted.includes(row)) lifted = [...lifted, row];
  });
  get("start").addEventListener("change", lookUp);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target !== get("line") && event.target !== get("calendar")) changed();
  });
  form.addEventListener("reset", () => {
    closed = planner.levers.closed.slice();
    lifted = planner.levers.lifted.slice();
    roads = planner.roads;
    showFaults([]);
    changed();
  });
  document.documentElement.addEventListener("pp-language", () => {
    for (const option of all("#pl-levers option[data-en]")) {
      option.textContent = option.dataset[lang()];
    }
    showLines();
  });
  document.documentElement.dispatchEvent(new Event("pp-language"));
  // A page that is opened again finds the plan, or the one under way, and its levers.
  guarded(async () => {
    const state = await ask("/state");
    if (state.levers) adopt(state.levers);
    if (state.phase === "planning") await follow("planning");
    else if (state.plans) await end(state);
  })();
})();
