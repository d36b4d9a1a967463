/** Files in the order in which people have them. */

/** 2.png before 10.png: by number where names differ in one. */
export function inOrderOfNames<Named>(things: readonly Named[], nameOf: (thing: Named) => string): Named[] {
  const collator = new Intl.Collator("en", { numeric: true });
  return things.toSorted((a, b) => {
    const [left, right] = [nameOf(a), nameOf(b)];
    return collator.compare(left, right) || (left < right ? -1 : 1);
  });
}
