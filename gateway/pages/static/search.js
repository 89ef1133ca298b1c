// Filters operations as one types, and opens the one an address names.
(function () {
  "use strict";
  var box = document.getElementById("search");
  var found = document.getElementById("found");
  var entries = Array.prototype.slice.call(document.querySelectorAll("[data-search]"));

  function filter() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    entries.forEach(function (entry) {
      var text = entry.getAttribute("data-search");
      var matches = words.every(function (word) { return text.indexOf(word) !== -1; });
      entry.hidden = !matches;
      if (matches) { shown += 1; }
    });
    document.querySelectorAll("main > h2[id^='group-']").forEach(function (heading) {
      var next = heading.nextElementSibling;
      var any = false;
      while (next && next.tagName !== "H2") {
        any = any || !next.hidden;
        next = next.nextElementSibling;
      }
      heading.hidden = !any;
    });
    found.textContent = words.length ? shown + " / " + entries.length : "";
  }

  function openTarget() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  }

  if (box) { box.addEventListener("input", filter); }
  window.addEventListener("hashchange", openTarget);
  openTarget();
})();
