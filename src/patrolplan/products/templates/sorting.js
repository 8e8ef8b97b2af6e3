// Tables that a click on a heading sorts: each cell bears its key and its value, and a
// name that is another in French that one too.
(function () {
  "use strict";
  const root = document.documentElement;

  function sort(head, rising) {
    const button = head.querySelector("button[data-sort]");
    const table = head.closest("table");
    const body = table.querySelector("tbody");
    const rows = Array.from(body.rows);
    const isNumber = button.dataset.number === "1";
    const sign = rising ? 1 : -1;
    // As people sort: É beside E, and 2 before 10.
    const collator = new Intl.Collator(root.lang, { numeric: true });
    const values = new Map(rows.map(function (row) {
      const cell = Array.from(row.children).find(
        (one) => one.dataset.key === button.dataset.sort);
      const given = cell ? cell.dataset : { v: "" };
      return [row, (root.lang === "fr" && given.vFr) || given.v];
    }));
    const sorted = rows.slice().sort(function (a, b) {
      const one = values.get(a);
      const other = values.get(b);
      // What is not known comes last, whichever way.
      if (one === "" || other === "") {
        return (one === "" ? 1 : 0) - (other === "" ? 1 : 0);
      }
      return sign * (isNumber ? Number(one) - Number(other) : collator.compare(one, other));
    });
    table.querySelectorAll("thead th[aria-sort]").forEach(function (one) {
      one.setAttribute("aria-sort", "none");
    });
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    sorted.forEach((row) => body.appendChild(row));
  }

  document.querySelectorAll("table[data-sortable] thead button[data-sort]").forEach(
    function (button) {
      const head = button.closest("th");
      button.addEventListener("click", () => {
        sort(head, head.getAttribute("aria-sort") !== "ascending");
      });
    });
  // What is sorted by name has another order in another language.
  root.addEventListener("pp-language", function () {
    document.querySelectorAll("table[data-sortable] thead th[aria-sort]").forEach(
      function (head) {
        const way = head.getAttribute("aria-sort");
        if (way !== "none") sort(head, way === "ascending");
      });
  });
})();
