// Several tokens chosen at once: a list, of which the first is the one whose numbers are shown.

const MOST_CHOSEN = 64; // what the server takes

/** A view's chosen tokens. */
export function chosenOf({ token, also }) {
  return [token, ...also];
}

/** One more, or one less; the last stays. */
export function toggled(chosen, token) {
  if (!chosen.includes(token)) return [token, ...chosen].slice(0, MOST_CHOSEN);
  return chosen.length > 1 ? chosen.filter((each) => each !== token) : chosen;
}

/** All from the first of them up to one. */
export function upTo(chosen, token) {
  const step = token < chosen[0] ? 1 : -1;
  const between = [];
  for (let each = token; each !== chosen[0]; each += step) between.push(each);
  return [...new Set([...between, ...chosen])].slice(0, MOST_CHOSEN);
}

/** The next one joins; a step back lets the last one go. */
export function extended(chosen, token) {
  if (!chosen.includes(token)) return toggled(chosen, token);
  return [token, ...chosen.filter((each) => each !== token && each !== chosen[0])];
}

/** The mean of what `weigh` gives for each of them. */
export function meanOf(chosen, weigh) {
  return chosen.reduce((sum, token) => sum + weigh(token), 0) / chosen.length;
}

/** They are drawn at once; the host hears of them. */
export function chooseTokens(view, tokens) {
  const [[token, ...also], at] = [tokens, performance.now()];
  if (!tokens.length || String(tokens) === String([view.token, view.also].flat())) return;
  Object.assign(view.asked, { token: { value: token, at }, also: { value: also, at } });
  Object.assign(view, { token, also }).draw();
  view.on.tokens?.(tokens);
}
