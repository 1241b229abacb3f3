// Opens the search: by its button or Ctrl+K (⌘K). What it needs is loaded then, not before. (A key
// by itself, such as "/", would open it for who dictates, and could not be switched off.)
(function () {
  "use strict";

  const root = document.documentElement.dataset.content_root;
  let loaded;

  function add(name, attributes) {
    return new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement(name), attributes);
      element.addEventListener("load", resolve);
      element.addEventListener("error", reject);
      document.head.append(element);
    });
  }

  function load() {
    const at = (name) => root + "_static/search/" + name;
    const script = (name) => add("script", { src: at(name), async: false });
    loaded ??= Promise.all([
      add("link", { rel: "stylesheet", href: at("results.css") }),
      script("index.js"),
      script("engine.js"),
    ]);
    return loaded;
  }

  function start(whole) {
    const status = whole.querySelector(".search-status");
    status.textContent = "Loading the index…";
    load().then(
      () => window.lectureSearch.attach(whole, root),
      () => {
        loaded = undefined;
        const again = whole === dialog ? "Close the search and open it again." : "Reload the page.";
        status.textContent = "The index could not be loaded. " + again;
      }
    );
  }

  function makeDialog() {
    const dialog = document.createElement("dialog");
    dialog.className = "search-dialog";
    dialog.setAttribute("aria-label", "Search");
    dialog.innerHTML =
      '<form class="search-form" role="search" method="get">' +
      '<input class="form-control" type="text" name="q" inputmode="search" ' +
      'enterkeyhint="search" autocomplete="off" autocapitalize="off" spellcheck="false" ' +
      'aria-label="Search the lecture" placeholder="Search the lecture">' +
      '<button type="button">Close</button></form>' +
      '<p class="search-status" role="status"></p><div class="search-results"></div>';
    dialog.querySelector("form").action = root + "search.html";
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
    // Seen in Chromium: by itself, Escape does not always close it while a link has the focus.
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") dialog.close();
    });
    dialog.addEventListener("click", (event) => {
      const chosen = event.target.closest("a") && !event.ctrlKey && !event.metaKey;
      if (chosen || event.target === dialog) dialog.close(); // a place, or beside the dialog
    });
    document.body.append(dialog);
    return dialog;
  }

  let dialog;

  function open() {
    if (dialog?.open) return;
    const begun = dialog && loaded;
    dialog ??= makeDialog();
    dialog.showModal(); // at once, so that nothing is lost of what is typed meanwhile
    dialog.querySelector("input").select();
    if (!begun) start(dialog);
  }

  document.addEventListener("keydown", function (event) {
    const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (k && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".search-button__button").forEach((button) => {
      button.addEventListener("click", open);
    });
    const form = document.querySelector(".search-in-page");
    if (form) {
      const input = form.querySelector("input");
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      if (input.value || document.activeElement === input) {
        start(form.parentElement);
      } else {
        input.addEventListener("focus", () => start(form.parentElement), { once: true });
      }
    }
  });
})();
