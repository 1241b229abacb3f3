// What a figure can be set to, as fields: `read` makes a value of a text and says what is wrong
// with one that it refuses, `write` makes the text again. Controls and addresses both use them.

import { fromRows } from "./arithmetic.js";

export function choice(initial, options) {
  return {
    initial,
    options,
    write: String,
    read(text) {
      if (!options.includes(text)) throw new RangeError(`“${text}” is none of ${options.join(", ")}.`);
      return text;
    },
  };
}

export function integer(initial, minimum, maximum) {
  return {
    initial,
    minimum,
    maximum,
    write: String,
    read(text) {
      const value = readNumber(text);
      if (!Number.isInteger(value) || value < minimum || value > maximum) {
        throw new RangeError(`“${text}” is not a whole number from ${minimum} to ${maximum}.`);
      }
      return value;
    },
  };
}

export function flag(initial) {
  return { ...choice(initial ? "on" : "off", ["on", "off"]), initial, write: (on) => (on ? "on" : "off"),
    read: (text) => choice("on", ["on", "off"]).read(text) === "on" };
}

// A kernel: its name, or its rows, as in 0,1,0;1,-4,1;0,1,0. `named` maps names to rows.
export function kernel(initial, named, largest = 7) {
  const rows = { read: matrix(largest).read, write: matrix(largest).write };
  return {
    initial: fromRows(named[initial]),
    named,
    largest,
    read: (text) => (Object.hasOwn(named, text) ? fromRows(named[text]) : rows.read(text)),
    write: (value) => nameOf(value, named) ?? rows.write(value),
  };
}

export function nameOf(value, named) {
  const text = matrix().write(value);
  return Object.keys(named).find((name) => matrix().write(fromRows(named[name])) === text);
}

function matrix(largest = Infinity) {
  return {
    write({ width, data }) {
      const numbers = Array.from(data, String);
      const rows = Array.from({ length: data.length / width }, (_, i) =>
        numbers.slice(i * width, (i + 1) * width).join(",")
      );
      return rows.join(";");
    },
    read(text) {
      const rows = text.split(";").map((row) => row.split(",").map(readFinite));
      if (rows.some((row) => row.length !== rows[0].length)) {
        throw new RangeError(`The rows of “${text}” are not equally long.`);
      }
      if (rows.length > largest || rows[0].length > largest) {
        throw new RangeError(`A kernel here has at most ${largest} rows and columns.`);
      }
      return fromRows(rows);
    },
  };
}

// What people write: a true minus, a decimal comma, a fraction.
export function readNumber(text) {
  const parts = String(text).trim().replace(/−/g, "-").replace(/^([^,]*),([^,]*)$/, "$1.$2").split("/");
  const numbers = parts.map((part) =>
    /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(part) ? Number(part) : NaN
  );
  return numbers.length === 1 ? numbers[0] : numbers.length === 2 ? numbers[0] / numbers[1] : NaN;
}

export function readFinite(text) {
  const value = readNumber(text);
  if (!Number.isFinite(value) || Math.abs(value) > 1e6) {
    throw new RangeError(`“${text}” is not a number from −1,000,000 to 1,000,000: write it like -1.5 or 1/9.`);
  }
  return value;
}
