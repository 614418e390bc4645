// What the chosen tokens look at and who looks at them: in numbers, and in words.

import { largest } from "./decode.js";
import { meanOf } from "./several.js";
import { blockOf, fill, named } from "./text.js";

const NAMED = 3; // tokens named in words
const LEAST = 0.01; // weights below a hundredth are not named
const LISTED = 8; // of several chosen tokens, named
export const LONG = 400; // of more tokens only a window stands in the sentence

/** [index, weight] of what the tokens look at and who else looks at them, on average; pooled, one
 * index a block. */
export function pairsOf({ scene, weights }, chosen) {
  const { pool, side } = weights;
  const own = new Map(chosen.map((token) => [Math.floor(token / pool), token]));
  const place = (block) => own.get(block)
    ?? Math.min(scene.n - 1, block * pool + Math.floor(pool / 2));
  const [row, column] = [[], []];
  for (let block = 0; block < side; block++) {
    const index = place(block);
    row.push([index, meanOf(chosen, (token) => weights.at(token, index))]);
    if (!own.has(block)) column.push([index, meanOf(chosen, (token) => weights.at(index, token))]);
  }
  return { row, column };
}

/** What they look at and who looks at them, in words; blocks of tokens where weights are pooled. */
export function sentencesOf(view, chosen, row, column) {
  const { scene, words, weights, formats } = view;
  const [token] = chosen;
  const list = (pairs) => largest(pairs, NAMED, LEAST)
    .map(([i, weight]) => weighed(view, i, weight)).join(", ");
  const block = weights.pool > 1;
  const values = { i: blockOf(token, weights.pool, scene.n), token: named(scene, token),
    tokens: listOf(view, chosen), percent: formats.percent(LEAST, false) };
  const [looks, looked, spread, nobody] = chosen.length > 1
    ? [words.sentence_mean_looks, words.sentence_mean_looked, words.sentence_mean_spread,
      words.sentence_mean_nobody]
    : block
    ? [words.sentence_block_looks, words.sentence_block_looked, words.sentence_block_spread,
      words.sentence_block_nobody]
    : [words.sentence_looks, words.sentence_looked, words.sentence_spread, words.sentence_nobody];
  const say = (some, none, pairs) => {
    const text = list(pairs);
    return fill(text ? some : none, { ...values, list: text });
  };
  const said = [say(looks, spread, row), say(looked, nobody, column)];
  // Across two texts a token of the target only looks, and one of the source is only looked at.
  const targets = chosen.filter((each) => !scene.across || each >= scene.second);
  const sources = chosen.filter((each) => !scene.across || each < scene.second);
  return [targets.length ? said[0] : "", sources.length ? said[1] : ""];
}

/** Several tokens by name, in the order of the text. */
function listOf({ scene }, chosen) {
  const names = [...chosen].sort((a, b) => a - b).map((token) => named(scene, token));
  return names.length > LISTED ? [...names.slice(0, LISTED), "…"].join(", ") : names.join(", ");
}

/** A token with its weight. In a long text one out of sight has its place beside it. */
function weighed({ scene, weights, words, formats }, index, weight) {
  const percent = formats.percent(weight, weights.exact);
  if (weights.pool > 1) {
    return fill(words.sentence_block, { i: blockOf(index, weights.pool, scene.n), percent });
  }
  return `${named(scene, index, scene.n > LONG)} ${percent}`;
}
