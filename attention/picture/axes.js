// Token names along the edges of the large heatmap.

import { svg } from "./dom.js";
import { printable, shortened } from "./text.js";

const LETTERS = 9; // longer tokens are cut

/** A piece that goes on with a word begins with a tie; a sign without a letter says it itself. */
export function axisName({ tokens, goes_on: goesOn }, index) {
  const name = shortened(printable(tokens[index]), LETTERS);
  return goesOn.includes(index) && !/^\p{M}/u.test(name) ? `‿${name}` : name;
}

/** Letters of the longest name, as far as it is shown. */
export function longestName(tokens) {
  return Math.max(...tokens.map((token) => Math.min(printable(token).length, LETTERS)));
}

export function rowLabel(text, left, y, colour) {
  return svg("text", { x: left - 6, y, class: "hc-axis hc-row-label", fill: colour }, text);
}

export function columnLabel(text, x, top, colour) {
  return svg("text", { class: "hc-axis hc-column-label", fill: colour,
    transform: `translate(${x} ${top - 6}) rotate(-90)` }, text);
}
