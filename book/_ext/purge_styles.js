// Reads {css, words, keep} as JSON and writes the rules of css that could match: PurgeCSS.
"use strict";

const { PurgeCSS } = require(process.argv[2]);

const { css, words, keep } = JSON.parse(require("fs").readFileSync(0, "utf-8"));

new PurgeCSS()
  .purge({
    css: [{ raw: css }],
    content: [{ raw: words.join(" "), extension: "words" }],
    defaultExtractor: (text) => text.split(" "),
    fontFace: false, // a face may be named through a variable
    safelist: { standard: keep },
  })
  .then(([{ css: kept }]) => process.stdout.write(kept));
