// Plays the months: the ways of each, and how long every site has waited at its end.
(function () {
  "use strict";
  const shown = planPage.campaign;
  const map = window[planPage.map];
  const player = document.getElementById("pp-player");
  const slider = document.getElementById("pp-hour");
  const play = document.getElementById("pp-play");
  const chart = document.querySelector(".pp-chart");
  const xs = chart.dataset.xs.split(" ").map(Number);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const last = shown.months.length - 1;
  let month = last;
  let timer = null;
  // It stands at the foot of the map, not in the panel that scrolls.
  document.body.appendChild(player);
  map.invalidateSize({ pan: false });

  function show(index) {
    month = Math.min(Math.max(index, 0), last);
    const number = String(shown.months[month]);
    for (const [of, name] of Object.entries(shown.ways)) {
      const ways = window[name];
      if (of === number) map.addLayer(ways);
      else map.removeLayer(ways);
    }
    for (const [site, classes] of Object.entries(shown.sites)) {
      const circle = window[planPage.places[site]];
      circle.setStyle({ fillColor: shown.fills[classes[month]] });
    }
    for (const part of document.querySelectorAll("[data-month]")) {
      const mine = part.dataset.month === number;
      if (part.parentElement.id === "pp-now") part.hidden = !mine;
      else part.classList.toggle("pp-now", mine);
    }
    document.querySelectorAll("#pp-heat thead th.pp-n").forEach((head, i) => {
      head.classList.toggle("pp-now", i === month);
    });
    chart.querySelector(".pp-chart-now").setAttribute("transform", `translate(${xs[month]} 0)`);
    slider.value = month;
    slider.setAttribute("aria-valuetext",
      document.querySelector(`#pp-now [data-month="${number}"]`).innerText);
  }

  function stop() {
    window.clearInterval(timer);
    timer = null;
    play.setAttribute("aria-pressed", "false");
  }

  function start() {
    show(month >= last ? 0 : month + 1);
    play.setAttribute("aria-pressed", "true");
    timer = window.setInterval(() => {
      if (month >= last) stop();
      else show(month + 1);
    }, calm.matches ? 3000 : 1400);
  }

  function go(index) {
    stop();
    show(index);
  }

  slider.addEventListener("input", () => go(Number(slider.value)));
  play.addEventListener("click", () => (timer === null ? start() : stop()));
  document.getElementById("pp-back").addEventListener("click", () => go(month - 1));
  document.getElementById("pp-on").addEventListener("click", () => go(month + 1));
  document.addEventListener("click", (event) => {
    const given = event.target.closest("button[data-show]");
    if (given) go(Number(given.dataset.show));
  });
  document.documentElement.addEventListener("pp-language", () => show(month));
  window.addEventListener("beforeprint", stop);
  show(last);
})();
