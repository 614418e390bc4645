// Words and numbers: templates filled, numbers in the visitor's language, tokens made printable.

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

/** Formatters of one language: number, percent (a decimal only where it is exact), bytes. */
export function formatsOf(lang, byteUnits) {
  const whole = new Intl.NumberFormat(lang);
  const share = (digits) =>
    new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: digits });
  const [exactly, roughly] = [share(1), share(0)];
  const decimals = [0, 1, 2].map((n) => new Intl.NumberFormat(lang, { maximumFractionDigits: n }));
  const units = byteUnits.split(" ");
  const short = (n) => decimals[n < 10 ? 2 : n < 100 ? 1 : 0].format(n);
  const hundredths =
    new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return {
    number: (n) => whole.format(n),
    short,
    fixed: (n) => hundredths.format(n),
    percent: (weight, exact) => (exact ? exactly : roughly).format(weight),
    bytes(n) {
      let unit = 0;
      while (n >= 1024 && unit < units.length - 1) [n, unit] = [n / 1024, unit + 1];
      return `${decimals[2].format(n)} ${units[unit]}`; // as attention/amounts.py does
    },
  };
}

/** The tokens that a pooled weight stands for, as "12–15". */
export function blockOf(index, pool, n) {
  const first = index - (index % pool);
  const last = Math.min(n - 1, first + pool - 1);
  return last > first ? `${first}–${last}` : String(first);
}

const BLANKS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

/** A token as it is shown: blanks made visible, nothing interpreted. */
export function printable(token) {
  if (token === "") return "∅";
  if (token.trim() !== "") return token.trim();
  return Array.from(token, (letter) => BLANKS[letter] ?? "␣").join("");
}

/** At most `most` letters as a reader counts them: "क्षि" or a flag is one, never cut inside. */
export function shortened(token, most) {
  if (token.length <= most) return token;
  const letters = Array.from(new Intl.Segmenter().segment(token), (part) => part.segment);
  return letters.length <= most ? token : `${letters.slice(0, most - 1).join("")}…`;
}

/** A token inside a sentence, which should stay a line. */
export function mentioned(token) {
  return isolated(shortened(printable(token), 16));
}

const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** A text in a sentence of another direction (UAX #9): what stands around it keeps its order. */
export function isolated(text) {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
}

/** The texts that several tokens have, as they are mentioned: such a token needs its place. */
export function repeatedIn(tokens) {
  const seen = new Set();
  return new Set(tokens.map(mentioned).filter((text) => seen.size === seen.add(text).size));
}

/** A token by name: “the”, or where another reads the same, “the” (4). */
export function named({ tokens, repeated }, index, placed = false) {
  const text = mentioned(tokens[index]);
  return placed || repeated.has(text) ? `“${text}” (${index})` : `“${text}”`;
}

/** How many tokens a readable piece stands for, in words; empty where it is one. */
export function standsFor(scene, words, index) {
  const n = scene.counts?.[index] ?? 1;
  return n > 1 ? fill(words.sentence_stands, { token: named(scene, index), n }) : "";
}

/** The direction of a text, by its first letter that has one. */
export function directionOf(tokens) {
  const first = tokens.join("").match(/\p{L}/u);
  return first && TURNS.test(first[0]) ? "rtl" : "ltr";
}
