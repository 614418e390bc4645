// A drawing as the text of an SVG file. What the style sheet does on the screen becomes attributes
// here, which every viewer knows; text is escaped, and what XML cannot hold is made visible.

const OF_CLASS = {
  "hc-in": { "text-anchor": "middle", dy: "0.35em" },
  "hc-row": { "font-size": 13, "xml:space": "preserve" },
  "hc-strong": { "font-weight": 600 },
  "hc-axis": { "unicode-bidi": "isolate" },
  "hc-row-label": { "text-anchor": "end", dy: "0.35em" },
  "hc-column-label": { dy: "0.35em" },
};
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Of an element that `svg` made, and all in it. */
export function xmlOf(node) {
  if (node.nodeType === 3) return escaped(node.data);
  const attributes = Array.from(node.attributes, ({ name, value }) => [name, value]);
  const own = attributes.filter(([name]) => name !== "class" && name !== "aria-hidden");
  const written = Object.entries({ ...classesOf(attributes), ...Object.fromEntries(own) })
    .map(([name, value]) => ` ${name}="${escaped(rounded(name, value))}"`).join("");
  const inside = Array.from(node.childNodes, xmlOf).join("");
  return `<${node.nodeName}${written}${inside ? `>${inside}</${node.nodeName}>` : "/>"}`;
}

function classesOf(attributes) {
  const names = attributes.find(([name]) => name === "class")?.[1].split(" ") ?? [];
  return Object.assign({}, ...names.map((name) => OF_CLASS[name] ?? {}));
}

/** Hundredths of a pixel are enough. */
function rounded(name, value) {
  if (name === "href") return value;
  return String(value).replace(/\d+\.\d{3,}/g, (number) => String(Math.round(number * 100) / 100));
}

/** A control character becomes its picture, ␀ and the like; what else is no XML becomes �. */
function escaped(text) {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g,
      (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)))
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"]/g, (sign) => ESCAPES[sign]);
}
