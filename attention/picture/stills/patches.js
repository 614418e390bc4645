// A picture with the weights of the chosen query over it, as a block of a given width.

import { cssOf } from "../colours.js";
import { svg } from "../dom.js";
import { besideOf, heatOf, rowOf } from "../patches.js";
import { pairsOf, sentencesOf } from "../said.js";
import { fill, isolated } from "../text.js";
import { paragraph, stacked, titled } from "./blocks.js";

const STILL_HIGH = 360;
const BETWEEN = 16;

export function patchesBlock(view, width) {
  const { scene, words, formats, palette, token, weights } = view;
  const { rows, columns, first } = scene.patches;
  const across = Math.min((width - BETWEEN) / 2, (STILL_HIGH * columns) / rows);
  const high = (across * rows) / columns;
  const { row, most } = rowOf(view, token);
  const cell = across / columns;
  const place = (i) => ({ x: (i % columns) * cell, y: Math.floor(i / columns) * cell,
    width: cell, height: cell });
  const picture = (x, more = {}) => svg("image", { x, y: 0, width: across, height: high, ...more,
    preserveAspectRatio: "none", href: `data:image/png;base64,${scene.patches.png}` });
  const grey = svg("filter", { id: "hc-grey" }, svg("feColorMatrix", { type: "saturate", values: 0 }));
  const heat = row.map((weight, i) => {
    const { pixel, cover } = heatOf(view, weight, most);
    return svg("rect", { ...place(i), fill: cssOf(pixel), "fill-opacity": cover,
      "shape-rendering": "crispEdges" });
  });
  const own = token - first;
  const mark = own >= 0 && own < row.length ? [svg("rect", { ...place(own), fill: "none",
    stroke: palette.looked, "stroke-width": 3 })] : [];
  const percent = (weight) => formats.percent(weight, weights.pool === 1);
  const scale = `0 – ${percent(most)} ${
    fill(words.patches_scale, { token: isolated(scene.tokens[token]) })}`;
  const beside = besideOf(scene).map((i) => `${scene.tokens[i]} ${percent(weights.at(token, i))}`);
  const { row: all, column } = pairsOf(view, [token]);
  const told = sentencesOf(view, [token], all, column).map((text) =>
    paragraph(text, width, palette.text));
  const body = { height: high, nodes: [grey, picture(0, { filter: "url(#hc-grey)" }), ...heat, ...mark, picture(across + BETWEEN)] };
  const under = beside.length ? [paragraph(beside.join(" · "), width, palette.text)] : [];
  return titled(words.patches_title, [scale], stacked([body, ...under, ...told], 4), width, palette);
}
