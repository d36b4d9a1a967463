import type { ErrorsView } from "./sensitivity.ts";

/**
 * By how much a final answer may be off, for people.
 * @example errorsInWords({ webAssembly: 0, others: [{ numbers: 40, error: 0.4 }] }) // -> "exact in WebAssembly, elsewhere 40 numbers within 0.4"
 */
export function errorsInWords({ webAssembly, others }: ErrorsView): string {
  const fixed = webAssembly === 0 ? "exact in WebAssembly" : `within ${few(webAssembly)} in WebAssembly`;
  if (others.length === 0) return `${fixed}, which alone computes it`;
  const sizes = others.map(
    ({ numbers, error }) => `${numbers} ${numbers === 1 ? "number" : "numbers"} within ${few(error)}`,
  );
  return `${fixed}, elsewhere ${sizes.join(", ")}`;
}

function few(value: number): string {
  return `${Number(value.toPrecision(2))}`;
}
