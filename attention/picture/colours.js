// Colours: Streamlit's theme is read from the page, everything else from theme.py (THEME).

import { THEME } from "./theme.js";

let probe = null;

/** Any CSS colour as [red, green, blue]; null if there is none. */
function rgbOf(css) {
  if (!css?.trim()) return null;
  const hex = css.trim().match(/^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i);
  if (hex) return hex.slice(1).map((two) => parseInt(two, 16));
  probe ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = css.trim();
  probe.fillRect(0, 0, 1, 1);
  return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function luminance([red, green, blue]) {
  const linear = (c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** 256 colours as 32-bit pixels (little-endian ABGR), from the background to the last stop. */
function pixelsBetween(stops) {
  const pixels = new Uint32Array(256);
  for (let value = 0; value < 256; value++) {
    const place = (value / 255) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    const [from, to, share] = [stops[left], stops[left + 1], place - left];
    const mix = (i) => Math.round(from[i] + (to[i] - from[i]) * share);
    pixels[value] = (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
  }
  return pixels;
}

const palettes = new Map();

/** Whether the machine's own few colours are asked for, as Windows' contrast themes do. */
export const forcedColours = () => matchMedia("(forced-colors: active)");

/** The palette for the page's present theme; the same object as long as the theme is the same. */
export function readPalette(root) {
  const style = getComputedStyle(root);
  const value = (name) => style.getPropertyValue(name).trim();
  const forced = forcedColours().matches;
  const [background, text] = forced
    ? [style.backgroundColor, style.color] // of the machine: see picture.css
    : [value("--st-background-color"), value("--st-text-color")];
  const id = `${forced} ${background} ${text}`;
  if (!palettes.has(id)) {
    const palette = makePalette(background, text);
    palettes.set(id, forced ? { ...palette, muted: text, line: text } : palette);
  }
  return palettes.get(id);
}

/** The palette of a sheet of paper, or of a dark ground, whatever the page's theme is. */
export function ownPalette({ background, text }) {
  return makePalette(background, text);
}

function makePalette(background, text) {
  const dark = luminance(rgbOf(background) ?? rgbOf(THEME.light.background)) < 0.3;
  const base = dark ? THEME.dark : THEME.light;
  const scale = [background || base.background, ...base.scale.slice(1)];
  const pixels = pixelsBetween(scale.map(rgbOf));
  const ink = text || base.text;
  return {
    ...base, dark, background: scale[0], text: ink, scale, pixels,
    onWeight: inksOn(pixels, ink, scale[0]),
  };
}

/** For each pixel the one of two colours that has more contrast on it. */
function inksOn(pixels, ...colours) {
  const inks = colours.map((css) => [css, luminance(rgbOf(css)) + 0.05]);
  return Array.from(pixels, (pixel) => {
    const under = luminance([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]) + 0.05;
    const contrast = ([, ink]) => Math.max(ink / under, under / ink);
    return inks.reduce((a, b) => (contrast(b) > contrast(a) ? b : a))[0];
  });
}

/** A pixel of the palette as a CSS colour. */
export function cssOf(pixel) {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

/** Hands the palette to the style sheet. */
export function applyPalette(root, palette) {
  for (const name of ["background", "text", "muted", "line", "neutral", "looks", "looked"]) {
    root.style.setProperty(`--hc-${name}`, palette[name]);
  }
  root.style.setProperty("--hc-on-neutral", palette.on_neutral);
  root.style.setProperty("--hc-scale", `linear-gradient(to right, ${palette.scale.join(", ")})`);
}

/**
 * Fill and text colour of a key-value head. Above as many heads as colours a repeated colour
 * would suggest sharing that is not there: all are neutral but the chosen one.
 */
export function kvColours(palette, kvHead, nKvHeads, chosenKv) {
  if (nKvHeads <= palette.kv.length) return [palette.kv[kvHead], palette.on_kv];
  if (kvHead === chosenKv) return [palette.kv[0], palette.on_kv];
  return [palette.neutral, palette.on_neutral];
}

/** The background that is seen behind an element of the page; null where nothing has one. */
export function groundOf(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const ground = getComputedStyle(at).backgroundColor;
    if (!/^(transparent|rgba\(.*, 0\))$/.test(ground)) return ground;
  }
  return null;
}
