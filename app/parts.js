// Runs something with the parts (parts.py) when they are there.
const withParts = (run) => {
  if (window.headcount) run(window.headcount);
  else addEventListener("headcount", () => run(window.headcount), { once: true });
};
