// What the model wrote itself: which tokens those are, in words and along the large heatmap.

import { svg } from "./dom.js";
import { fill } from "./text.js";

const AWAY = 3; // pixels between the square and the line along it

/** Whether the model wrote this token itself, behind the text that it was given. */
export function isGenerated({ generated }, i) {
  return generated != null && i >= generated;
}

/** Which tokens those are, in words; nothing where there are none. */
export function generatedHint({ generated, n }, words) {
  if (generated == null) return "";
  const template = n - generated > 1 ? words.sentence_generated : words.sentence_generated_one;
  return `┈ ${fill(template, { i: generated, j: n - 1 })}`;
}

/** A broken line along their rows, and along their columns where these are the same text's. */
export function generatedLines({ left, top, size, high, wide }, { scene, palette }) {
  const { generated, across } = scene;
  if (generated == null) return [];
  const line = (from, to) => svg("line", { "data-generated": true, ...from, ...to,
    stroke: palette.text, "stroke-width": 1.5, "stroke-dasharray": "3 2" });
  const [x, y] = [left - AWAY, top - AWAY];
  const rows = line({ x1: x, x2: x }, { y1: top + generated * high, y2: top + size });
  const columns = line({ x1: left + generated * wide, x2: left + size }, { y1: y, y2: y });
  return across ? [rows] : [rows, columns];
}
