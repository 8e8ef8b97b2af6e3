(function () {
  "use strict";
  const body = document.querySelector("#plans tbody");
  const rows = Array.from(body.querySelectorAll("tr[data-name]"));
  const listed = rows.concat(Array.from(document.querySelectorAll(".failed")));
  const words = document.getElementById("words");
  const choices = Array.from(document.querySelectorAll("#filters select"));

  function filter() {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    listed.forEach(function (row) {
      const text = row.dataset.name.toLowerCase();
      const fits = asked.every((word) => text.includes(word)) &&
        choices.every((choice, index) => choice.value === "" ||
          row.getAttribute("data-axis-" + (index + 1)) === choice.value);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.getElementById("shown").textContent = String(shown);
  }

  function sort(button) {
    const head = button.closest("th");
    const rising = head.getAttribute("aria-sort") !== "ascending";
    const isNumber = button.dataset.number === "1";
    const sign = rising ? 1 : -1;
    const values = new Map(rows.map(function (row) {
      const cell = Array.from(row.children).find(
        (one) => one.dataset.key === button.dataset.sort);
      return [row, cell.dataset.v];
    }));
    const sorted = rows.slice().sort(function (a, b) {
      const one = values.get(a);
      const other = values.get(b);
      // What is not known comes last, whichever way.
      if (one === "" || other === "") {
        return (one === "" ? 1 : 0) - (other === "" ? 1 : 0);
      }
      if (isNumber) {
        return sign * (Number(one) - Number(other));
      }
      return sign * (one < other ? -1 : one > other ? 1 : 0);
    });
    document.querySelectorAll("#plans thead th[aria-sort]").forEach(function (one) {
      one.setAttribute("aria-sort", "none");
    });
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    sorted.forEach((row) => body.appendChild(row));
  }

  document.querySelectorAll("#plans thead button").forEach(function (button) {
    button.addEventListener("click", () => sort(button));
  });
  document.getElementById("filters").addEventListener("submit", function (event) {
    event.preventDefault();
  });
  words.addEventListener("input", filter);
  choices.forEach((choice) => choice.addEventListener("change", filter));
})();
