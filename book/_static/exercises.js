// Checks answers in the page; the arithmetic and its words are those of cnnlib.exercises.
(function () {
  "use strict";

  const KEY = "cnn-lecture-solved";
  const utf8 = new TextEncoder();

  // cnnlib/exercises/obscured.py: digest, fingerprint, encrypt.
  function digest(text, seed) {
    let value = 0x811c9dc5 ^ seed;
    for (const byte of utf8.encode(text)) value = Math.imul(value ^ byte, 0x01000193);
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    return (value ^ (value >>> 16)) >>> 0;
  }

  function fingerprint(salt, spelling) {
    const hex = (seed) => digest(salt + "|" + spelling, seed).toString(16).padStart(8, "0");
    return hex(1) + hex(2);
  }

  function decrypt(hex, salt, spelling) {
    const bytes = Uint8Array.from(hex.match(/../g), (pair, n) => {
      return parseInt(pair, 16) ^ (digest(salt + "|" + spelling + "|" + n, 3) & 255);
    });
    return new TextDecoder().decode(bytes);
  }

  // cnnlib/exercises/answers.py: spell.
  function spell(value, decimals) {
    if (decimals === 0) {
      const nearest = Math.floor(value + 0.5);
      return Math.abs(value - nearest) < 1e-9 ? String(nearest + 0) : String(value);
    }
    const unit = Math.pow(10, decimals);
    return (Math.floor(value * unit + 0.5) / unit + 0).toFixed(decimals);
  }

  // What people write: a true minus, thousands, a fraction.
  function parse(text) {
    const plain = text.replace(/\s/g, "").replace(/−/g, "-");
    const number = (part) => {
      const digits = /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(part) ? part.replace(/,/g, "") : part;
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits) ? Number(digits) : NaN;
    };
    const parts = plain.split("/").map(number);
    return parts.length === 1 ? parts[0] : parts.length === 2 ? parts[0] / parts[1] : NaN;
  }

  // The reader's browser may keep nothing (file://, private windows): then this page remembers.
  const memory = new Set();

  function solved() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
      return new Set([...memory, ...(Array.isArray(kept) ? kept : [])]);
    } catch {
      return new Set(memory);
    }
  }

  function keep(names) {
    memory.clear();
    names.forEach((name) => memory.add(name));
    try {
      if (names.size) localStorage.setItem(KEY, JSON.stringify([...names].sort()));
      else localStorage.removeItem(KEY);
    } catch {
      // nothing is kept but in this page
    }
    showProgress();
  }

  function showProgress() {
    for (const box of document.querySelectorAll(".exercise-progress")) {
      const known = solved(); // names of another lecture of this server may be among them
      const names = box.dataset.exercises.split(" ");
      const count = names.filter((name) => known.has(name)).length;
      const said = count + " of " + names.length + " questions with a form solved.";
      const status = box.querySelector("[role=status]");
      if (status.textContent !== said) status.textContent = said;
    }
  }

  function say(form, right, message) {
    const verdict = form.querySelector(".answer-verdict");
    verdict.dataset.right = String(right);
    verdict.textContent = (right ? "Right. " : "Not yet. ") + message;
  }

  // The spelling of what is filled in; or, as an error, what is missing.
  function given(form) {
    const radios = form.querySelectorAll("input[type=radio]");
    if (radios.length) {
      const chosen = form.querySelector("input:checked");
      if (!chosen) throw new Error("Choose one of the options.");
      return chosen.value;
    }
    const inputs = [...form.querySelectorAll("input")];
    const values = inputs.map((input) => {
      if (!input.value.trim()) {
        throw new Error(inputs.length > 1 ? "Fill in all numbers." : "Write a number.");
      }
      const value = parse(input.value);
      if (!Number.isFinite(value)) {
        throw new Error("“" + input.value + "” is not a number: write it like -1.5 or 2/3.");
      }
      return spell(value, Number(form.dataset.decimals));
    });
    return values.join(",");
  }

  function check(form) {
    const { exercise, answers, otherwise } = form.dataset;
    let spelling;
    try {
      spelling = given(form);
    } catch (missing) {
      say(form, false, missing.message);
      return;
    }
    const hidden = JSON.parse(answers)[fingerprint(exercise, spelling)];
    const text = hidden ? decrypt(hidden, exercise, spelling) : "-" + otherwise;
    say(form, text[0] === "+", text.slice(1));
    if (text[0] === "+") keep(solved().add(exercise));
  }

  function restore() {
    const names = solved();
    for (const form of document.querySelectorAll(".answer-form")) {
      const verdict = form.querySelector(".answer-verdict");
      if (names.has(form.dataset.exercise)) {
        verdict.dataset.right = "true";
        verdict.textContent = "You have solved this one.";
      }
    }
    showProgress();
  }

  function clear() {
    keep(new Set());
    for (const form of document.querySelectorAll(".answer-form")) {
      form.reset();
      const verdict = form.querySelector(".answer-verdict");
      verdict.textContent = "";
      delete verdict.dataset.right;
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".js-only[hidden]").forEach((element) => (element.hidden = false));
    document.querySelectorAll(".answer-form").forEach((form) => {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        check(form);
      });
    });
    document.querySelectorAll(".exercise-progress button").forEach((button) => {
      button.addEventListener("click", clear);
    });
    restore();
  });
})();
