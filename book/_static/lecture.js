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

  // What scrolls must be reachable by keyboard.
  function focusWhatScrolls() {
    const wide = "pre, .katex-html, .output.text_plain, .pst-scrollable-table-container";
    for (const element of document.querySelectorAll(wide)) {
      if (element.scrollWidth > element.clientWidth + 1) {
        element.tabIndex = 0;
      }
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("video.animation-video").forEach(playWhenSeen);
    focusWhatScrolls();
    window.addEventListener("resize", focusWhatScrolls);
  });
})();
