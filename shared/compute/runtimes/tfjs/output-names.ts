/** Names that nobody has yet. */
export function freshNames(taken: readonly string[]): (name: string) => string {
  const names = new Set(taken);
  return (wanted) => {
    let name = wanted;
    while (names.has(name)) name += "_";
    names.add(name);
    return name;
  };
}

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
