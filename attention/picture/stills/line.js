// The sentence with its lines, set by the widths of type.js.

import { linesOfAll } from "../arcs.js";
import { jointOf } from "../decode.js";
import { svg } from "../dom.js";
import { generatedHint, isGenerated } from "../generated.js";
import { LONG, pairsOf, sentencesOf } from "../said.js";
import { WINDOW } from "../sentence.js";
import { chosenOf } from "../several.js";
import { directionOf, fill, printable } from "../text.js";
import { paragraph, stacked, titled } from "./blocks.js";
import { patchesBlock } from "./patches.js";
import { cutTo, widthOf } from "./type.js";

const SIZE = 17;
const TOKEN = { height: 26, pad: 5, gap: 2 };
const TIE = { half: 6, deep: 6 }; // between two pieces of one word
const ALONE = { above: 78, below: 48 }; // of a sentence on one line
const WRAPPED = { above: 26, between: 26, below: 22 };

export function sentenceBlock(drawn, width) {
  if (drawn.scene.patches) return patchesBlock(drawn, width);
  const view = jointOf(drawn);
  const { scene, words, palette, token } = view;
  const first = scene.n > LONG
    ? Math.max(0, Math.min(scene.n - WINDOW, token - WINDOW / 2)) : 0;
  const standing = scene.n > LONG ? scene.tokens.slice(first, first + WINDOW) : scene.tokens;
  const direction = directionOf(scene.tokens);
  const { places, height } = setTokens(standing, width, direction, scene.second);
  const boxes = [];
  places.forEach(({ x, y, across }, i) => {
    boxes[first + i] = { x: x + across / 2, top: y, low: y + TOKEN.height };
  });
  const chosen = chosenOf(view);
  const { row, column } = pairsOf(view, chosen);
  const lines = chosen.map((each) => [each, pairsOf(view, [each])]);
  const nodes = [
    ...linesOfAll({ boxes, height }, view, lines),
    ...places.flatMap((place, i) => tokenNodes(place, chosen.includes(first + i), palette)),
    ...places.filter((_, i) => scene.goes_on.includes(first + i))
      .map((place) => tieNode(place, direction, palette)),
    ...places.filter((_, i) => isGenerated(scene, first + i))
      .map((place) => underline(place, palette)),
  ];
  const [looks, looked] = sentencesOf(view, chosen, row, column);
  const said = [[looks, palette.looks], [looked, palette.looked]].filter(([text]) => text);
  const legend = said.map(([text, colour]) => {
    const block = paragraph(text, width, palette.text, { indent: 26 });
    block.nodes.unshift(svg("rect", { x: 0, y: 7, width: 18, height: 4, rx: 2, fill: colour }));
    return block;
  });
  const part = scene.n > LONG && fill(words.sentence_window,
    { i: first, j: first + standing.length - 1, n: scene.n });
  const tied = scene.goes_on.length > 0 && `‿ ${words.sentence_goes_on}`;
  return titled(words.sentence_title, [part, generatedHint(scene, words), tied],
    stacked([{ nodes, height }, ...legend], 4), width, palette);
}

/** Lines from left to right, or from right to left, and where each token stands in them; `second`
 * begins a text of its own. */
function setTokens(tokens, width, direction, second) {
  const shown = tokens.map((token) => cutTo(printable(token), SIZE, width - 2 * TOKEN.pad));
  const rows = [[]];
  let x = 0;
  for (const [i, text] of shown.entries()) {
    const across = widthOf(text, SIZE) + 2 * TOKEN.pad;
    if (x > 0 && (i === second || x + across > width)) [x] = [0, rows.push([])];
    rows.at(-1).push({ text, across, x: direction === "rtl" ? width - x - across : x });
    x += across + TOKEN.gap;
  }
  const room = rows.length > 1 ? WRAPPED : ALONE;
  const step = TOKEN.height + (room.between ?? 0);
  rows.forEach((row, i) => row.forEach((place) => { place.y = room.above + i * step; }));
  const height = room.above + (rows.length - 1) * step + TOKEN.height + room.below;
  return { places: rows.flat(), height };
}

/** A tie to the piece before, where one word is cut. */
function tieNode({ x, y, across }, direction, palette) {
  const middle = direction === "rtl" ? x + across + TOKEN.gap / 2 : x - TOKEN.gap / 2;
  const low = y + TOKEN.height - TIE.deep / 2;
  return svg("path", { "data-tie": true, fill: "none", stroke: palette.muted, "stroke-width": 1.5,
    d: `M${middle - TIE.half} ${low}Q${middle} ${low + TIE.deep} ${middle + TIE.half} ${low}` });
}

/** Below a token that the model wrote itself. */
function underline({ x, y, across }, palette) {
  const low = y + TOKEN.height - 1;
  return svg("line", { "data-generated": true, x1: x + TOKEN.pad, x2: x + across - TOKEN.pad,
    y1: low, y2: low, stroke: palette.text, "stroke-width": 1.5, "stroke-dasharray": "3 2" });
}

function tokenNodes({ text, x, y, across }, isChosen, palette) {
  const label = svg("text", { x: x + across / 2, y: y + TOKEN.height / 2, class: "hc-in hc-axis",
    "font-size": SIZE, fill: isChosen ? palette.on_neutral : palette.text }, text);
  if (!isChosen) return [label];
  return [svg("rect", { x, y, width: across, height: TOKEN.height, rx: 4, fill: palette.neutral,
    stroke: palette.text }), label];
}
