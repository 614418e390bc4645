// Weights as a square of cells: shapes where they are few, sharp in every viewer; else an image with
// a pixel a weight, written here as PNG, since neither canvas nor zlib is at hand everywhere.

import { cssOf } from "../colours.js";
import { svg } from "../dom.js";
import { fitted } from "../paint.js";

const SHAPES = 32; // up to so many weights a side are shapes
const PIXELS = 512; // and of more than so many each pixel shows the largest of several
const CHUNK = 65535; // the most that a stored block of deflate holds

/** Weights up to `steps`, of `side` x `side` values `rows` x `columns`, in a square at `x`, `y`. */
export function cells({ values, side, rows, columns, steps }, { x, y, size }, palette) {
  const { down, across, shown } = fitted(values, side, PIXELS, rows, columns);
  const shades = Uint8Array.from({ length: down * across }, (_, i) => (shown[i] * 255) / steps + 0.5);
  const inside = Math.max(down, across) <= SHAPES
    ? shapes(shades, across, palette) : [image(shades, across, down, palette)];
  const scale = down === across ? size / down : `${size / across} ${size / down}`;
  return svg("g", { transform: `translate(${x} ${y}) scale(${scale})` },
    svg("rect", { width: across, height: down, fill: palette.scale[0] }), ...inside);
}

/** A path for each shade; equal neighbours in a row are one rectangle. */
function shapes(shades, count, palette) {
  const paths = new Map();
  for (let i = 0, end; i < shades.length; i = end) {
    const last = i - (i % count) + count;
    for (end = i + 1; end < last && shades[end] === shades[i];) end += 1;
    if (shades[i] === 0) continue;
    const rectangle = `M${i % count} ${Math.floor(i / count)}h${end - i}v1h${i - end}z`;
    paths.set(shades[i], (paths.get(shades[i]) ?? "") + rectangle);
  }
  return Array.from(paths, ([shade, d]) =>
    svg("path", { d, fill: cssOf(palette.pixels[shade]), "shape-rendering": "crispEdges" }));
}

function image(shades, across, down, palette) {
  return svg("image", {
    width: across, height: down, preserveAspectRatio: "none",
    "image-rendering": "pixelated",
    href: `data:image/png;base64,${base64Of(pngOf(shades, across, down, palette.pixels))}`,
  });
}

/** PNG (W3C, third edition) with a palette of 256 colours. */
function pngOf(shades, across, down, pixels) {
  const rows = new Uint8Array(down * (across + 1)); // each begins with 0: no filter
  for (let y = 0; y < down; y++) {
    rows.set(shades.subarray(y * across, (y + 1) * across), y * (across + 1) + 1);
  }
  const colours = Array.from(pixels, (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
  return Uint8Array.from([
    137, 80, 78, 71, 13, 10, 26, 10,
    ...chunk("IHDR", [...bigEndian(across), ...bigEndian(down), 8, 3, 0, 0, 0]),
    ...chunk("PLTE", colours.flat()),
    ...chunk("IDAT", stored(rows)),
    ...chunk("IEND", []),
  ].flat());
}

function chunk(name, content) {
  const named = [...Array.from(name, (sign) => sign.charCodeAt(0)), ...content];
  return [...bigEndian(content.length), ...named, ...bigEndian(crc32(named))];
}

/** As zlib (RFC 1950) without compression. */
function stored(bytes) {
  const out = [0x78, 1];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK);
    const [low, high] = [part.length & 255, part.length >> 8];
    out.push(at + CHUNK >= bytes.length ? 1 : 0, low, high, low ^ 255, high ^ 255);
    for (const byte of part) out.push(byte);
  }
  let [a, b] = [1, 0]; // Adler-32
  for (const byte of bytes) [a, b] = [(a + byte) % 65521, (a + byte + b) % 65521];
  return out.concat([b >> 8, b & 255, a >> 8, a & 255]);
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

function bigEndian(number) {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
}

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64Of(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const four = [18, 12, 6, 0].map((shift) => SIGNS[(three >> shift) & 63]).join("");
    const missing = Math.max(0, i + 3 - bytes.length);
    text += four.slice(0, 4 - missing) + "=".repeat(missing);
  }
  return text;
}
