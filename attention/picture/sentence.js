// The sentence: a button for each token, and lines (arcs.js) from the chosen one to what it looks
// at and to those that look at it. Pointing at another token shows its lines meanwhile. Of a long
// text the tokens around the chosen one stand here, and a strip (strip.js) shows all of it.

import { drawLines, fitLines } from "./arcs.js";
import { jointOf, largest } from "./decode.js";
import { chooseByKeys, html, markChosen, section, svg, whenChanged } from "./dom.js";
import { generatedHint, isGenerated } from "./generated.js";
import { createStrip } from "./strip.js";
import { term } from "./terms.js";
import {
  blockOf, directionOf, fill, isolated, named, printable, standsFor,
} from "./text.js";

const NAMED = 3; // tokens named in words
const LEAST = 0.01; // weights below a hundredth are not named
export const LONG = 400; // of more tokens only a window stands here
export const WINDOW = 160;
const WIDE = 20; // a token of more letters may be wider than a phone
const EDGE = 12; // a token chosen this near the window's edge moves it

export function createSentence() {
  const part = section("sentence");
  const looks = html("span", "hc-looks");
  const looked = html("span", "hc-looked");
  const legend = html("p", "hc-legend", looks, looked);
  part.heading.append(legend);
  const lines = svg("svg", { class: "hc-lines", role: "img" });
  const group = html("div", "hc-tokens");
  group.setAttribute("role", "radiogroup");
  part.body.append(html("div", "hc-line-room", lines, group));
  const strip = createStrip();
  part.element.insertBefore(strip.element, part.body);
  const sentence = { part, looks, looked, lines, group, strip, buttons: [], first: 0,
    preview: null };
  const write = whenChanged((view) => writeTokens(sentence, view));
  const name = whenChanged((view) => nameSentence(sentence, view));
  const fit = whenChanged(() => fitLines(sentence));
  const keep = whenChanged((view) => keepInSight(sentence, view.token));
  return {
    element: part.element,
    listen: (view) => listenToSentence(sentence, view),
    draw(drawn) {
      const view = jointOf(drawn);
      const { scene, words, widths, fonts, token } = view;
      sentence.first = windowFor(sentence, scene, token);
      const standing = [scene.text, words, sentence.first, String(scene.counts),
        String(scene.goes_on), scene.generated];
      const focused = sentence.group.matches(":focus-within");
      write(standing, view);
      fit([...standing, widths.root, fonts]);
      name([words], view);
      markChosen(sentence.buttons, token - sentence.first);
      if (focused) sentence.buttons[token - sentence.first].focus({ preventScroll: true });
      sentence.preview = null;
      showLines(sentence, view, token);
      keep([...standing, widths.root, fonts, token], view);
    },
  };
}

/** The first token that stands here; it stays while the chosen one is well inside. */
function windowFor({ first, text }, scene, token) {
  if (scene.n <= LONG) return 0;
  const last = scene.n - WINDOW;
  const inside = text === scene.text
    && (first === 0 || token >= first + EDGE)
    && (first === last || token < first + WINDOW - EDGE);
  if (inside && token >= first && token < first + WINDOW) return first;
  return Math.max(0, Math.min(last, token - WINDOW / 2));
}

function writeTokens(sentence, { scene, words }) {
  const { first, part, group } = sentence;
  const long = scene.n > LONG;
  sentence.text = scene.text;
  part.element.classList.toggle("hc-long", long);
  group.dir = directionOf(scene.tokens);
  const standing = long ? scene.tokens.slice(first, first + WINDOW) : scene.tokens;
  sentence.buttons = standing.map((token, i) => makeToken(scene, words, token, first + i));
  group.replaceChildren(...sentence.buttons);
  sentence.buttons[scene.second - first]?.before(html("i", "hc-break")); // of two texts
}

function makeToken(scene, words, token, i) {
  const button = html("button", "hc-token", printable(token));
  button.type = "button";
  button.dir = "auto";
  button.setAttribute("role", "radio");
  const name = fill(words.sentence_token, { i, token: isolated(printable(token)) });
  const standing = standsFor(scene, words, i);
  button.setAttribute("aria-label", standing ? `${name}; ${standing}` : name);
  const [goesOn, generated] = [scene.goes_on.includes(i), isGenerated(scene, i)];
  const about = [goesOn && words.sentence_goes_on, generated && words.sentence_generated_this];
  if (goesOn || generated) button.setAttribute("aria-description", about.filter(Boolean).join("; "));
  button.classList.toggle("hc-goes-on", goesOn);
  button.classList.toggle("hc-generated", generated);
  button.classList.toggle("hc-merged", standing !== "");
  button.classList.toggle("hc-wide", token.length > WIDE);
  button.title = standing;
  return button;
}

function nameSentence({ part, group }, { words }) {
  part.title.replaceChildren(term("token", words.sentence_title));
  group.setAttribute("aria-label", words.sentence_label);
}

