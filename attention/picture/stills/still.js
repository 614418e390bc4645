// A part of the picture, or all of it, as an SVG file: drawn from the same scene with the same
// scripts as on the screen, at a width of its own.

import { ownPalette } from "../colours.js";
import { svg } from "../dom.js";
import { THEME } from "../theme.js";
import { moved, stacked } from "./blocks.js";
import { galleryBlock, headBlock, splitBlock } from "./heads.js";
import { joinedBlock } from "./joined.js";
import { sentenceBlock } from "./line.js";
import { cacheBlock, mapBlock } from "./sizes.js";
import { FONTS } from "./type.js";
import { xmlOf } from "./xml.js";

const MARGIN = 20;
const SHORT = 60; // tokens
const BLOCKS = {
  all: [wholeBlock, 1400], split: [splitBlock, 860], gallery: [galleryBlock, 860],
  head: [headBlock, 700], joined: [joinedBlock, 700], sentence: [sentenceBlock, 1000], cache: [cacheBlock, 420],
  map: [mapBlock, 700],
};

/** What there is to take of a scene. */
export function stillsOf(scene) {
  const lacks = { map: !scene.map, joined: !scene.joined };
  return Object.keys(BLOCKS).filter((part) => !lacks[part]);
}

/** The colours of a sheet of paper. */
export function paperPalette() {
  return ownPalette(THEME.light);
}

/** The text of an SVG file; `view` as the parts of the picture get it, with the palette wanted. */
export function stillSvg(view, part) {
  const [drawing, width] = BLOCKS[part];
  const { nodes, height } = drawing(view, width);
  const [across, high] = [width + 2 * MARGIN, Math.ceil(height) + 2 * MARGIN];
  return xmlOf(svg("svg", { xmlns: "http://www.w3.org/2000/svg", width: across, height: high,
    viewBox: `0 0 ${across} ${high}`, "font-family": FONTS, "font-size": 12,
    "xml:lang": view.scene.lang },
  svg("rect", { width: across, height: high, fill: view.palette.background }),
  moved(nodes, MARGIN, MARGIN)));
}

/** Two columns; the sentence stands in the first, or below both where it is long. */
function wholeBlock(view, width) {
  const [left, right, gap] = [Math.round(width * 0.6), Math.round(width * 0.36), 26];
  const columns = [[splitBlock(view, left), galleryBlock(view, left)],
    [headBlock(view, right), ...(view.scene.joined ? [joinedBlock(view, right)] : []),
      cacheBlock(view, right)]];
  const isShort = view.scene.n <= SHORT;
  if (isShort) columns[0].push(sentenceBlock(view, left));
  if (view.scene.map) columns[isShort ? 1 : 0].push(mapBlock(view, isShort ? right : left));
  const [first, second] = columns.map((blocks) => stacked(blocks, gap));
  const both = { nodes: [...first.nodes, moved(second.nodes, width - right, 0)],
    height: Math.max(first.height, second.height) };
  return isShort ? both : stacked([both, sentenceBlock(view, width)], gap);
}
