// A film's steps: two buttons and the arrow keys go to them, their words stand beside the buttons,
// and the times in the transcript go there too. The transcript is where times and words come from.
// While a film plays, the words of a step stand there from when the picture begins to move to it.
(function () {
  "use strict";

  const INSIDE = 0.01; // seconds: on the very edge of a frame, rounding may show the one before
  const LATELY = 0.25; // seconds after a step in which "previous" means the one before it

  function connect(player) {
    const video = player.querySelector("video");
    const bar = player.querySelector(".animation-bar");
    const words = bar.querySelector(".animation-words");
    const [previous, next] = bar.querySelectorAll("button");
    const items = Array.from(player.querySelectorAll(".animation-transcript li"));
    const steps = items.map((item) => ({
      since: Number(item.dataset.since),
      time: Number(item.dataset.seconds),
      words: item.lastElementChild.textContent,
    }));
    let present = -1; // before the film has begun, the words are its point

    function show(number) {
      if (number === present) {
        return;
      }
      present = number;
      words.firstElementChild.textContent =
        `Step ${number + 1} of ${steps.length}: ${steps[number].words}`;
      previous.setAttribute("aria-disabled", number === 0);
      next.setAttribute("aria-disabled", number === steps.length - 1);
      items.forEach((item, i) => item.toggleAttribute("data-present", i === number));
    }

    function goTo(number) {
      video.pause();
      words.setAttribute("aria-live", "polite");
      video.goTo(steps[number].time + INSIDE);
      show(number);
    }

    function goBack() {
      const passed = present >= 0 && video.moment() - steps[present].time > LATELY;
      goTo(Math.max(passed ? present : present - 1, 0));
    }

    function goOn() {
      const onTheWay = present >= 0 && video.moment() < steps[present].time;
      goTo(onTheWay ? present : Math.min(present + 1, steps.length - 1));
    }

    previous.addEventListener("click", goBack);
    next.addEventListener("click", goOn);
    bar.addEventListener("keydown", function (event) {
      const go = { ArrowLeft: goBack, ArrowRight: goOn }[event.key];
      // With one of these it is a command of the browser: Alt+Left goes back.
      if (go && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        event.stopPropagation(); // some themes turn the page
        go();
      }
    });

    items.forEach(function (item, number) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = item.firstElementChild.textContent;
      button.addEventListener("click", () => goTo(number));
      item.firstElementChild.replaceChildren(button);
    });

    video.addEventListener("timeupdate", function () {
      if (present >= 0 || !video.paused) {
        const reached = steps.filter((step) => step.since <= video.moment() + INSIDE / 2);
        show(Math.max(reached.length - 1, 0));
      }
    });
    // A film that plays says nothing aloud; who goes to a step hears its words.
    video.addEventListener("play", () => words.setAttribute("aria-live", "off"));
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".animation-player").forEach(connect);
  });
})();
