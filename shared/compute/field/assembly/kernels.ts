/**
 * The field kernels in AssemblyScript (WebAssembly with SIMD). `npm run build:kernels` makes ../wasm-binary.ts of it.
 *
 * Pointers are bytes, aligned to 16. Matrices hold centred residues as i32, row-major; a row takes `stride` entries, a multiple
 * of four, zeros at its end. Results are residues in [0, q). Memory belongs to the caller (wasm-heap.ts).
 */
import { addProducts, emptyLanes, foldLanes, residueOfLanes, residuesOfLanes } from "./lanes";

/** Columns that vecMat sums at a time, so that their lanes (8 bytes each) stay in the first cache. */
const STRIP_COLUMNS: u32 = 2048;

/** Bytes of scratch memory that vecMat needs. */
export const VEC_MAT_SCRATCH_BYTES: u32 = STRIP_COLUMNS * 8;

/** Residues in [0, q) become centred, in place. @returns 1, or 0 where an entry was none */
export function centreResidues(entries: usize, count: u32): u32 {
  const q = i32x4.splat(0x7fffffff);
  const most = i32x4.splat(0x3fffffff);
  let wrong = i32x4.splat(0);
  for (let at = entries, end = entries + ((<usize>count) << 2); at < end; at += 16) {
    const values = v128.load(at);
    wrong = v128.or(wrong, i32x4.ge_u(values, q));
    v128.store(at, i32x4.sub(values, v128.and(i32x4.gt_s(values, most), q)));
  }
  return v128.any_true(wrong) ? 0 : 1;
}

/** @returns 1 where all entries are centred residues (-2^30 is none), else 0 */
export function areCentred(entries: usize, count: u32): u32 {
  const most = i32x4.splat(0x3fffffff);
  const least = i32x4.splat(-0x3fffffff);
  let wrong = i32x4.splat(0);
  for (let at = entries, end = entries + ((<usize>count) << 2); at < end; at += 16) {
    const values = v128.load(at);
    wrong = v128.or(wrong, v128.or(i32x4.gt_s(values, most), i32x4.lt_s(values, least)));
  }
  return v128.any_true(wrong) ? 0 : 1;
}

/**
 * Matrix times `width` vectors, one after the other at vectors + c * stride * 4. out: rows x width.
 * Four rows at once share the loads of the vector; all vectors are taken while the four rows are in the cache.
 */
export function matVecs(matrix: usize, rows: u32, stride: u32, vectors: usize, width: u32, out: usize): void {
  const rowBytes = (<usize>stride) << 2;
  const outBytes = (<usize>width) << 2;
  let r: u32 = 0;
  for (; r + 4 <= rows; r += 4) {
    const row = matrix + <usize>r * rowBytes;
    for (let c: u32 = 0; c < width; c++) {
      fourRows(row, rowBytes, vectors + <usize>c * rowBytes, out + <usize>r * outBytes + ((<usize>c) << 2), outBytes);
    }
  }
  for (; r < rows; r++) {
    const row = matrix + <usize>r * rowBytes;
    for (let c: u32 = 0; c < width; c++) {
      oneRow(row, rowBytes, vectors + <usize>c * rowBytes, out + <usize>r * outBytes + ((<usize>c) << 2));
    }
  }
}

function fourRows(row: usize, rowBytes: usize, vector: usize, out: usize, outBytes: usize): void {
  const row1 = row + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  let sum0 = emptyLanes();
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  let j: usize = 0;
  // Sixteen columns: four loads a row, two products a lane each, eight products a lane. Then the fold.
  for (; j + 64 <= rowBytes; j += 64) {
    let x = v128.load(vector + j);
    sum0 = addProducts(sum0, v128.load(row + j), x);
    sum1 = addProducts(sum1, v128.load(row1 + j), x);
    sum2 = addProducts(sum2, v128.load(row2 + j), x);
    sum3 = addProducts(sum3, v128.load(row3 + j), x);
    x = v128.load(vector + j, 16);
    sum0 = addProducts(sum0, v128.load(row + j, 16), x);
    sum1 = addProducts(sum1, v128.load(row1 + j, 16), x);
    sum2 = addProducts(sum2, v128.load(row2 + j, 16), x);
    sum3 = addProducts(sum3, v128.load(row3 + j, 16), x);
    x = v128.load(vector + j, 32);
    sum0 = addProducts(sum0, v128.load(row + j, 32), x);
    sum1 = addProducts(sum1, v128.load(row1 + j, 32), x);
    sum2 = addProducts(sum2, v128.load(row2 + j, 32), x);
    sum3 = addProducts(sum3, v128.load(row3 + j, 32), x);
    x = v128.load(vector + j, 48);
    sum0 = addProducts(sum0, v128.load(row + j, 48), x);
    sum1 = addProducts(sum1, v128.load(row1 + j, 48), x);
    sum2 = addProducts(sum2, v128.load(row2 + j, 48), x);
    sum3 = addProducts(sum3, v128.load(row3 + j, 48), x);
    sum0 = foldLanes(sum0);
    sum1 = foldLanes(sum1);
    sum2 = foldLanes(sum2);
    sum3 = foldLanes(sum3);
  }
  // At most three loads are left: six products a lane.
  for (; j < rowBytes; j += 16) {
    const x = v128.load(vector + j);
    sum0 = addProducts(sum0, v128.load(row + j), x);
    sum1 = addProducts(sum1, v128.load(row1 + j), x);
    sum2 = addProducts(sum2, v128.load(row2 + j), x);
    sum3 = addProducts(sum3, v128.load(row3 + j), x);
  }
  store<u32>(out, residueOfLanes(sum0));
  store<u32>(out + outBytes, residueOfLanes(sum1));
  store<u32>(out + outBytes * 2, residueOfLanes(sum2));
  store<u32>(out + outBytes * 3, residueOfLanes(sum3));
}

