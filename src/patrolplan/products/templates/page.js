// What the page does beyond the map: language, panel, one patrol at a time, and names
// that do not cover each other. All text is in the page already; none is made here.
(function () {
  "use strict";
  const map = window[planPage.map];
  const root = document.documentElement;
  const box = map.getContainer();
  const panel = document.getElementById("pp-panel");
  const toggle = document.getElementById("pp-toggle");
  const langButton = document.getElementById("pp-lang");
  const legend = document.getElementById("pp-legend");
  const all = document.getElementById("pp-all");
  const narrow = window.matchMedia("(max-width: 760px)");
  const PLAN_SIGNS = ".pp-stop, .pp-halt, .pp-base svg";
  const SIGNS = PLAN_SIGNS + ", .pp-cross svg";
  let chosen = null;

  function paper() {
    return document.body.classList.contains("pp-paper");
  }

  function setLanguage(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
    document.title = planPage.titles[lang];
    for (const named of document.querySelectorAll("[data-label-" + lang + "]")) {
      named.setAttribute("aria-label", named.getAttribute("data-label-" + lang));
    }
    root.dispatchEvent(new Event("pp-language"));
    placeLabels();
  }

  function setPanel(open) {
    document.body.classList.toggle("pp-closed", !open);
    toggle.setAttribute("aria-expanded", String(open));
    // Below the map, an open panel would leave of it only what lies in the north.
    map.invalidateSize({ animate: false, pan: narrow.matches });
  }

  // Where the legend would cover the plan, the plan moves aside; where it would become
  // much smaller by that, the legend folds.
  function fit(bounds, maxZoom) {
    // Times stand to the right of their stops, hence the wider edge there.
    const set = { animate: false, maxZoom, paddingTopLeft: [30, 30],
      paddingBottomRight: [narrow.matches ? 60 : 90, 30] };
    map.fitBounds(bounds, set);
    if (!legend.open || narrow.matches) return;
    const cover = legend.getBoundingClientRect();
    const signs = Array.from(box.querySelectorAll(PLAN_SIGNS));
    if (!signs.some((sign) => meet(sign.getBoundingClientRect(), cover))) return;
    const zoom = map.getZoom();
    map.fitBounds(bounds, { ...set,
      paddingTopLeft: [cover.right - box.getBoundingClientRect().left + 20, 30] });
    if (map.getZoom() >= zoom - 0.5) return;
    legend.open = false;
    map.fitBounds(bounds, set);
  }

  // Where signs crowd, halts wait until the map is closer.
  function thinSigns() {
    const taken = [];
    for (const sign of box.querySelectorAll(".pp-crowded")) {
      sign.classList.remove("pp-crowded");
    }
    for (const sign of box.querySelectorAll(".pp-base svg, .pp-stop, .pp-cross svg, .pp-halt")) {
      if (!sign.checkVisibility()) continue;
      const rect = sign.getBoundingClientRect();
      if (sign.matches(".pp-halt") && taken.some((other) => meet(shrink(rect), other))) {
        sign.classList.add("pp-crowded");
      } else taken.push(rect);
    }
  }

  function shrink(rect) {
    return { left: rect.left + 3, right: rect.right - 3,
      top: rect.top + 3, bottom: rect.bottom - 3 };
  }

  // Degrees stand at the edge of what is seen.
  function placeEdges() {
    const frame = box.getBoundingClientRect();
    const covers = Array.from(box.querySelectorAll(".leaflet-control"))
      .map((control) => control.getBoundingClientRect());
    for (const edge of box.querySelectorAll(".pp-edge")) {
      const at = edge.parentElement.getBoundingClientRect();
      const flat = edge.matches(".pp-edge-lat");
      const dx = flat ? frame.left - at.left : 0;
      const dy = flat ? 0 : frame.bottom - at.top;
      edge.style.transform = flat ? `translate(${dx + 3}px, -50%)`
        : `translate(-50%, calc(${dy}px - 100% - 2px))`;
      const rect = edge.getBoundingClientRect();
      edge.style.visibility = covers.some((cover) => meet(rect, cover)) ? "hidden" : "";
    }
  }

  // Names: the weightiest first, each at the first side that is free, or not at all.
  function placeLabels() {
    const frame = box.getBoundingClientRect();
    const taken = [];
    thinSigns();
    placeEdges();
    for (const sign of box.querySelectorAll(SIGNS)) {
      if (sign.checkVisibility({ visibilityProperty: true })) taken.push(sign.getBoundingClientRect());
    }
    for (const control of box.querySelectorAll(".leaflet-control")) {
      if (control.checkVisibility()) taken.push(control.getBoundingClientRect());
    }
    for (const edge of box.querySelectorAll(".pp-edge")) {
      if (edge.style.visibility !== "hidden") taken.push(edge.getBoundingClientRect());
    }
    if (legend.open && !paper()) taken.push(legend.getBoundingClientRect());
    const labels = Array.from(box.querySelectorAll(".pp-label"));
    labels.sort((a, b) => a.dataset.rank - b.dataset.rank);
    box.classList.add("pp-placed");
    for (const label of labels) {
      const at = label.parentElement.getBoundingClientRect();
      const reach = Number(label.dataset.reach) + 3;
      const wide = label.offsetWidth;
      // Bases keep their names, save where the map is so small that they would collide.
      const forced = label.dataset.rank === "0" && !box.classList.contains("pp-far");
      const sides = [
        [reach, 0], [-reach - wide, 0], [-wide / 2, reach + 8], [-wide / 2, -reach - 8],
        [reach - 3, 11], [-reach - wide + 3, 11], [reach - 3, -11],
        [-reach - wide + 3, -11],
      ];
      if (forced) sides.push([-wide / 2, reach + 26], [-wide / 2, -reach - 28]);
      let free = null;
      for (const [dx, dy] of sides) {
        const rect = {
          left: at.left + dx, right: at.left + dx + wide,
          top: at.top + dy - 8, bottom: at.top + dy + 8,
        };
        const inside = rect.left > frame.left && rect.right < frame.right;
        if (inside && !taken.some((other) => meet(rect, other))) {
          free = { dx, dy, rect };
          break;
        }
      }
      if (!free && forced) {
        const [dx, dy] = sides[0];
        free = { dx, dy, rect: { left: at.left + dx, right: at.left + dx + wide,
          top: at.top - 8, bottom: at.top + 8 } };
      }
      label.classList.toggle("pp-free", Boolean(free));
      if (free) {
        label.style.transform = `translate(${free.dx}px, ${free.dy}px)`;
        taken.push(free.rect);
      }
    }
    for (const square of box.querySelectorAll(".pp-square")) {
      const rect = square.getBoundingClientRect();
      const free = !taken.some((other) => meet(rect, other));
      square.style.visibility = free ? "visible" : "hidden";
      if (free) taken.push(rect);
    }
    for (const name of box.querySelectorAll(".pp-name")) {
      name.style.transform = "translate(-50%, -50%)";
      const rect = name.getBoundingClientRect();
      const shifted = [0, -30, 30].map((dy) => ({ dy, left: rect.left,
        right: rect.right, top: rect.top + dy, bottom: rect.bottom + dy }));
      const free = rect.left > frame.left && rect.right < frame.right &&
        shifted.find((place) => !taken.some((other) => meet(place, other)));
      name.style.visibility = free ? "visible" : "hidden";
      if (!free) continue;
      taken.push(free);
      name.style.transform = `translate(-50%, calc(-50% + ${free.dy}px))`;
    }
  }

  function meet(a, b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }

  // One patrol: the others fade, its times show, the map goes to it.
  function markChosen() {
    box.classList.toggle("pp-focus", chosen !== null);
    for (const part of box.querySelectorAll(".pp-patrol")) {
      part.classList.toggle("pp-on", part.classList.contains("pp-of-" + chosen));
    }
  }

  function choosePatrol(number, go) {
    chosen = number;
    for (const head of document.querySelectorAll("[data-patrol]")) {
      const mine = head.dataset.patrol === chosen;
      head.setAttribute("aria-expanded", String(mine));
      document.getElementById(head.getAttribute("aria-controls")).hidden = !mine;
    }
    all.hidden = chosen === null;
    const group = chosen !== null && window[planPage.groups[chosen]];
    if (group) {
      if (!map.hasLayer(group)) map.addLayer(group);
      group.eachLayer((layer) => layer.bringToFront && layer.bringToFront());
      window[planPage.layers[planPage.layers.length - 1]].bringToFront();
    }
    markChosen();
    if (go && group) {
      fit(planPage.bounds[chosen], 10);
      // The stops unfold below: their patrol's head goes to the top of the panel.
      document.querySelector(`[data-patrol="${chosen}"]`).scrollIntoView();
    } else if (go) fit(planPage.home);
    placeLabels();
  }

  function open(name) {
    const layer = window[name];
    if (!layer) return;
    if (narrow.matches) setPanel(false);
    map.setView(layer.getLatLng(), Math.max(map.getZoom(), 9), { animate: false });
    layer.openPopup();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const given = button.dataset;
    if (button === langButton) setLanguage(root.dataset.lang === "fr" ? "en" : "fr");
    else if (button === toggle) setPanel(document.body.classList.contains("pp-closed"));
    else if (button === all) choosePatrol(null, true);
    else if (given.patrol) choosePatrol(given.patrol === chosen ? null : given.patrol, true);
    else if (given.stop) open(planPage.stops[given.stop]);
    else if (given.place) open(planPage.places[given.place]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const layers = box.querySelector(".leaflet-control-layers");
    if (layers) layers.classList.remove("leaflet-control-layers-expanded");
    if (chosen !== null) choosePatrol(null, true);
  });
  // A popup is moved clear of the legend and into the map, at once.
  map.on("popupopen", (event) => {
    map.stop();
    map.eachLayer((layer) => layer.closeTooltip && layer.closeTooltip());
    const rect = event.popup.getElement().getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    const cover = legend.getBoundingClientRect();
    const hidden = legend.open && meet(rect, cover);
    const left = (hidden && cover.right + rect.width < frame.right ? cover.right
      : frame.left) + 8;
    const dx = rect.left < left ? rect.left - left
      : Math.max(0, rect.right - frame.right + 8);
    const dy = rect.top < frame.top + 8 ? rect.top - frame.top - 8
      : Math.max(0, rect.bottom - frame.bottom + 8);
    map.panBy([dx, dy], { animate: false });
  });
  // A layer that is shown again would come out on top of the others.
  map.on("overlayadd", () => {
    for (const name of planPage.layers) {
      if (map.hasLayer(window[name])) window[name].bringToFront();
    }
  });
  map.on("overlayadd overlayremove", () => { markChosen(); placeLabels(); });
  legend.addEventListener("toggle", placeLabels);
  map.on("move", placeEdges);
  function noteZoom() {
    box.classList.toggle("pp-near", map.getZoom() >= 9);
    const far = map.getZoom() < 6.5;
    if (far === box.classList.contains("pp-far")) return;
    box.classList.toggle("pp-far", far);
    // On a small map circles of full size would lie on each other.
    for (const name of Object.values(planPage.places)) {
      const layer = window[name];
      if (!layer || !layer.setRadius) continue;
      layer.options.whole = layer.options.whole || layer.getRadius();
      layer.setRadius(layer.options.whole * (far ? 0.6 : 1));
    }
  }
  map.on("zoomend", noteZoom);
  map.on("zoomend moveend resize", placeLabels);
  const control = box.querySelector(".leaflet-control-layers-toggle");
  if (control) control.setAttribute("aria-label", "Layers / Couches");

  if (narrow.matches) legend.open = false;
  setPanel(!narrow.matches);
  fit(planPage.home);
  noteZoom();
  setLanguage((navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en");

  // On paper the map has another size, and nothing stays folded. The size is set before
  // the paper's own style comes into force, so that Leaflet can draw for it in time.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    for (const fold of folded) fold.open = true;
    map.closePopup();
    document.body.classList.add("pp-paper");
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(chosen ? planPage.bounds[chosen] : planPage.home,
      { animate: false, padding: [16, 16] });
    noteZoom();
    placeLabels();
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
    document.body.classList.remove("pp-paper");
    map.invalidateSize({ animate: false, pan: false });
    fit(chosen ? planPage.bounds[chosen] : planPage.home);
  });
  planPage.act = { open, choosePatrol, placeLabels };
})();
