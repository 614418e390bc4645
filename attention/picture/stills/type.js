// Type in a file that is drawn with whatever fonts its reader has: how wide a text may become, and
// texts cut or broken to a width. The widths are those of Arial and Noto Sans, rounded up.

import { svg } from "../dom.js";
import { shortened } from "../text.js";

export const FONTS =
  "'Source Sans 3', 'Noto Sans', Arial, 'Noto Sans Devanagari', 'Nirmala UI', Mangal, sans-serif";

const WIDTHS = [
  [/\p{M}|\p{Cf}/u, 0.12],
  [/[ijl.,:;'|!]/, 0.29],
  [/[ftrI()[\]{}\s“”‘’"\-*/]/u, 0.39],
  [/[mMW@%—…&]/, 0.95],
  [/[wA-Z+=<>~#]/, 0.76],
  [/[\u0900-\u0dff]/, 0.72],
  [/[\u1100-\u11ff\u2190-\u2bff\u2e80-\ud7ff\uf900-\uffef]|[^\u0000-\uffff]/u, 1.1],
];
const OTHER = 0.6;

/** Pixels that `text` takes at `size`, on the safe side. */
export function widthOf(text, size) {
  const letter = (sign) => WIDTHS.find(([signs]) => signs.test(sign))?.[1] ?? OTHER;
  return size * Array.from(text).reduce((sum, sign) => sum + letter(sign), 0);
}

/** At most `room` pixels of it, never cut inside a letter as a reader counts them. */
export function cutTo(text, size, room) {
  if (widthOf(text, size) <= room) return text;
  let letters = Array.from(text).length;
  while (letters > 1 && widthOf(shortened(text, letters), size) > room) letters -= 1;
  return shortened(text, letters);
}

/** The lines of a paragraph, broken between words. */
export function linesOf(text, size, room) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && widthOf(longer, size) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => cutTo(line, size, room));
}

export function textAt(text, x, y, colour, more = {}) {
  return svg("text", { x, y, fill: colour, ...more }, text);
}
