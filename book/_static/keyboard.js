// What a keyboard, or a screen reader, needs of buttons that others have made.
(function () {
  "use strict";

  const root = document.documentElement;
  const withTooltips = "[data-bs-toggle='tooltip']";
  const wide = window.matchMedia("(min-width: 992px)"); // the theme's: above it the menu is no dialog

  function hideTooltip(element) {
    window.bootstrap?.Tooltip.getInstance(element)?.hide();
  }

  // The present mode is told with what the button is for.
  function nameMode() {
    for (const button of document.querySelectorAll(".theme-switch-button")) {
      button.setAttribute("aria-label", `Color mode: ${root.dataset.mode}`);
    }
  }

  function tellMenu() {
    const sidebar = document.querySelector("#pst-primary-sidebar");
    const isShown = wide.matches && !sidebar?.classList.contains("pst-sidebar-hidden");
    document.querySelector(".primary-toggle")?.setAttribute("aria-expanded", String(isShown));
  }

  document.addEventListener("DOMContentLoaded", function () {
    nameMode();
    new MutationObserver(nameMode).observe(root, { attributeFilter: ["data-mode"] });
    tellMenu();
    wide.addEventListener("change", tellMenu);
    const sidebar = document.querySelector("#pst-primary-sidebar");
    if (sidebar) {
      new MutationObserver(tellMenu).observe(sidebar, { attributeFilter: ["class"] });
    }
    document.querySelector("#pst-primary-sidebar-modal")?.setAttribute("aria-label", "Menu");
    document.querySelector("#pst-secondary-sidebar-modal")?.setAttribute("aria-label", "Contents");
  });

  // To copy, the focus has been on a text that is no more.
  document.addEventListener("click", function ({ target }) {
    target.closest(".copybtn")?.focus({ preventScroll: true });
  });

  // A used button keeps the focus, and need not be explained any longer. The theme lets some clicks
  // go no further than the button: be there before.
  document.addEventListener(
    "click",
    function ({ target }) {
      const explained = target.closest(withTooltips);
      if (explained) {
        hideTooltip(explained);
      }
    },
    true
  );

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll(withTooltips).forEach(hideTooltip);
    }
  });
})();
