/**
 * One text for one value: the JSON Canonicalization Scheme (RFC 8785). Names in the order of their UTF-16 code units, no white
 * space, numbers as ECMAScript writes them. What is signed is signed in this form, and a file that is not in it was changed.
 */

/**
 * @returns the text; fields that are undefined are left out, as JSON.stringify does
 * @throws TypeError on what no JSON can say: NaN, infinities, lone surrogates, functions
 * @example canonical({ b: 1e21, a: "é" }) // -> '{"a":"é","b":1e+21}'
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`canonical: expected a finite number, got ${value}`);
      return String(Object.is(value, -0) ? 0 : value);
    case "string":
      if (/\p{Surrogate}/u.test(value)) throw new TypeError("canonical: expected text without lone surrogates");
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
      return `{${Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, field]) => `${canonical(name)}:${canonical(field)}`)
        .join(",")}}`;
    default:
      throw new TypeError(`canonical: expected what JSON can say, got ${typeof value}`);
  }
}
