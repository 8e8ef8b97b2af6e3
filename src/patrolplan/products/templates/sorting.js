// Tables that a click on a heading sorts: each cell bears its key and its value.
(function () {
  "use strict";
  function sort(table, button) {
    const body = table.querySelector("tbody");
    const rows = Array.from(body.rows);
    const head = button.closest("th");
    const rising = head.getAttribute("aria-sort") !== "ascending";
    const isNumber = button.dataset.number === "1";
    const sign = rising ? 1 : -1;
    const values = new Map(rows.map(function (row) {
      const cell = Array.from(row.children).find(
        (one) => one.dataset.key === button.dataset.sort);
      return [row, cell ? cell.dataset.v : ""];
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
    table.querySelectorAll("thead th[aria-sort]").forEach(function (one) {
      one.setAttribute("aria-sort", "none");
    });
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    sorted.forEach((row) => body.appendChild(row));
  }

  document.querySelectorAll("table[data-sortable]").forEach(function (table) {
    table.querySelectorAll("thead button[data-sort]").forEach(function (button) {
      button.addEventListener("click", () => sort(table, button));
    });
  });
})();
