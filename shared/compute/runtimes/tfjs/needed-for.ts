/** The output and everything that it is made from. Cycles and missing inputs are for the inspection to refuse. */
export function neededFor(output: string, inputsOf: ReadonlyMap<string, readonly string[]>): Set<string> {
  const needed = new Set<string>();
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    waiting.push(...(inputsOf.get(name) ?? []));
  }
  return needed;
}