/** Lines and words for one token: the chosen one, or the one pointed at. */
function showLines(sentence, view, token) {
  const { scene, words } = view;
  const { row, column } = pairsOf(view, token);
  drawLines(sentence, view, token, row, column);
  sentence.strip.draw(view, { first: sentence.first, count: sentence.buttons.length, token,
    direction: sentence.group.dir, hidden: scene.n <= LONG });
  const [looksAt, lookedAt] = sentencesOf(view, token, row, column);
  sentence.looks.textContent = looksAt;
  sentence.looked.textContent = lookedAt;
  const alt = fill(words.sentence_alt, { looks: looksAt, looked: lookedAt });
  sentence.lines.setAttribute("aria-label", alt);
  sentence.part.hint.textContent = hintOf(sentence, view, token);
  sentence.part.hint.title = sentence.part.hint.textContent; // where it is cut
  sentence.group.querySelector(".hc-shown")?.classList.remove("hc-shown");
  sentence.buttons[token - sentence.first]?.classList.add("hc-shown");
}

/** [index, weight] of what the token looks at and who looks at it; pooled, one index a block. */
export function pairsOf({ scene, weights }, token) {
  const { pool, side } = weights;
  const own = Math.floor(token / pool);
  const place = (block) => (block === own ? token
    : Math.min(scene.n - 1, block * pool + Math.floor(pool / 2)));
  const [row, column] = [[], []];
  for (let block = 0; block < side; block++) {
    const index = place(block);
    row.push([index, weights.at(token, index)]);
    if (block !== own) column.push([index, weights.at(index, token)]);
  }
  return { row, column };
}

/** What it looks at and who looks at it, in words; blocks of tokens where weights are pooled. */
export function sentencesOf(view, token, row, column) {
  const { scene, words, weights, formats } = view;
  const list = (pairs) => largest(pairs, NAMED, LEAST)
    .map(([i, weight]) => weighed(view, i, weight)).join(", ");
  const block = weights.pool > 1;
  const values = { i: blockOf(token, weights.pool, scene.n), token: named(scene, token),
    percent: formats.percent(LEAST, false) };
  const [looks, looked, spread, nobody] = block
    ? [words.sentence_block_looks, words.sentence_block_looked, words.sentence_block_spread,
      words.sentence_block_nobody]
    : [words.sentence_looks, words.sentence_looked, words.sentence_spread, words.sentence_nobody];
  const say = (some, none, pairs) => {
    const text = list(pairs);
    return fill(text ? some : none, { ...values, list: text });
  };
  return [say(looks, spread, row), say(looked, nobody, column)];
}

/** A token with its weight. In a long text one out of sight has its place beside it. */
function weighed({ scene, weights, words, formats }, index, weight) {
  const percent = formats.percent(weight, weights.exact);
  if (weights.pool > 1) {
    return fill(words.sentence_block, { i: blockOf(index, weights.pool, scene.n), percent });
  }
  return `${named(scene, index, scene.n > LONG)} ${percent}`;
}

function hintOf({ first, buttons }, { scene, words }, token) {
  const tokens = scene.counts?.reduce((a, b) => a + b, 0) ?? scene.n;
  return [
    words.sentence_hint,
    scene.n > LONG && fill(words.sentence_window,
      { i: first, j: first + buttons.length - 1, n: scene.n }),
    generatedHint(scene, words),
    scene.goes_on.length > 0 && `‿ ${words.sentence_goes_on}`,
    tokens > scene.n && fill(words.sentence_merged, { pieces: scene.n, tokens }),
    standsFor(scene, words, token),
  ].filter(Boolean).join("; ");
}

/** A long sentence scrolls in its own box: bring the chosen token into it, not the page. */
function keepInSight({ part, boxes, height, first }, token) {
  const [box, top] = [part.body, boxes[first].top];
  const second = boxes.find((one) => one?.top > top);
  if (!second || height <= box.clientHeight + 1) return;
  const line = second.top - top;
  const above = (boxes[token].top + boxes[token].low - box.clientHeight) / 2;
  box.scrollTop = Math.round(above / line) * line; // whole lines
}

function listenToSentence(sentence, view) {
  const { group, strip } = sentence;
  const tokenOf = (event) => {
    const place = sentence.buttons.indexOf(event.target.closest?.("button"));
    return place < 0 ? -1 : sentence.first + place;
  };
  const preview = (token) => {
    if (sentence.preview === token) return;
    sentence.preview = token;
    showLines(sentence, jointOf(view), token ?? jointOf(view).token);
  };
  group.addEventListener("pointerover", (event) => {
    const token = tokenOf(event);
    preview(token >= 0 && event.pointerType !== "touch" ? token : null);
  });
  group.addEventListener("pointerleave", () => preview(null));
  group.addEventListener("click", (event) => {
    const token = tokenOf(event);
    if (token >= 0) jointOf(view).chooseToken(token);
  });
  strip.listen(view);
  const steps = (key) => {
    const forward = group.dir === "rtl" ? -1 : 1;
    return { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -1, ArrowDown: 1,
      Home: -Infinity, End: Infinity }[key];
  };
  chooseByKeys(group, () => jointOf(view).scene.n, steps, () => jointOf(view).token,
    (token) => jointOf(view).chooseToken(token));
}
