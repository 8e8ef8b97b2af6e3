(function () {
  "use strict";
  const rows = Array.from(document.querySelectorAll("#plans tr[data-name]"));
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

  document.getElementById("filters").addEventListener("submit", function (event) {
    event.preventDefault();
  });
  words.addEventListener("input", filter);
  choices.forEach((choice) => choice.addEventListener("change", filter));
})();
