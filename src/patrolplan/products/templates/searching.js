// Finds a place by any of its names: the list is in the page, its folded names in the
// data; nothing is written here but what is hidden and what is chosen.
(function () {
  "use strict";
  const input = document.getElementById("pp-find");
  const list = document.getElementById("pp-found");
  const none = document.getElementById("pp-found-none");
  const options = Array.from(list.querySelectorAll("[data-find]"));
  const MOST = 8;
  let shown = [];
  let at = -1;

  // As searching.py folds the names.
  function fold(text) {
    return text.normalize("NFKD").toLowerCase().replace(/[-'\u2019]/g, " ")
      .replace(/[\p{M}\p{Cf}]/gu, "").split(/\s+/u).filter(Boolean).join(" ");
  }

  // The lower the better: a whole name, its beginning, the beginning of a word, within.
  function rate(keys, query) {
    let best = Infinity;
    for (const key of keys) {
      const place = key.indexOf(query);
      if (place < 0) continue;
      best = Math.min(best, key === query ? 0 : place === 0 ? 1
        : key[place - 1] === " " ? 2 : 3);
    }
    return best;
  }

  function choose(index) {
    at = index;
    shown.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", shown[at].id);
      shown[at].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function look() {
    const query = fold(input.value);
    for (const option of options) option.hidden = true;
    shown = [];
    if (!query) { close(); return; }
    shown = options
      .map((option, i) => ({ option, rank: rate(planPage.keys[i], query) }))
      .filter((found) => found.rank < Infinity)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, MOST)
      .map((found) => found.option);
    for (const option of shown) { option.hidden = false; list.insertBefore(option, none); }
    none.hidden = shown.length > 0;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(shown.length ? 0 : -1);
  }

  function go(option) {
    close();
    planPage.act.open(planPage.places[option.dataset.find]);
  }

  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("blur", () => window.setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && at >= 0) {
      go(shown[at]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      const by = event.key === "ArrowDown" ? 1 : -1;
      if (shown.length) choose((at + by + shown.length) % shown.length);
    }
  });
  // Before the field loses the focus and the list goes.
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-find]");
    event.preventDefault();
    if (option) go(option);
  });
})();
