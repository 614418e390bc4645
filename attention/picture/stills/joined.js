// What becomes of the chosen token: every head's context side by side, and what W_O makes of it.

import { kvColours } from "../colours.js";
import { kvHeadOf } from "../decode.js";
import { svg } from "../dom.js";
import { firstOf, joinedToken, mostOf, strengthOf } from "../joined.js";
import { fill, named } from "../text.js";
import { paragraph, stacked, titled } from "./blocks.js";
import { textAt, widthOf } from "./type.js";

const ROW = { heads: 6, lanes: 18, added: 14 }; // pixels high
const STRENGTHS = 64; // a path each
const SMALL_TYPE = { "font-size": 12 };

export function joinedBlock(view, width) {
  const { scene, words, formats, palette, head } = view;
  const { contexts, output } = scene.joined;
  const from = contexts.flat();
  const step = `${formats.number(from.length)} × ${formats.number(output.length)} · ${
    fill(words.joined_added, { list: firstOf(output, formats) })}`;
  const hint = fill(words.joined_hint, { token: named(scene, joinedToken(scene)) });
  return titled(words.joined_title, [hint], stacked([
    signsBlock(view),
    { height: ROW.heads + 2 + ROW.lanes, nodes: [...headMarks(view, width),
      ...shadeNodes(from, { y: ROW.heads + 2, width, high: ROW.lanes }, palette)] },
    paragraph(fill(words.joined_head, { head, numbers: firstOf(contexts[head], formats) }), width,
      palette.muted, SMALL_TYPE),
    paragraph(`W_O ${step}`, width, palette.text, SMALL_TYPE),
    { nodes: shadeNodes(output, { y: 0, width, high: ROW.added }, palette), height: ROW.added },
  ], 4), width, palette);
}

/** What the two colours mean. */
function signsBlock({ words, palette }) {
  const second = 16 + widthOf(words.joined_above, 12) + 14;
  const sign = (x, colour, text) => [svg("rect", { x, y: 1, width: 11, height: 11, fill: colour }),
    textAt(text, x + 16, 11, palette.muted)];
  return { height: 15, nodes: [...sign(0, palette.looks, words.joined_above),
    ...sign(second, palette.looked, words.joined_below)] };
}

/** Where each head's numbers stand, in the colour of its key-value head. */
function headMarks({ scene, palette, head }, width) {
  const { n_heads: nHeads, n_kv_heads: nKv } = scene.shape;
  const each = width / nHeads;
  return Array.from({ length: nHeads }, (_, i) => svg("rect", { x: i * each, y: 0,
    width: each - Math.min(1, each / 4), height: ROW.heads,
    fill: kvColours(palette, kvHeadOf(scene, i), nKv, kvHeadOf(scene, head))[0],
    ...(i === head ? { stroke: palette.text } : { opacity: 0.45 }) }));
}

/** A cell a number, those of one strength and sign in one path. */
function shadeNodes(numbers, { y, width, high }, palette) {
  const [most, each, paths] = [mostOf(numbers), width / numbers.length, new Map()];
  numbers.forEach((number, i) => {
    const key = Math.round(strengthOf(number, most) * STRENGTHS) * (number < 0 ? -1 : 1);
    const cell = `M${(i * each).toFixed(2)} ${y}h${each.toFixed(2)}v${high}h-${each.toFixed(2)}z`;
    paths.set(key, (paths.get(key) ?? "") + cell);
  });
  return [...Array.from(paths, ([key, d]) => svg("path", { d, "shape-rendering": "crispEdges",
    fill: key < 0 ? palette.looked : palette.looks, "fill-opacity": Math.abs(key) / STRENGTHS })),
  svg("rect", { x: 0, y, width, height: high, fill: "none", stroke: palette.line })];
}
