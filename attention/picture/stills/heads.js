// Split, gallery and chosen head, each as a block of a given width.

import { kvColours } from "../colours.js";
import { kvHeadOf, matricesOf, numberOf, weightsOf } from "../decode.js";
import { svg } from "../dom.js";
import { planTiles } from "../gallery.js";
import { generatedHint } from "../generated.js";
import { axisLabels, planHeat, printedWeights } from "../heatmap.js";
import { checkInWords, splitDrawing, splitInWords } from "../split.js";
import { plainOf } from "../terms.js";
import { fill } from "../text.js";
import { paragraph, stacked, titled } from "./blocks.js";
import { cells } from "./cells.js";
import { cutTo, widthOf, textAt } from "./type.js";

const BESIDE = 14;
const ABOVE = 17;
const GAPS = { spine: 5, column: 5, group: 6, row: 6 };
const RAMP = { width: 90, height: 10 };

export function splitBlock(view, width) {
  const { scene, words, formats, palette } = view;
  const { split } = scene;
  const drawing = splitDrawing({ ...view, widths: { split: width } }, splitInWords(view));
  const number = (name) => formats.number(split[name]);
  const headline = fill(words.split_headline, { d_model: number("d_model"),
    n_heads: number("n_heads"), n_kv_heads: number("n_kv_heads"), head_dim: number("head_dim") });
  const { matrices, all } = matricesOf(split);
  const counts = matrices.map(([name, n]) => `W_${name} ${formats.number(n)}`);
  const parameters = [words.split_parameters, ...counts,
    fill(words.split_all, { n: formats.number(all) })].join(" · ");
  const body = { nodes: [...drawing.childNodes], height: Number(drawing.getAttribute("height")) };
  const small = { "font-size": 12 };
  const below = [paragraph(parameters, width, palette.muted, small),
    paragraph(checkInWords(view), width, palette.text, small)];
  const shape = scene.shape_only ? `${headline} · ${words.split_shape_only}` : headline;
  return titled(`${words.split_title}: ${shape}`, [words.split_lead],
    stacked([body, ...below], 3), width, palette);
}

export function galleryBlock(view, width) {
  const { scene, words, palette } = view;
  const { n_heads: nHeads } = scene.shape;
  const plan = planTiles(nHeads, scene.groupSize, width, nHeads > 8 ? 660 : 460);
  const inRow = Math.min(scene.groupSize, plan.columns);
  const groups = plan.columns / inRow;
  const across = (width - (groups - 1) * GAPS.group) / groups;
  const column = (across - BESIDE) / inRow - GAPS.spine;
  const row = ABOVE + plan.tile + GAPS.row;
  const shares = [];
  for (let head = 0; head < nHeads; head += inRow) {
    const place = head / inRow;
    const at = { x: (place % groups) * (across + GAPS.group), y: Math.floor(place / groups) * row };
    shares.push(spineNodes(view, head, at, plan.tile));
    for (let i = 0; i < inRow; i++) {
      const x = at.x + BESIDE + GAPS.spine + i * (column + GAPS.column);
      shares.push(...tileNodes(view, head + i, { x, y: at.y }, { ...plan, column }));
    }
  }
  const layer = numberOf(scene, scene.layer);
  const title = fill(scene.map ? words.gallery_layer : words.gallery_title, { layer });
  const pooled = scene.pool > 1 && fill(words.gallery_pooled, { n: scene.pool });
  const body = { nodes: shares, height: Math.ceil(nHeads / plan.columns) * row };
  return titled(title, [pooled], stacked([scaleBlock(view), body], 8), width, palette);
}

function spineNodes({ scene, words, palette, head: chosen }, head, { x, y }, size) {
  const kv = kvHeadOf(scene, head);
  const [colour, ink] = kvColours(palette, kv, scene.shape.n_kv_heads, kvHeadOf(scene, chosen));
  const [whole, middle] = [fill(words.kv_head, { kv }), y + ABOVE + size / 2];
  const name = widthOf(whole, 12) + 4 < size ? whole : String(kv);
  return svg("g", {},
    svg("rect", { x, y: y + ABOVE, width: BESIDE, height: size, rx: 2, fill: colour }),
    svg("text", { transform: `translate(${x + BESIDE / 2} ${middle}) rotate(-90)`,
      class: "hc-in hc-strong", fill: ink }, name));
}

/** Number and few words, and the weights; the chosen head has a frame of its KV head's colour. */
function tileNodes(view, head, { x, y }, { tile: size, column }) {
  const { scene, palette } = view;
  const weights = weightsOf({ ...scene, side: 0 }, head);
  const isChosen = head === view.head;
  const kv = kvHeadOf(scene, head);
  const [colour] = kvColours(palette, kv, scene.shape.n_kv_heads, kvHeadOf(scene, view.head));
  const number = widthOf(String(head), 12) + 6;
  const room = column - number;
  return [
    textAt(String(head), x, y + 12, palette.text, { "font-weight": 600 }),
    ...(room > 20 ? [textAt(cutTo(scene.short[head], 12, room), x + number, y + 12,
      isChosen ? palette.text : palette.muted)] : []),
    svg("g", { "data-head": head },
      cells(weights, { x, y: y + ABOVE, size }, palette)),
    svg("rect", { x, y: y + ABOVE, width: size, height: size, fill: "none",
      stroke: isChosen ? colour : palette.line, "stroke-width": isChosen ? 3 : 1 }),
  ];
}

/** What the colours mean, once for all tiles. */
function scaleBlock({ scene, words, formats, palette }) {
  const step = RAMP.width / palette.scale.length;
  const ramp = palette.scale.map((fillColour, i) => svg("rect", { x: 16 + i * step, y: 2,
    width: step + (i < palette.scale.length - 1 ? 0.5 : 0), height: RAMP.height, fill: fillColour }));
  return { height: 15, nodes: [
    textAt("0", 0, 11, palette.muted),
    ...ramp,
    svg("rect", { x: 16, y: 2, ...RAMP, fill: "none", stroke: palette.line }),
    textAt(`${formats.percent(scene.scale, false)}  ${plainOf(words.scale_terms)}`, RAMP.width + 24, 11,
      palette.muted),
  ] };
}

export function headBlock(view, width) {
  const { scene, words, palette, head, weights } = view;
  const plan = planHeat(scene, width, width);
  const { left, top, size } = plan;
  const kv = fill(words.kv_head, { kv: kvHeadOf(scene, head) });
  const pooled = weights.pool > 1 && fill(words.heat_pooled, { n: weights.pool });
  const nodes = [
    svg("g", { "data-head": head }, cells(weights, { x: left, y: top, size }, palette)),
    svg("rect", { x: left, y: top, width: size, height: size, fill: "none", stroke: palette.line }),
    ...axisLabels(plan, view),
    ...printedWeights(plan, view),
  ];
  const title = `${fill(words.head, { head })} · ${kv}`;
  const notes = [scene.long[head], generatedHint(scene, words), pooled];
  const body = stacked([{ nodes, height: top + size }, scaleBlock(view)], 8);
  return titled(title, notes, body, width, palette);
}