function oneRow(row: usize, rowBytes: usize, vector: usize, out: usize): void {
  let sum = emptyLanes();
  let j: usize = 0;
  for (; j + 64 <= rowBytes; j += 64) {
    sum = addProducts(sum, v128.load(row + j), v128.load(vector + j));
    sum = addProducts(sum, v128.load(row + j, 16), v128.load(vector + j, 16));
    sum = addProducts(sum, v128.load(row + j, 32), v128.load(vector + j, 32));
    sum = addProducts(sum, v128.load(row + j, 48), v128.load(vector + j, 48));
    sum = foldLanes(sum);
  }
  for (; j < rowBytes; j += 16) sum = addProducts(sum, v128.load(row + j), v128.load(vector + j));
  store<u32>(out, residueOfLanes(sum));
}

/**
 * Vector times matrix: out[c] = sum_r vector[r] matrix[r][c], for encoding and for keys. out: stride residues.
 * Eight rows at a time go over a strip of columns whose lanes stay in the first cache.
 * @param scratch VEC_MAT_SCRATCH_BYTES
 */
export function vecMat(matrix: usize, rows: u32, stride: u32, vector: usize, scratch: usize, out: usize): void {
  const rowBytes = (<usize>stride) << 2;
  for (let from: u32 = 0; from < stride; from += STRIP_COLUMNS) {
    const columns = min(STRIP_COLUMNS, stride - from);
    for (let c: u32 = 0; c < columns; c += 2) v128.store(scratch + ((<usize>c) << 3), emptyLanes());
    const strip = matrix + ((<usize>from) << 2);
    let r: u32 = 0;
    for (; r + 8 <= rows; r += 8) {
      addEightRows(strip + <usize>r * rowBytes, rowBytes, columns, vector + ((<usize>r) << 2), scratch);
    }
    for (; r < rows; r++) {
      addOneRow(strip + <usize>r * rowBytes, columns, v128.load32_splat(vector + ((<usize>r) << 2)), scratch);
    }
    for (let c: u32 = 0; c < columns; c += 4) {
      const lanes = scratch + ((<usize>c) << 3);
      v128.store(out + ((<usize>(from + c)) << 2), residuesOfLanes(v128.load(lanes), v128.load(lanes, 16)));
    }
  }
}

/** One product a row and lane: eight, then the fold. */
function addEightRows(row: usize, rowBytes: usize, columns: u32, vector: usize, scratch: usize): void {
  const x0 = v128.load32_splat(vector);
  const x1 = v128.load32_splat(vector, 4);
  const x2 = v128.load32_splat(vector, 8);
  const x3 = v128.load32_splat(vector, 12);
  const x4 = v128.load32_splat(vector, 16);
  const x5 = v128.load32_splat(vector, 20);
  const x6 = v128.load32_splat(vector, 24);
  const x7 = v128.load32_splat(vector, 28);
  const row4 = row + rowBytes * 4;
  for (let c: u32 = 0; c < columns; c += 4) {
    const at = (<usize>c) << 2;
    const lanes = scratch + ((<usize>c) << 3);
    let low = v128.load(lanes);
    let high = v128.load(lanes, 16);
    let entries = v128.load(row + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x0));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x0));
    entries = v128.load(row + rowBytes + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x1));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x1));
    entries = v128.load(row + rowBytes * 2 + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x2));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x2));
    entries = v128.load(row + rowBytes * 3 + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x3));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x3));
    entries = v128.load(row4 + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x4));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x4));
    entries = v128.load(row4 + rowBytes + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x5));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x5));
    entries = v128.load(row4 + rowBytes * 2 + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x6));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x6));
    entries = v128.load(row4 + rowBytes * 3 + at);
    low = i64x2.add(low, i64x2.extmul_low_i32x4_s(entries, x7));
    high = i64x2.add(high, i64x2.extmul_high_i32x4_s(entries, x7));
    v128.store(lanes, foldLanes(low));
    v128.store(lanes, foldLanes(high), 16);
  }
}

function addOneRow(row: usize, columns: u32, x: v128, scratch: usize): void {
  for (let c: u32 = 0; c < columns; c += 4) {
    const lanes = scratch + ((<usize>c) << 3);
    const entries = v128.load(row + ((<usize>c) << 2));
    v128.store(lanes, foldLanes(i64x2.add(v128.load(lanes), i64x2.extmul_low_i32x4_s(entries, x))));
    v128.store(lanes, foldLanes(i64x2.add(v128.load(lanes, 16), i64x2.extmul_high_i32x4_s(entries, x))), 16);
  }
}
