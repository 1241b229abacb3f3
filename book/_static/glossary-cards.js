// Shows what a term means beside its link: on hover, on focus, at a finger's first tap (a second
// tap follows the link). Escape takes the card away, and the pointer may rest on it.
(function () {
  "use strict";

  const GRACE = 250; // milliseconds to get from the link to the card, and before a card opens
  const GAP = 6; // pixels between them
  let card, shown, timer, touched;

  function make(article) {
    card = document.createElement("div");
    card.id = "glossary-card";
    card.className = "glossary-card";
    card.setAttribute("role", "tooltip");
    card.hidden = true;
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", later(hide));
    article.append(card);
  }

  function later(action) {
    return function (event) {
      if (event.pointerType === "touch") return;
      clearTimeout(timer);
      timer = setTimeout(action, GRACE, event.currentTarget);
    };
  }

  function show(link) {
    clearTimeout(timer);
    if (shown === link) return;
    hide();
    const term = decodeURIComponent(new URL(link.href).hash.slice(1));
    const known = document.getElementById("glossary-cards").content;
    const words = known.querySelector('[data-term="' + CSS.escape(term) + '"]');
    if (!words) return;
    card.replaceChildren(...words.cloneNode(true).childNodes);
    card.hidden = false;
    shown = link;
    link.setAttribute("aria-describedby", card.id);
    place(link);
  }

  // Below the link, or above it where there is more room; never beyond the window's sides.
  function place(link) {
    const line = link.getClientRects()[0];
    const origin = card.offsetParent.getBoundingClientRect();
    const { width, height } = card.getBoundingClientRect();
    const widest = document.documentElement.clientWidth - width - GAP;
    const left = Math.max(Math.min(line.left, widest), GAP);
    const fits = line.bottom + GAP + height < window.innerHeight || line.top < height + GAP;
    const top = fits ? line.bottom + GAP : line.top - GAP - height;
    card.style.left = left - origin.left + "px";
    card.style.top = top - origin.top + "px";
  }

  function hide() {
    clearTimeout(timer);
    if (shown) shown.removeAttribute("aria-describedby");
    shown = undefined;
    card.hidden = true;
  }

  document.addEventListener("DOMContentLoaded", function () {
    const links = document.querySelectorAll("a.glossary-term");
    if (!links.length) return;
    make(document.querySelector(".bd-article"));
    links.forEach(function (link) {
      link.addEventListener("pointerenter", later(show));
      link.addEventListener("pointerleave", later(hide));
      link.addEventListener("focus", () => touched || show(link));
      link.addEventListener("blur", hide);
      link.addEventListener("click", function (event) {
        if (touched && shown !== link) {
          event.preventDefault();
          show(link);
        }
      });
    });
    document.addEventListener(
      "pointerdown",
      function (event) {
        touched = event.pointerType === "touch";
        if (touched && shown && !card.contains(event.target) && !shown.contains(event.target)) {
          hide();
        }
      },
      true
    );
    document.addEventListener("keydown", function (event) {
      touched = false;
      if (event.key === "Escape" && shown) hide();
    });
  });
})();
