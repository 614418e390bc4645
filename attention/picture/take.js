// "Take it along": one menu that makes files of the picture and of the charts on the page, in the
// browser: SVG, PNG and CSV, in the colours of paper or as on the screen.

import { groundOf } from "./colours.js";
import { numberOf } from "./decode.js";
import { html } from "./dom.js";
import { fill } from "./text.js";
import { chartsOf } from "./stills/charts.js";
import { csvOf, numbersCsv } from "./stills/numbers.js";
import { paperPalette, stillsOf, stillSvg } from "./stills/still.js";
import { THEME } from "./theme.js";

const KINDS = { svg: "image/svg+xml", png: "image/png", csv: "text/csv", html: "text/html" };
const PNG_SCALE = 2;
const PAPER = { paper: true, background: THEME.light.background };

/** Shows the menu in `node`; `on.page` is asked for the whole view as one file, if there is one. */
export function showTake(node, labels, on = {}) {
  const old = node.querySelector(".hc-take");
  if (old?.dataset.labels === JSON.stringify(labels)) return;
  old?.remove();
  const menu = makeMenu(labels, on);
  menu.dataset.labels = JSON.stringify(labels);
  if (!old) printOnPaper(node);
  node.append(menu);
}

/** In print the picture and the charts are drawings in the colours of paper (take.css). */
function printOnPaper(node) {
  const sheet = html("div", "hc-paper");
  node.append(sheet);
  let printing = false; // then nothing is laid out as on the screen any more
  const renew = () => {
    const pictures = viewsOf().map((view) =>
      stillSvg({ ...view, palette: paperPalette() }, view.title ? "head" : "all"));
    const charts = chartsOf(document).filter(({ printed }) => !printed)
      .map((chart) => chart.svg(PAPER));
    sheet.replaceChildren(...[...pictures, ...charts].map((text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      return document.importNode(parsed.documentElement, true);
    }));
  };
  addEventListener("beforeprint", () => {
    printing = true;
    renew();
  });
  addEventListener("afterprint", () => { printing = false; });
  matchMedia("print").addEventListener("change", ({ matches }) => matches && !printing && renew());
}

/** The pictures on the page, as picture.js has them; those of two heads side by side have a `title`. */
function viewsOf() {
  const views = [];
  document.dispatchEvent(new CustomEvent("hc-take", { detail: views }));
  return views;
}

function makeMenu(labels, on) {
  const part = html("select");
  const kind = choiceOf({ svg: labels.svg, png: labels.png, csv: labels.csv });
  const colours = choiceOf({ paper: labels.paper, screen: labels.screen });
  const save = buttonOf(labels.save);
  const says = html("p", "hc-take-says");
  says.setAttribute("role", "status");
  const labelled = (text, choice) => html("label", "", html("span", "", text), choice);
  const colour = labelled(labels.colours, colours);
  const room = html("div", "hc-take-room", labelled(labels.part, part),
    labelled(labels.kind, kind), colour, save);
  if (on.page) {
    const whole = buttonOf(labels.page);
    whole.addEventListener("click", () => on.page());
    room.append(whole);
  }
  const menu = html("details", "hc-take", html("summary", "", labels.title), room, says);
  let offers = new Map();
  const renew = () => {
    const chosen = part.value;
    offers = offersOf(labels);
    part.replaceChildren(...[...offers].map(([value, { name }]) => optionOf(value, name)));
    if (offers.has(chosen)) part.value = chosen;
    room.hidden = offers.size === 0;
    says.textContent = offers.size ? "" : labels.nothing;
  };
  menu.addEventListener("toggle", renew);
  room.addEventListener("pointerenter", renew);
  kind.addEventListener("change", () => { colour.hidden = kind.value === "csv"; });
  save.addEventListener("click", async () => {
    renew(); // what is drawn may have changed
    if (offers.has(part.value)) await saveOffer(offers.get(part.value), kind.value, colours.value);
  });
  return menu;
}

/** What can be taken now: name, SVG and CSV by the value of the choice. */
function offersOf(labels) {
  const offers = new Map();
  const views = viewsOf();
  const [whole] = views.filter(({ title }) => !title);
  for (const part of whole ? stillsOf(whole.scene) : []) {
    offers.set(part, offerOf(whole, part, labels[`part_${part}`]));
  }
  views.filter(({ title }) => title).forEach((view, i) => {
    const offer = offerOf(view, "head", `${fill(view.words.head, view)}: ${view.title}`);
    offers.set(`beside-${i + 1}`, { ...offer, file: `beside-${i + 1}-${offer.file}` });
  });
  chartsOf(document).forEach((chart, i) => offers.set(`chart-${i + 1}`, {
    name: [fill(labels.chart, { n: i + 1 }), chart.title].filter(Boolean).join(": "),
    file: `chart-${i + 1}`,
    svg: (paper) => chart.svg(paper ? PAPER : { background: groundOf(chart.element) ?? "white" }),
    csv: () => csvOf(chart.rows()),
  }));
  return offers;
}

function offerOf(view, part, name) {
  return { name,
    file: part === "head" ? `head-${numberOf(view.scene, view.layer)}-${view.head}` : part,
    svg: (paper) => stillSvg(paper ? { ...view, palette: paperPalette() } : view, part),
    csv: () => numbersCsv(view, part) };
}

async function saveOffer(offer, kind, colours) {
  const text = kind === "csv" ? offer.csv() : offer.svg(colours === "paper");
  const content = kind === "png" ? await pngOfSvg(text) : new Blob([text], { type: KINDS[kind] });
  saveFile(content, `headcount-${offer.file}.${kind}`);
}

async function pngOfSvg(text) {
  const address = URL.createObjectURL(new Blob([text], { type: KINDS.svg }));
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = html("canvas");
  [canvas.width, canvas.height] = [image.width * PNG_SCALE, image.height * PNG_SCALE];
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => { canvas.toBlob(done, KINDS.png); });
}

export function saveFile(content, name) {
  const link = html("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** A page that another machine has made. */
export function savePage(text) {
  saveFile(new Blob([text], { type: KINDS.html }), "headcount.html");
}

function buttonOf(text) {
  const button = html("button", "", text);
  button.type = "button";
  return button;
}

function choiceOf(names) {
  return html("select", "", ...Object.entries(names).map(([value, name]) => optionOf(value, name)));
}

function optionOf(value, name) {
  const option = html("option", "", name);
  option.value = value;
  return option;
}
