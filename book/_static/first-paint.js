// Sets the colours before anything is drawn, so that no page flashes; it alone is not deferred.
(function () {
  "use strict";

  const root = document.documentElement;
  let mode = "auto";
  try {
    mode = localStorage.getItem("mode") || mode;
  } catch {
    // Nothing may be stored here: the reader's system decides.
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode = mode;
  root.dataset.theme = mode === "auto" ? (dark ? "dark" : "light") : mode;

  // The fonts of formulas, before the style sheet has been read. Only from a server: browsers
  // refuse to preload a font from a disk, and complain.
  if (location.protocol.startsWith("http")) {
    for (const address of (document.currentScript.dataset.fonts || "").split(" ")) {
      if (address) {
        const link = document.createElement("link");
        Object.assign(link, { rel: "preload", as: "font", type: "font/woff2", href: address });
        link.crossOrigin = "anonymous";
        document.head.append(link);
      }
    }
  }
})();
