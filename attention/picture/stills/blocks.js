// Blocks: drawings with a height, put below or beside one another.

import { svg } from "../dom.js";
import { linesOf, textAt } from "./type.js";

const NOTE = { size: 13, line: 17 };

/** Nodes that stand at `x`, `y`. */
export function moved(nodes, x, y) {
  return svg("g", { transform: `translate(${x} ${y})` }, ...nodes);
}

/** One below the other. */
export function stacked(blocks, gap) {
  const nodes = [];
  let height = 0;
  for (const block of blocks) {
    nodes.push(moved(block.nodes, 0, height));
    height += block.height + gap;
  }
  return { nodes, height: height - gap };
}

/** A paragraph; `indent` leaves room for a mark at its left. */
export function paragraph(text, width, colour, { indent = 0, ...more } = {}) {
  const size = more["font-size"] ?? NOTE.size;
  const lines = text ? linesOf(text, size, width - indent) : [];
  const height = Math.max(NOTE.line, Math.ceil(size * 1.3));
  return {
    nodes: lines.map((line, i) => textAt(line, indent, (i + 0.75) * height, colour,
      { "font-size": size, ...more })),
    height: lines.length * height,
  };
}

/** A title, what stands beside it on the screen, and the block itself. */
export function titled(title, notes, body, width, palette) {
  const lines = notes.filter(Boolean).map((note) => paragraph(note, width, palette.muted));
  const head = paragraph(title, width, palette.text, { "font-size": 15, "font-weight": 600 });
  return stacked([stacked([head, ...lines], 1), body], 8);
}
