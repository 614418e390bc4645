// A chart that is laid out in HTML, as a drawing: its texts, images, grounds and lines where they
// stand on the screen.

import { svg } from "../dom.js";
import { moved } from "./blocks.js";
import { legendOf } from "./legend.js";
import { xmlOf } from "./xml.js";

const AROUND = 12; // px around it, and above its legend
const SIDES = ["Top", "Right", "Bottom", "Left"];
const DASHES = { dashed: "6 4", dotted: "1 3" };
const DRAWN = "path, rect";
const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity"];
const PATH_MOVES = /([MLH])([^MLH]+)/g; // of a path

/**
 * The text of an SVG file of an element that is laid out, on a ground.
 *
 * Args: `imageOf`, the address of what a canvas shows; `legend`, what stands below (legend.js).
 */
export function boxSvg(chart, ground, { imageOf, legend }) {
  const frame = chart.getBoundingClientRect();
  const style = getComputedStyle(chart);
  const placed = ({ left, top, width, height }) =>
    ({ x: left - frame.left + AROUND, y: top - frame.top + AROUND, width, height });
  const nodes = [chart, ...chart.querySelectorAll("*")]
    .filter((node) => !node.ownerSVGElement && node.checkVisibility());
  const below = legendOf(legend, frame.width, style.color);
  const width = Math.ceil(Math.max(frame.width, below.width)) + 2 * AROUND;
  const end = Math.ceil(frame.height) + 2 * AROUND;
  const height = end + (below.height && below.height + AROUND);
  return xmlOf(svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height,
    viewBox: `0 0 ${width} ${height}`, "font-family": style.fontFamily },
  svg("rect", { width, height, fill: ground }),
  ...nodes.flatMap((node) => shapesOf(node, placed, imageOf)), moved(below.nodes, AROUND, end)));
}

function shapesOf(node, placed, imageOf) {
  const box = placed(node.getBoundingClientRect());
  const style = getComputedStyle(node);
  if (node instanceof SVGElement) return [stretched(node, box, getComputedStyle)];
  if (node instanceof HTMLImageElement) return [stretched(drawingIn(node.src), box, attributesOf)];
  if (node instanceof HTMLCanvasElement) {
    return [svg("image", { ...box, href: imageOf(node) }), ...outlineOf(style, box)];
  }
  return [...groundIn(style, box), ...bordersOf(style, box), ...outlineOf(style, box),
    ...textsIn(node, style, placed)];
}

/** The drawing that an image of `data:image/svg+xml;base64` holds. */
function drawingIn(source) {
  return new DOMParser().parseFromString(atob(source.split(",")[1]), "image/svg+xml").documentElement;
}

const attributesOf = (shape) => ({ getPropertyValue: (name) => shape.getAttribute(name) ?? "" });

/** Its shapes in the box that it fills, with lines as wide as they are: not every viewer knows
 * `vector-effect`. */
function stretched(drawing, { x, y, width, height }, styleOf) {
  const size = (drawing.getAttribute("viewBox") ?? `0 0 ${width} ${height}`).split(" ").map(Number);
  const [across, down] = [width / size[2], height / size[3]];
  const shapes = [...drawing.querySelectorAll(DRAWN)].map((shape) => {
    const style = styleOf(shape);
    const paint = PAINT.map((name) => [name, style.getPropertyValue(name).replaceAll("px", "")]);
    return svg(shape.nodeName, { ...placeOf(shape, across, down),
      ...Object.fromEntries(paint.filter(([, value]) => value)) });
  });
  return moved(shapes, x, y);
}

function placeOf(shape, across, down) {
  const scaled = (values) => values.map((value, i) => Number(value) * (i % 2 ? down : across));
  if (shape.nodeName === "path") {
    return { d: shape.getAttribute("d").replace(PATH_MOVES, (_, move, numbers) =>
      move + scaled(numbers.trim().split(/[ ,]+/)).join(" ")) };
  }
  const names = ["x", "y", "width", "height"];
  const numbers = scaled(names.map((name) => shape.getAttribute(name) ?? 0));
  return Object.fromEntries(names.map((name, i) => [name, numbers[i]]));
}

