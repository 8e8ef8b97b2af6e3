// Plays the plan: where each patrol is at a day and hour, by the times of its stops and
// along the lines of its legs. All text is in the page; only clock times are written.
(function () {
  "use strict";
  const clock = planPage.clock;
  const slider = document.getElementById("pp-hour");
  if (!slider) return;
  const map = window[planPage.map];
  const box = map.getContainer();
  const root = document.documentElement;
  const player = document.getElementById("pp-player");
  const play = document.getElementById("pp-play");
  const whole = document.getElementById("pp-whole");
  const now = document.getElementById("pp-now");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const DAY = 1440;
  const END = clock.days.length * DAY;
  // Twenty minutes of the plan in a twentieth of a second: a day in under four.
  const TICK_MS = 50;
  const STEP_MIN = 20;
  const CALM_MS = 1500;
  let minute = null;
  let timer = null;

  // The lengths of a leg's parts on the map's plane, once for each leg.
  const ways = new Map();
  function measure(name) {
    if (!ways.has(name)) {
      const points = window[name].getLatLngs().map((at) => map.project(at, 10));
      const lengths = points.slice(1).map((point, i) => point.distanceTo(points[i]));
      ways.set(name, { points, lengths, total: lengths.reduce((a, b) => a + b, 0) });
    }
    return ways.get(name);
  }

  function locate(name, share) {
    const way = measure(name);
    let left = way.total * share;
    for (let i = 0; i < way.lengths.length; i += 1) {
      if (left <= way.lengths[i] && way.lengths[i] > 0) {
        const a = way.points[i];
        const b = way.points[i + 1];
        const part = left / way.lengths[i];
        return map.unproject(a.add(b.subtract(a).multiplyBy(part)), 10);
      }
      left -= way.lengths[i];
    }
    return map.unproject(way.points[way.points.length - 1], 10);
  }

  // Which stop a patrol stands at, or makes for, at a minute; null while it is not out.
  function find(patrol, at) {
    const stops = patrol.stops;
    const last = stops.length - 1;
    if (at < stops[0][1] || at > stops[last][0]) return null;
    for (let i = 0; i < last; i += 1) {
      if (at < stops[i][1]) return { stop: i, driving: false };
      if (at < stops[i + 1][0]) {
        const took = stops[i + 1][0] - stops[i][1];
        return { stop: i + 1, driving: true, share: (at - stops[i][1]) / took };
      }
    }
    return { stop: last, driving: false };
  }

  function showPatrol(number, patrol) {
    const state = minute === null ? null : find(patrol, minute);
    const puck = window[patrol.puck];
    const disc = puck.getElement();
    disc.classList.toggle("pp-out", state !== null);
    const head = document.querySelector(`[data-patrol="${number}"]`);
    const card = head.closest(".pp-card");
    const told = head.querySelector(".pp-state");
    card.classList.toggle("pp-rest", minute !== null && state === null);
    told.hidden = state === null;
    patrol.legs.forEach((name, i) => {
      const path = window[name].getElement();
      if (!path) return;
      const driven = state ? i < state.stop - (state.driving ? 1 : 0)
        : minute >= patrol.stops[0][1];
      const under = state && state.driving && i === state.stop - 1;
      path.classList.toggle("pp-ahead", minute !== null && !driven && !under);
    });
    card.querySelectorAll("tr[data-at]").forEach((row, i) => {
      row.classList.toggle("pp-now", state !== null && i === state.stop);
    });
    patrol.stops.forEach(([arrive], i) => {
      const sign = window[planPage.stops[`${number}.${i}`]];
      const element = sign && sign.getElement();
      if (!element) return;
      element.classList.toggle("pp-ahead", minute !== null && arrive > minute);
    });
    if (!state) return;
    const kind = state.driving ? "drive" : patrol.kinds[state.stop];
    disc.classList.toggle("pp-asleep", kind === "halt");
    const leg = state.driving ? state.stop - 1 : Math.max(0, state.stop - 1);
    const share = state.driving ? state.share : state.stop === 0 ? 0 : 1;
    puck.setLatLng(locate(patrol.legs[leg], share));
    for (const word of told.querySelectorAll("[data-word]")) {
      word.hidden = word.dataset.word !== kind;
    }
    const place = card.querySelector(`tr[data-at="${number}.${state.stop}"]`)
      .querySelector(".pp-go, .pp-here");
    const name = told.querySelector("b");
    if (name.dataset.at !== String(state.stop)) {
      name.dataset.at = state.stop;
      name.replaceChildren(...Array.from(place.childNodes, (node) => node.cloneNode(true)));
    }
  }

  function write() {
    const on = minute !== null;
    player.classList.toggle("pp-playing", on);
    box.classList.toggle("pp-by-day", on);
    whole.hidden = !on;
    if (!on) {
      slider.value = 0;
      slider.setAttribute("aria-valuetext", now.querySelector(".pp-now-all").innerText);
      return;
    }
    const day = Math.min(Math.floor(minute / DAY), clock.days.length - 1);
    const within = minute - day * DAY;
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    const time = `${two(within / 60)}:${two(within % 60)}`;
    const lang = root.dataset.lang === "fr" ? "fr" : "en";
    const texts = [clock.words[lang].replace("{n}", day + 1), clock.days[day], time];
    const parts = now.querySelector(".pp-now-day").children;
    texts.forEach((text, i) => { parts[i].textContent = text; });
    slider.value = Math.floor(minute / 60);
    slider.setAttribute("aria-valuetext", texts.join(", "));
  }

  function show(value) {
    minute = value === null ? null : Math.min(Math.max(value, 0), END);
    for (const [number, patrol] of Object.entries(clock.patrols)) showPatrol(number, patrol);
    write();
  }

  function stop() {
    window.clearInterval(timer);
    timer = null;
    play.setAttribute("aria-pressed", "false");
  }

  function start() {
    if (minute === null || minute >= END) show(Math.floor(clock.start / 60) * 60);
    play.setAttribute("aria-pressed", "true");
    const step = calm.matches ? DAY : STEP_MIN;
    timer = window.setInterval(() => {
      show(minute + step);
      if (minute >= END) stop();
    }, calm.matches ? CALM_MS : TICK_MS);
  }

  function goDay(by) {
    stop();
    // A day is looked at by noon, when patrols are under way.
    const day = minute === null ? (by > 0 ? 0 : clock.days.length - 1)
      : Math.floor(Math.min(minute, END - 1) / DAY) + by;
    show(Math.min(Math.max(day, 0), clock.days.length - 1) * DAY + DAY / 2);
  }

  slider.addEventListener("input", () => { stop(); show(Number(slider.value) * 60); });
  slider.addEventListener("keydown", (event) => {
    const by = { PageUp: 1, PageDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    goDay(by);
  });
  play.addEventListener("click", () => (timer === null ? start() : stop()));
  document.getElementById("pp-back").addEventListener("click", () => goDay(-1));
  document.getElementById("pp-on").addEventListener("click", () => goDay(1));
  whole.addEventListener("click", () => { stop(); show(null); slider.focus(); });
  root.addEventListener("pp-language", write);
  // A stop that is opened from the panel while a day shows brings its hour with it.
  document.addEventListener("click", (event) => {
    const given = event.target.closest("button[data-stop]");
    if (!given || minute === null) return;
    const [number, index] = given.dataset.stop.split(".");
    stop();
    show(clock.patrols[number].stops[index][0]);
  });
  // A layer that is shown again is drawn anew.
  map.on("overlayadd", () => show(minute));
  window.addEventListener("beforeprint", stop);
  planPage.act.show = show;
  write();
})();
