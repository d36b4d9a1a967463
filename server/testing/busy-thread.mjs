/** A thread that is as busy as it is told: it looks at nothing else meanwhile, as a pattern that never ends. */
export default function busy({ ms, name }) {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
  return name;
}
