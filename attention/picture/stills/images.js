// Images of weights, a canvas or an image in a drawing, from the colours of the screen to those of
// paper: each pixel is the place of a weight on the scale.

import { groundOf, ownPalette } from "../colours.js";
import { THEME } from "../theme.js";

const SIZE_OF_PNG = [16, 20]; // bytes at which its width and its height stand (W3C PNG, 11.2.1)

/** Gives the address of the image in `node` in the colours of paper; of what stands in `element`. */
export function paperImages(element) {
  const screen = ownPalette({ background: groundOf(element) ?? "", text: "" });
  const paper = ownPalette(THEME.light);
  if (!screen.dark) return addressOf;
  const known = new Map();
  const exchanged = (pixel) => {
    if (!known.has(pixel)) known.set(pixel, paper.pixels[nearest(pixel, screen.pixels)]);
    return known.get(pixel);
  };
  return (node) => {
    const { canvas, context } = copied(node);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    pixels.forEach((pixel, i) => { if (pixel >>> 24) pixels[i] = exchanged(pixel); }); // what is seen
    context.putImageData(image, 0, 0);
    return canvas.toDataURL();
  };
}

/** As it is. */
export function addressOf(node) {
  return node instanceof HTMLCanvasElement ? node.toDataURL() : node.href.baseVal;
}

/** A pixel for each that was painted, whatever size it is shown at. */
function copied(node) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = sizeOf(node);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(node, 0, 0);
  return { canvas, context };
}

function sizeOf(node) {
  if (node instanceof HTMLCanvasElement) return [node.width, node.height];
  const start = atob(node.href.baseVal.split(",")[1].slice(0, 32));
  return SIZE_OF_PNG.map((at) => [0, 1, 2, 3].reduce((n, i) => 256 * n + start.charCodeAt(at + i), 0));
}

/** The index of the colour that is most like it. */
function nearest(pixel, pixels) {
  const away = (other) => [0, 8, 16]
    .reduce((sum, at) => sum + (((pixel >> at) & 255) - ((other >> at) & 255)) ** 2, 0);
  let best = 0;
  pixels.forEach((other, i) => { if (away(other) < away(pixels[best])) best = i; });
  return best;
}
