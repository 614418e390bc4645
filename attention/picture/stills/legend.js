// The legend of a chart whose meaning stands elsewhere on the page: marks, and what each means.

import { moved } from "./blocks.js";
import { textAt, widthOf } from "./type.js";

const ENTRY = { size: 13, line: 24, mark: 34, gap: 24 }; // px; of a mark with its own gap

/**
 * A block of `entries`, each `[nodes of the mark, name]`, in as many columns as `room` px have; at
 * least one, which may be wider.
 */
export function legendOf(entries, room, colour) {
  const { size, line, mark: from, gap } = ENTRY;
  const wide = Math.ceil(Math.max(0, ...entries.map(([, name]) => widthOf(name, size)))) + from + gap;
  const columns = Math.max(1, Math.floor(room / wide));
  const nodes = entries.map(([mark, name], i) => moved(
    [...mark, textAt(name, from, size, colour, { "font-size": size })],
    (i % columns) * wide, Math.floor(i / columns) * line));
  return { nodes, width: Math.min(columns, entries.length) * wide,
    height: Math.ceil(entries.length / columns) * line };
}
