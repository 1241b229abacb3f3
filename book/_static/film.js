// A film is drawn for light pages and for dark ones, and shown in the page's mode. Where the mode is
// changed, it goes on from where it is. `goTo` leads a film to a moment, also one that nobody has
// asked for yet; `moment` tells where it is, or will be as soon as it can.
(function () {
  "use strict";

  const root = document.documentElement;

  function connect(video) {
    const [dark, light] = video.querySelectorAll("source");
    let shown = null; // the one of the two
    let whole = null; // the promise of all of it, see below
    let wanted = null; // seconds: where to go as soon as the film can

    video.moment = () => wanted ?? video.currentTime;

    video.goTo = function (seconds) {
      wanted = seconds;
      seek();
    };

    function seek() {
      const { readyState, seekable } = video;
      if (wanted === null) {
        return;
      } else if (readyState < HTMLMediaElement.HAVE_METADATA) {
        video.preload = "auto"; // and then once more
      } else if (seekable.length && seekable.end(0) > 0) {
        video.currentTime = wanted;
        wanted = null;
      } else if (whole === null) {
        // A server that cannot send a part of a file, such as Python's: take the whole.
        const film = fetch(shown.src).then((answer) => (answer.ok ? answer.blob() : Promise.reject()));
        whole = film;
        film.then(
          function (content) {
            if (whole === film) {
              loadFrom(URL.createObjectURL(content));
            }
          },
          function () {
            if (whole === film) {
              whole = null; // who goes to a step next asks again
            }
          }
        );
      }
    }

    // Its `load` would have Chromium load what nobody has asked for.
    function loadFrom(address) {
      const plays = !video.paused;
      URL.revokeObjectURL(video.src);
      video.src = address; // stands still now, at the beginning
      if (plays) {
        video.play().catch(function () {}); // the mode may change once more before it does
      }
    }

    function followMode() {
      const before = shown;
      shown = root.dataset.theme === "dark" ? dark : light;
      if (shown !== before) {
        wanted = video.readyState > HTMLMediaElement.HAVE_NOTHING ? video.moment() : wanted;
        whole = null;
        loadFrom(shown.src);
        seek();
      }
    }

    video.addEventListener("loadedmetadata", seek);
    followMode();
    new MutationObserver(followMode).observe(root, { attributeFilter: ["data-theme"] });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("video.film").forEach(connect);
  });
})();
