// What a choice of head, token, layer or layout did, for those who hear the page: what the token
// looks at now, and how large the cache became. Where the text changes there is no choice to tell.

import { html } from "./dom.js";
import { pairsOf, sentencesOf } from "./said.js";
import { chosenOf } from "./several.js";
import { fill } from "./text.js";

// ms of rest: a choice is drawn at once and again exactly, and it is said once. Keys held go by.
const REST = 700;

export function createAnnouncer() {
  const element = html("p", "hc-announced");
  element.setAttribute("role", "status");
  const announcer = { element, said: null, timer: 0 };
  return { element, draw: (view) => hear(announcer, view) };
}

function hear(announcer, view) {
  const now = stateOf(view);
  announcer.said ??= now; // nothing was chosen yet
  clearTimeout(announcer.timer);
  if (now.choice === announcer.said.choice && now.text === announcer.said.text) return;
  announcer.timer = setTimeout(() => announce(announcer, view), REST);
}

function announce(announcer, view) {
  const { said, element } = announcer;
  const now = stateOf(view);
  announcer.said = now;
  if (now.text !== said.text) return;
  element.textContent = [now.attention !== said.attention && attentionOf(view),
    now.cache !== said.cache && cacheOf(view)].filter(Boolean).join(". ");
}

/** What tells one choice from another, without the weights, which come a little later. */
function stateOf({ scene, layer, head, token, also }) {
  const attention = `${layer} ${head} ${token} ${also} ${scene.shape.n_heads} ${scene.shape.n_kv_heads}`;
  const cache = scene.cache ? scene.cache.now_bytes : "";
  return { text: `${scene.lang} ${scene.text}`, attention, cache, choice: `${attention} ${cache}` };
}

function attentionOf(view) {
  const chosen = chosenOf(view);
  const { row, column } = pairsOf(view, chosen);
  return sentencesOf(view, chosen, row, column).filter(Boolean).join("; ");
}

function cacheOf({ scene, words, formats }) {
  if (!scene.cache) return words.cache_none;
  return fill(words.cache_announced, { bytes: formats.bytes(scene.cache.now_bytes) });
}