/** A colour as the style sheet computes it, as the attribute `name`; null where it is not seen. */
function paintOf(name, colour) {
  const numbers = colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
  const of = colour.startsWith("color(") ? 255 : 1;
  const [red, green, blue] = numbers.map((number) => Math.round(number * of));
  const [,,, opacity = 1] = numbers;
  const paint = { [name]: `rgb(${red}, ${green}, ${blue})` };
  if (opacity === 0) return null;
  return opacity < 1 ? { ...paint, [`${name}-opacity`]: opacity } : paint;
}

function groundIn(style, box) {
  const fill = paintOf("fill", style.backgroundColor);
  if (!fill || !box.width || !box.height) return [];
  return [svg("rect", { ...box, rx: cornerOf(style, box), ...fill })];
}

function cornerOf({ borderTopLeftRadius: corner }, { width }) {
  return parseFloat(corner) * (corner.endsWith("%") ? width / 100 : 1);
}

function bordersOf(style, { x, y, width, height }) {
  const ends = { Top: [x, y, x + width, y], Bottom: [x, y + height, x + width, y + height],
    Left: [x, y, x, y + height], Right: [x + width, y, x + width, y + height] };
  return SIDES.flatMap((side) => {
    const [wide, kind, colour] = ["Width", "Style", "Color"].map((name) => style[`border${side}${name}`]);
    const stroke = paintOf("stroke", colour);
    if (!parseFloat(wide) || !stroke) return [];
    const [x1, y1, x2, y2] = ends[side];
    const dash = DASHES[kind] ? { "stroke-dasharray": DASHES[kind] } : {};
    return [svg("line", { x1, y1, x2, y2, ...stroke, "stroke-width": parseFloat(wide), ...dash })];
  });
}

function outlineOf(style, { x, y, width, height }) {
  const wide = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  if (!wide) return [];
  const away = wide / 2 + parseFloat(style.outlineOffset);
  return [svg("rect", { x: x - away, y: y - away, width: width + 2 * away, height: height + 2 * away,
    rx: cornerOf(style, { width }) && cornerOf(style, { width }) + away, fill: "none",
    ...paintOf("stroke", style.outlineColor), "stroke-width": wide })];
}

function textsIn(node, style, placed) {
  const own = [...node.childNodes].filter((one) => one.nodeType === 3 && one.data.trim());
  return own.flatMap(linesIn).map(({ text, box }) => {
    const { x, y, width, height } = placed(box);
    const upright = style.writingMode.startsWith("vertical"); // from below, as an axis has it
    const place = upright
      ? { transform: `translate(${x + width / 2} ${y + height / 2}) rotate(-90)`, dy: "0.35em",
        "text-anchor": "middle" } : { x, y: y + height * riseOf(text, style) };
    return svg("text", { ...place, ...paintOf("fill", style.color), "font-size": parseFloat(style.fontSize),
      "font-weight": style.fontWeight, textLength: upright ? height : width,
      lengthAdjust: "spacingAndGlyphs" }, text);
  });
}

/** Of a text as it is broken, each line and where it stands. */
function linesIn(node) {
  const range = document.createRange();
  const lines = [];
  let start = null;
  for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const { top } = range.getBoundingClientRect();
    const goesOn = lines.length > 0 && Math.abs(lines.at(-1).box.top - top) < 2;
    if (goesOn) range.setStart(node, start);
    else start = index;
    const line = { text: node.data.slice(start, index + word.length).replace(/\s+/g, " "),
      box: range.getBoundingClientRect() };
    if (goesOn) lines[lines.length - 1] = line;
    else lines.push(line);
  }
  return lines;
}

let ruler = null;

/** The share of a line's height that is above its base. */
function riseOf(text, { fontWeight, fontSize, fontFamily }) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = ruler.measureText(text);
  return above / (above + below);
}
