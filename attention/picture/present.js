// The presenter's view: one part of the picture at a time, and the bar and keys that turn to the
// next one. A host asks for it with the scene's `part`, and hears of another with `on.part`.

import { decode } from "./decode.js";
import { hearWhileThere, html } from "./dom.js";
import { fill } from "./text.js";

/** In this order; the place in it is what `on.part` hears. */
const PRESENTED = ["split", "gallery", "head", "sentence", "cache", "joined", "map"];
const FOCUSABLE = "input, textarea, select, [contenteditable], .hc-field, .hc-patch-field, "
  + "[role=radiogroup], [role=slider], [role=grid], [role=listbox], [role=combobox]";
const WRITABLE = "input:not([type=range]), textarea, [contenteditable]";
const UNDER = 3; // px below one
const SAYS = 25; // px that the line below the chosen head takes
const WORDS = { least: 150, share: 0.3 }; // px, or of the width, that what is said beside it takes
const AROUND_MAP = 68; // px of the map that are not its rows
const LANDSCAPE = 1.2; // times as wide as high

export function createPresenter(view) {
  const place = html("span", "hc-place");
  const [previous, next, freeze, leave] = ["previous", "next", "freeze", "leave"].map((name) => {
    const button = html("button", `hc-${name}`);
    button.type = "button";
    return button;
  });
  place.setAttribute("role", "status");
  const bar = html("nav", "hc-present", previous, place, next, freeze, leave);
  previous.addEventListener("click", () => turn(view, -1));
  next.addEventListener("click", () => turn(view, 1));
  freeze.addEventListener("click", () => setFrozen(view, !view.frozen));
  leave.addEventListener("click", () => leaveView(view));
  const heard = (event) => view.part && listenToKeys(event, view);
  hearWhileThere(view.root, window, "keydown", heard, true); // before the picture's: PageUp is theirs, too
  return {
    bar,
    draw() {
      bar.hidden = !view.part;
      if (bar.hidden) return;
      const { words } = view;
      const parts = partsOf(view.scene);
      const at = parts.indexOf(view.part);
      previous.textContent = `‹ ${words.present_previous}`;
      next.textContent = `${words.present_next} ›`;
      freeze.textContent = view.frozen ? words.present_frozen : words.present_freeze;
      freeze.ariaPressed = String(view.frozen);
      leave.textContent = words.present_leave;
      place.textContent = fill(words.present_place, { n: at + 1, of: parts.length });
      previous.disabled = at === 0;
      next.disabled = at === parts.length - 1;
      view.root.style.setProperty("--hc-below", `${bar.offsetHeight / view.zoom}px`);
      tighten(view.root);
    },
  };
}

/** What there is to present of a scene. */
function partsOf(scene) {
  return PRESENTED.filter((part) => !(part === "map" && !scene.map)
    && !(part === "joined" && !scene.joined));
}

/** The part that is asked for, or the first where a scene has none of it; null: all of them. */
export function presented(scene, asked) {
  if (!asked) return null;
  const parts = partsOf(scene);
  return parts.includes(asked) ? asked : parts[0];
}

/** The room that the parts have in the window, in px of the picture, put into its widths. */
export function takeRoom({ root, widths }) {
  const [wide, high] = [root.clientWidth, root.clientHeight - 4];
  const beside = wide > LANDSCAPE * high;
  root.toggleAttribute("data-beside", beside);
  if (beside) widths.heat = wide - Math.max(WORDS.least, wide * WORDS.share);
  widths.heatRoom = beside ? high : high - SAYS;
  widths.beside = beside;
  widths.galleryRoom = (nHeads, heading) => high - heading.offsetHeight - UNDER;
}

/** The height of the map's rows, without its heading, numbers and the line below. */
export function mapRoom(root) {
  return root.clientHeight - AROUND_MAP;
}

/** Leave the small print out where a part is higher than the window. */
function tighten(root) {
  root.removeAttribute("data-tight");
  root.toggleAttribute("data-tight", root.scrollHeight > root.clientHeight + 1);
}

/** Whether the data have to wait. Whoever has left the view sees what there is. */
export function waits(view, data) {
  if (!view.frozen || data === view.data) return false;
  const { part } = data instanceof Uint8Array ? decode(data) : data;
  view.frozen = Boolean(part);
  view.waiting = part ? data : null;
  return view.frozen;
}

function setFrozen(view, frozen) {
  view.frozen = frozen;
  if (!frozen && view.waiting) view.receive(view.waiting);
  view.waiting = null;
  view.draw();
}

function leaveView(view) {
  setFrozen(view, false);
  view.on.leave?.(0);
}

function turn(view, step) {
  const parts = partsOf(view.scene);
  const part = parts[parts.indexOf(view.part) + step];
  if (!part) return;
  view.asked.part = { value: part, at: performance.now() };
  view.part = part;
  view.draw();
  view.on.part?.(PRESENTED.indexOf(part));
}

/** A presenter's clicker sends PageUp and PageDown, wherever the focus is. */
function listenToKeys(event, view) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const within = (what) => event.composedPath().some((node) => node.matches?.(what));
  const { key } = event;
  const step = { PageUp: -1, PageDown: 1 }[key]
    ?? (within(FOCUSABLE) ? undefined : { ArrowLeft: -1, ArrowRight: 1 }[key]);
  if (step) turn(view, step);
  else if (key === "Escape") leaveView(view);
  else if (key.toLowerCase() === "f" && !within(WRITABLE)) setFrozen(view, !view.frozen);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
