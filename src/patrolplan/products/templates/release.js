// The switch of language, and the map brought to its home. All text is in the page.
(function () {
  "use strict";
  const map = window[planPage.map];
  const root = document.documentElement;
  const button = document.getElementById("pp-lang");
  function setLanguage(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
    document.title = planPage.titles[lang];
    button.setAttribute("aria-label", button.getAttribute("data-label-" + lang));
  }
  button.addEventListener("click", () => setLanguage(root.lang === "fr" ? "en" : "fr"));
  setLanguage((navigator.language || "en").startsWith("fr") ? "fr" : "en");
  map.invalidateSize({ pan: false });
  map.fitBounds(planPage.home, { animate: false, padding: [14, 14] });
})();
