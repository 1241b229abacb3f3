// The base of the figures: when they are built and drawn, their state and the page's address.
//
// A figure extends `Figure` and has
//   static fields   what it can be set to, see state.js; a field's key is its name in the address;
//   build()         make its elements, once, when it first comes near the screen; return them;
//   compute(state)  return what is to be shown, or throw a RangeError with a sentence that says
//                   what cannot be: then the figure says so and stays as it was;
//   show(result)    show it; called at most once a frame, and only while the figure is near;
//   rest()          optional: let go of what works by itself (a camera, a timer) when out of sight.
// It calls `this.set({ key: value })` for each change of its state, `this.changed()` where something
// else has changed that `compute` looks at (a frame of a camera), `this.say(text)` for a message.

import * as address from "./address.js";
import { element, spoken } from "./controls.js";
import { onChange } from "./hues.js";

export class Figure extends HTMLElement {
  static fields = {};

  result = null; // what `compute` makes of the state, also before it is shown

  #observer = null;
  #frame = 0;
  #seen = false;
  #controls = [];
  #status = null;
  #link = null;
  #wrong = "";

  connectedCallback() {
    if (this.#observer) return;
    this.name = this.closest("figure")?.id || this.localName;
    this.start = this.#initial();
    this.state = { ...this.start };
    this.#observer = new IntersectionObserver((entries) => this.#see(entries.at(-1).isIntersecting), {
      rootMargin: "200px",
    });
    this.#observer.observe(this);
    onChange(() => this.#status && this.redraw());
    window.addEventListener("hashchange", () => this.#arrive());
    // No such event comes of a link to where the address is already.
    document.addEventListener("click", ({ target }) => {
      if (target.closest("a[href]")?.href === location.href) this.#arrive();
    });
    if (Object.hasOwn(address.states(), this.name)) this.#followAddress();
  }

  // Take a change of the state, or say why not. Returns whether it was taken.
  set(changes) {
    const next = { ...this.state, ...changes };
    try {
      this.result = this.compute(next);
    } catch (problem) {
      if (!(problem instanceof RangeError)) throw problem;
      this.say(problem.message, true);
      this.#controls.forEach((control) => control.sync(this.state));
      return false;
    }
    this.state = next;
    this.say("");
    address.keep(this.name, this.texts());
    this.redraw();
    return true;
  }

  reset() {
    this.set(this.start);
  }

  // The texts of what differs from the start; null if nothing does.
  texts(state = this.state) {
    const { fields } = this.constructor;
    const changed = Object.keys(fields).filter(
      (key) => fields[key].write(state[key]) !== fields[key].write(this.start[key])
    );
    return changed.length ? Object.fromEntries(changed.map((key) => [key, fields[key].write(state[key])])) : null;
  }

  // Say something below the figure, with code in backticks; a screen reader reads it out.
  say(text, problem = false) {
    if (!this.#status) return;
    const parts = text.split("`").map((part, n) => (n % 2 ? element("code", {}, part) : part));
    if (this.#status.textContent !== text.replaceAll("`", "")) this.#status.replaceChildren(...parts);
    this.#status.classList.toggle("figure-problem", problem);
  }

  // Have a control follow the state: `sync(state)` is called after each change.
  follow(control) {
    this.#controls.push(control);
    return control;
  }

  // Compute and show the state once more.
  changed() {
    this.result = this.compute(this.state);
    this.redraw();
  }

  redraw() {
    if (this.#seen && !this.#frame) this.#frame = requestAnimationFrame(() => this.update());
  }

  // Bring what is seen up to date, now.
  update() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.result ??= this.compute(this.state);
    this.#controls.forEach((control) => control.sync(this.state));
    this.show(this.result);
    const hash = address.withState(this.name, this.texts() ?? {});
    if (this.#link.hash !== hash) this.#link.href = hash;
  }

  #initial() {
    const { fields } = this.constructor;
    const own = address.parse(this.getAttribute("state") ?? "");
    return Object.fromEntries(
      Object.entries(fields).map(([key, field]) => [key, key in own ? field.read(own[key]) : field.initial])
    );
  }

  #see(near) {
    this.#seen = near;
    if (near && !this.#status) this.#open();
    if (near) return this.redraw();
    cancelAnimationFrame(this.#frame); // what waited to be drawn waits until it is seen again
    this.#frame = 0;
    if (this.#status) this.rest?.();
  }

  // The still picture remains, for print, and its words describe the figure.
  #open() {
    const still = this.querySelector("img"); // the light one
    if (still) still.loading = "eager"; // hidden from now on, and wanted when the page is printed
    const words = element("p", { className: "figure-words", id: `${this.name}-words` }, still?.alt ?? "");
    this.#status = element("p", { className: "figure-status", role: "status" });
    this.#link = element("a", { href: "#" }, "Link to this state");
    const reset = element("button", { type: "button", onclick: () => this.reset() }, "Start again");
    const live = element("div", { className: "figure-live", role: "group", tabIndex: -1 }, words);
    live.setAttribute("aria-describedby", words.id);
    live.setAttribute("aria-label", spoken(this.localName));
    live.append(...[this.build()].flat(), this.#status, element("p", { className: "figure-foot" }, reset, this.#link));
    this.append(live);
    this.classList.add("figure-open");
    if (this.#wrong) this.say(this.#wrong, true);
  }

  // Follow a link; the focus goes to where it leads.
  #arrive() {
    this.#followAddress();
    if (Object.keys(address.states())[0] !== this.name) return;
    if (!this.#status) this.#open();
    this.querySelector(".figure-live").focus({ preventScroll: true });
  }

  // Go to the state in the address. What cannot be read is said, and the rest is taken.
  #followAddress() {
    const { fields } = this.constructor;
    const all = address.states();
    const texts = all[this.name];
    if (!texts) return;
    const next = { ...this.start };
    const wrong = [];
    for (const [key, text] of Object.entries(texts)) {
      try {
        if (!Object.hasOwn(fields, key)) throw new RangeError(`This figure has no “${key}”.`);
        next[key] = fields[key].read(text);
      } catch (problem) {
        if (!(problem instanceof RangeError)) throw problem;
        wrong.push(problem.message);
      }
    }
    try {
      this.result = this.compute(next);
      this.state = next;
    } catch (problem) {
      if (!(problem instanceof RangeError)) throw problem;
      wrong.push(problem.message);
    }
    this.#wrong = wrong.length ? `The address cannot be followed: ${wrong.join(" ")}` : "";
    this.say(this.#wrong, wrong.length > 0);
    if (Object.keys(all)[0] === this.name) (this.closest("figure") ?? this).scrollIntoView();
    this.redraw();
  }
}

// Define a figure's element, named as its file.
export function define(name, constructor) {
  if (!customElements.get(name)) customElements.define(name, constructor);
}
