// Shows shares among all plans, or among those with one value of an axis.
(function () {
  "use strict";
  const among = document.getElementById("pp-among");
  if (!among) return;
  const root = document.documentElement;
  const shown = planPage.ensemble;
  const paths = new Map();
  if (shown.lines) {
    window[shown.lines].eachLayer((shapes) => shapes.eachLayer((path) =>
      paths.set(shown.line_ids[path.feature.id], path)));
  }
  const most = Math.max(1, ...Object.values(shown.driven).map((line) => line[0][1]));

  function fill(served, plans) {
    if (!served) return shown.ramp[0];
    return served === plans ? shown.ramp[5]
      : shown.ramp[1 + Math.min(3, Math.floor((4 * served - 1) / plans))];
  }

  function number(value, decimals) {
    return value.toLocaleString(root.dataset.lang === "fr" ? "fr" : "en",
      { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  function tell(row, served, plans) {
    const cell = row.querySelector("[data-key=share]");
    cell.dataset.v = 100 * served / plans;
    cell.querySelector("span").textContent = `${served}/${plans}`;
    cell.querySelector("b").textContent = `${number(100 * served / plans, 0)} %`;
  }

  function show() {
    const which = Number(among.value);
    const plans = shown.plans[which];
    document.querySelectorAll("#pp-sites tbody tr").forEach((row) => {
      const served = shown.sites[row.dataset.id][which];
      tell(row, served, plans);
      window[planPage.places[row.dataset.id]].setStyle({ fillColor: fill(served, plans) });
    });
    const [least, widest] = shown.widths;
    document.querySelectorAll("#pp-lines tbody tr").forEach((row) => {
      const [served, passes] = shown.driven[row.dataset.id][which];
      tell(row, served, plans);
      const cell = row.querySelector("[data-key=passes]");
      cell.dataset.v = passes;
      cell.textContent = number(passes, 1);
      const path = paths.get(row.dataset.id);
      if (path) {
        // More than the most of all plans is drawn no broader than that.
        path.setStyle(passes ? { ...shown.carrying,
          weight: least + (widest - least) * Math.min(1, passes / most) } : shown.idle);
      }
    });
  }

  function word() {
    among.querySelectorAll("option[data-text-en]").forEach((option) => {
      option.textContent = root.dataset.lang === "fr" ? option.dataset.textFr
        : option.dataset.textEn;
    });
    show();
  }

  among.addEventListener("change", show);
  root.addEventListener("pp-language", word);
  word();
})();
