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

  // What scrolls must be reachable by keyboard, also when it is unfolded later.
  function reachIfItScrolls(target) {
    if (target.scrollWidth > target.clientWidth) {
      target.tabIndex = 0;
    } else {
      target.removeAttribute("tabindex");
    }
  }
  const resized = new ResizeObserver(function (entries) {
    entries.forEach(({ target }) => reachIfItScrolls(target));
  });

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
    const wide = "pre, .katex-display, .pst-scrollable-table-container";
    const all = document.querySelectorAll(wide);
    all.forEach((element) => resized.observe(element));
    // A formula's box stays as it is when its letters come, and what is in it may not.
    document.fonts.addEventListener("loadingdone", () => all.forEach(reachIfItScrolls));
  });
})();
