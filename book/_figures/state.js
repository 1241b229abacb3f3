// What a figure can be set to, as fields: `read` makes a value of a text and says what is wrong
// with one that it refuses, `write` makes the text again. Controls and addresses both use them.

import { fromRows, grid } from "./arithmetic.js";

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

export function real(initial, minimum, maximum) {
  return {
    initial,
    minimum,
    maximum,
    write: String,
    read(text) {
      const value = readNumber(text);
      if (!(value >= minimum && value <= maximum)) {
        throw new RangeError(`“${text}” is not a number from ${minimum} to ${maximum}.`);
      }
      return value;
    },
  };
}

// Something that is on or off: true or false.
export function flag(initial) {
  const { read } = choice("on", ["on", "off"]);
  return { initial, write: (on) => (on ? "on" : "off"), read: (text) => read(text) === "on" };
}

// A kernel: its name, or its rows, as in 0,1,0;1,-4,1;0,1,0. `named` maps names to rows; there are
// from `smallest` to `largest` rows and columns.
export function kernel(initial, named, largest = 7, smallest = 1) {
  const rows = matrix(largest, smallest);
  return {
    initial: fromRows(named[initial]),
    named,
    largest,
    smallest,
    read: (text) => (Object.hasOwn(named, text) ? fromRows(named[text]) : rows.read(text)),
    write: (value) => nameOf(value, named) ?? rows.write(value),
  };
}

export function nameOf(value, named) {
  const text = matrix().write(value);
  return Object.keys(named).find((name) => matrix().write(fromRows(named[name])) === text);
}

function matrix(largest = Infinity, smallest = 1) {
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
      if (rows.length < smallest || rows[0].length < smallest) {
        throw new RangeError(`A kernel here has at least ${smallest} rows and columns.`);
      }
      return fromRows(rows);
    },
  };
}

// A place in a grid: [row, column] as 12,30.
export function place(initial, largest = 4095) {
  return {
    initial,
    write: String,
    read(text) {
      const numbers = text.split(",").map(readNumber);
      const isPlace = numbers.length === 2 && numbers.every((n) => Number.isInteger(n) && n >= 0 && n <= largest);
      if (!isPlace) throw new RangeError(`“${text}” is no place: write its row and column, as 12,30.`);
      return numbers;
    },
  };
}

// A drawing in black and white: a grid of zeros and ones, six of them to a letter.
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function bitmap(initial) {
  const { height, width } = initial;
  const length = Math.ceil((height * width) / 6);
  return {
    initial,
    write({ data }) {
      const bits = Array.from({ length: 6 * length }, (_, n) => data[n] ?? 0);
      const letter = (_, n) => LETTERS[parseInt(bits.slice(6 * n, 6 * n + 6).join(""), 2)];
      return Array.from({ length }, letter).join("");
    },
    read(text) {
      const numbers = Array.from(text, (letter) => LETTERS.indexOf(letter));
      if (numbers.length !== length || numbers.includes(-1)) {
        throw new RangeError(`“${text.slice(0, 20)}” is no drawing of ${height} × ${width} pixels.`);
      }
      const bits = numbers.flatMap((number) => Array.from(number.toString(2).padStart(6, "0"), Number));
      return grid(height, width, Float64Array.from(bits.slice(0, height * width)));
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
