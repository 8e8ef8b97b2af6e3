// Stands in for Leaflet.awesome-markers: the same coloured pin drawn as SVG, without
// the glyph, so that folium.Icon needs neither an icon font nor a sprite.
(function () {
  "use strict";
  var fills = {
    red: "#d63e2a", darkred: "#a13336", lightred: "#ff8e7f", orange: "#f69730",
    beige: "#ffcb92", green: "#72b026", darkgreen: "#728224", lightgreen: "#bbf970",
    blue: "#38aadd", darkblue: "#0067a3", cadetblue: "#436978", lightblue: "#8adaff",
    purple: "#d252b9", darkpurple: "#5b396b", pink: "#ff91ea", white: "#fbfbfb",
    gray: "#575757", lightgray: "#a3a3a3", black: "#303030"
  };
  L.AwesomeMarkers = {
    icon: function (options) {
      var wanted = options && options.markerColor;
      var known = Object.prototype.hasOwnProperty.call(fills, wanted);
      var fill = known ? fills[wanted] : fills.blue;
      return L.divIcon({
        className: "",
        html: '<svg width="27" height="41" viewBox="0 0 27 41" aria-hidden="true">' +
          '<path d="M13.5 40C12 31 1 24 1 13.5a12.5 12.5 0 0 1 25 0C26 24 15 31 ' +
          '13.5 40z" fill="' + fill + '" stroke="#333" stroke-opacity=".6"/>' +
          '<circle cx="13.5" cy="13.5" r="4.5" fill="#fff"/></svg>',
        iconSize: [27, 41],
        iconAnchor: [13, 40],
        popupAnchor: [1, -34],
        tooltipAnchor: [14, -27]
      });
    }
  };
})();
