// Where there is no browser: as much of a document as `svg` of dom.js needs, and a scene from text.

import { ownPalette } from "../colours.js";
import { sceneOf, weightsOf } from "../decode.js";
import { formatsOf } from "../text.js";
import { THEME } from "../theme.js";
import { numbersCsv } from "./numbers.js";
import { stillSvg } from "./still.js";

class Plain {
  constructor(nodeName) {
    Object.assign(this, { nodeName, attributes: [], childNodes: [] });
  }

  setAttribute(name, value) {
    this.attributes.push({ name, value: String(value) });
  }

  getAttribute(name) {
    return this.attributes.find((one) => one.name === name)?.value ?? null;
  }

  append(...nodes) {
    this.childNodes.push(...nodes.map((one) => (typeof one === "string"
      ? { nodeType: 3, data: one } : one)));
  }
}

globalThis.document = { createElementNS: (_, name) => new Plain(name) };

/** Bytes of hexadecimal digits. */
function bytesOf(digits) {
  return Uint8Array.from({ length: digits.length / 2 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** What a file is made of: a scene, and what is chosen in it; `dark` is the ground. */
function viewOf(header, tiles, chosen, { dark, measure }) {
  const side = Uint16Array.from({ length: chosen.length / 4 },
    (_, i) => parseInt(chosen.slice(4 * i + 2, 4 * i + 4) + chosen.slice(4 * i, 4 * i + 2), 16));
  const scene = sceneOf(JSON.parse(header), bytesOf(tiles), side);
  const { layer, head, token, also, words, lang } = scene;
  return { scene, layer, head, token, also, words, measure, weights: weightsOf(scene, head),
    formats: formatsOf(lang, words.byte_units), palette: ownPalette(dark ? THEME.dark : THEME.light) };
}

globalThis.still = (part, header, tiles, chosen, look) =>
  stillSvg(viewOf(header, tiles, chosen, look), part);
globalThis.numbers = (part, header, tiles, chosen, look) =>
  numbersCsv(viewOf(header, tiles, chosen, look), part);
