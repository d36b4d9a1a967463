/**
 * Sums of a convolution in AssemblyScript (WebAssembly with SIMD), as plain JavaScript takes them: products and sums in 64 bits, and each sum
 * rounded to 32 after each term. `npm run build:kernels` makes ../wasm-binary.ts of it. Pointers are bytes, aligned to 16.
 */

/** Output channels whose sums are taken at once, two a register: as many as registers hold beside what they are sums of. */
export const LANES: u32 = 16;

/**
 * One place of the output: LANES sums over rows x columns x depth terms.
 * @param x the first number (f32), then `xRow` and `xColumn` bytes on for each row and column
 * @param w weights (f64), LANES a term, `wRow` and `wColumn` bytes on likewise
 * @param out LANES numbers (f32)
 */
export function sumPlace(
  x: usize,
  xRow: usize,
  xColumn: usize,
  w: usize,
  wRow: usize,
  wColumn: usize,
  rows: u32,
  columns: u32,
  depth: u32,
  out: usize,
): void {
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  let sum4 = sum0;
  let sum5 = sum0;
  let sum6 = sum0;
  let sum7 = sum0;
  for (let row: u32 = 0; row < rows; row++, x += xRow, w += wRow) {
    let xAt = x;
    let wAt = w;
    for (let column: u32 = 0; column < columns; column++, xAt += xColumn, wAt += wColumn) {
      let weights = wAt;
      for (let at = xAt, end = xAt + ((<usize>depth) << 2); at < end; at += 4, weights += <usize>LANES * 8) {
        const value = f64x2.splat(<f64>load<f32>(at));
        sum0 = plus(sum0, value, v128.load(weights));
        sum1 = plus(sum1, value, v128.load(weights, 16));
        sum2 = plus(sum2, value, v128.load(weights, 32));
        sum3 = plus(sum3, value, v128.load(weights, 48));
        sum4 = plus(sum4, value, v128.load(weights, 64));
        sum5 = plus(sum5, value, v128.load(weights, 80));
        sum6 = plus(sum6, value, v128.load(weights, 96));
        sum7 = plus(sum7, value, v128.load(weights, 112));
      }
    }
  }
  store4(out, sum0, sum1);
  store4(out + 16, sum2, sum3);
  store4(out + 32, sum4, sum5);
  store4(out + 48, sum6, sum7);
}

/** The sum as 64 bits hold what 32 bits make of it. */
function plus(sum: v128, value: v128, weights: v128): v128 {
  const exact = f64x2.add(sum, f64x2.mul(value, weights));
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(exact));
}

/** Four sums as 32 bits. */
function store4(out: usize, low: v128, high: v128): void {
  v128.store(out, v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5));
}
