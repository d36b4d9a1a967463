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
