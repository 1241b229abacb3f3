// How the figure kernel-learning says its numbers, and what they mean.

import { short } from "./drawing.js";

const raised = (number) => Array.from(String(number), (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");

export const powerOfTen = (power) => `10${raised(power)}`;

// A number to three digits, for a sentence: 0.0123 or 1.23 · 10⁻⁸.
export function precise(value) {
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return short(Number(value.toPrecision(3)), 6);
  const [digits, power] = value.toExponential(2).split("e");
  return `${digits.replace("-", "−")} · ${powerOfTen(Number(power))}`;
}

// A number for a narrow cell.
export function brief(value) {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1000)) return short(Number(value.toPrecision(size < 0.01 ? 1 : size < 0.1 ? 2 : 3)), size < 1 ? 4 : 2);
  return value.toExponential(0).replace("e+", "e").replaceAll("-", "−");
}

// What a step multiplies an error by, never rounded to 1.
export function sayFactor(factor) {
  const size = Math.abs(factor);
  return `× ${size > 10 ? brief(factor) : short(factor, Math.abs(1 - size) < 1e-3 ? 6 : 3)}`;
}

export function saySteps({ step, losses, diverged }, last) {
  const loss = losses[step];
  if (diverged) return `At step ${step} the loss has passed ${powerOfTen(30)}, and the descent ends.`;
  return step === last ? `Step ${step}, the last one here: the loss is ${precise(loss)}.` : `Step ${step}: the loss is ${precise(loss)}.`;
}

// What the learning rate does in the directions, which are in the order of their eigenvalues.
export function sayThreshold({ rate, threshold, momentum, directions, drawn, windows }) {
  const formula = momentum ? `2 (1 + ${momentum})/λ₁` : "2/λ₁";
  const place = `The rate is ${precise(rate / threshold)} of the threshold ${formula} = ${precise(threshold)}`;
  if (drawn) {
    const largest = windows.reduce((most, a) => Math.max(most, a.reduce((sum, pixel) => sum + pixel ** 2, 0)), 0);
    const safe = `With a rate of at most 1/‖a‖² = ${precise(1 / largest)}, where a is the window of the largest norm, no step takes the kernel further from the target.`;
    return `${place} for the whole picture; for random windows that threshold does not hold.${momentum ? "" : ` ${safe}`}`;
  }
  const growing = directions.filter(({ factor }) => Math.abs(factor) > 1 + 1e-9).length;
  if (!rate) return `${place}: nothing is learnt.`;
  if (!growing) return `${place}: no error grows. ${sayCondition(directions)}`;
  const times = precise(Math.abs(directions[0].factor));
  const others = growing > 1 ? `, and in ${growing - 1} more directions it grows too` : "";
  return `${place}: in direction 1 each step makes the error ${times} times as large${others}. ${sayCondition(directions)}`;
}

function sayCondition(directions) {
  const unseen = directions.filter(({ eigenvalue }) => eigenvalue === 0).length;
  if (unseen) return `In ${unseen} directions λ is 0: this picture says nothing about them, and the kernel never learns them.`;
  return `The condition number λ₁/λ₉ is ${precise(directions[0].eigenvalue / directions.at(-1).eigenvalue)}.`;
}
