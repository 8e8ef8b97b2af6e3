(function () {
  "use strict";
  const root = document.documentElement;
  function setLanguage(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
  }
  document.getElementById("lang").addEventListener("click", function () {
    setLanguage(root.dataset.lang === "fr" ? "en" : "fr");
  });
  setLanguage((navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en");
})();
