/** The class with the largest output of one row of a row-major matrix; the first of equals. */
export function argmax(outputs: Float32Array, row: number, outputSize: number): number {
  let best = 0;
  const at = row * outputSize;
  for (let c = 1; c < outputSize; c++) if (outputs[at + c]! > outputs[at + best]!) best = c;
  return best;
}
