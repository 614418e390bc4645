// Streamlit changes its colours without a run of the page: what Python has coloured would stay as
// it was. The colour of something unseen fades to the new one; at the end of that the page runs.
const watched = new WeakSet();

const watchTheme = (parent, changed) => {
  if (watched.has(parent)) return;
  watched.add(parent);
  const seen = document.createElement("i");
  seen.style.cssText = "color: var(--st-text-color); transition: color 1ms";
  seen.addEventListener("transitionend", changed);
  parent.append(seen);
};
