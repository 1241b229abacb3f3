// Plays an animation once it is in view, for readers who have not asked for less motion.
(function () {
  "use strict";

  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

  function playWhenSeen(video) {
    const seen = new IntersectionObserver(
      function (entries) {
        const entry = entries[entries.length - 1];
        if (entry.isIntersecting && !reduced.matches) {
          seen.disconnect(); // once: from now on the reader has the controls
          video.play().catch(function () {}); // a browser may refuse; the controls remain
        }
      },
      { threshold: 0.6 }
    );
    seen.observe(video);
  }

  // What scrolls must be reachable by keyboard, also when it is unfolded later. What is far from
  // the screen is not laid out (lecture.css), and to ask for its width would lay it out.
  const scrolling = "pre, .katex-display, .cell_output > .output, .pst-scrollable-table-container";

  function reachWhatScrolls(elements) {
    const laidOut = [...elements].filter((e) => e.checkVisibility({ contentVisibilityAuto: true }));
    // First read, then write: each change would have the next width computed anew.
    const wide = laidOut.map((e) => e.scrollWidth > e.clientWidth);
    laidOut.forEach((element, i) => {
      if (wide[i]) {
        element.tabIndex = 0;
      } else if (element !== document.activeElement) {
        element.removeAttribute("tabindex");
      }
    });
  }
  const resized = new ResizeObserver((entries) => reachWhatScrolls(entries.map((e) => e.target)));

  // Chromium takes a block that it has not laid out for one that scrolls, and has Tab lead there. As
  // soon as it knows better the focus would be nowhere: so it may stay until it goes on.
  document.addEventListener("focusin", function ({ target }) {
    if (target.matches(scrolling)) {
      target.tabIndex = 0;
      target.addEventListener("blur", () => reachWhatScrolls([target]), { once: true });
    }
  });

  // Until a reader moves the page after a link has led into it (lecture.css).
  const jumped = (has) => document.documentElement.toggleAttribute("data-jumped", has);
  jumped(location.hash !== "");
  window.addEventListener("hashchange", () => jumped(true));
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    window.addEventListener(type, () => jumped(false), { passive: true });
  }

  // The theme's buttons, whose attributes may hold no code in a finished page.
  const calls = {
    "window.print()": () => window.print(),
    "toggleFullScreen()": () => window.toggleFullScreen(),
  };

  document.addEventListener("DOMContentLoaded", function () {
    for (const button of document.querySelectorAll("[data-calls]")) {
      button.addEventListener("click", calls[button.dataset.calls]);
    }
    document.querySelectorAll("video.animation-video").forEach(playWhenSeen);
    document.querySelectorAll(scrolling).forEach((element) => resized.observe(element));
    // A formula's box stays as it is when its letters come, and what is in it may not.
    const check = (place) => reachWhatScrolls(place.querySelectorAll(scrolling));
    document.fonts.addEventListener("loadingdone", () => check(document));
    document.addEventListener("contentvisibilityautostatechange", (event) => {
      if (!event.skipped) {
        check(event.target);
      }
    });
  });
})();
