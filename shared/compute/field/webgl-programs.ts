/**
 * The field products as WebGL2 fragment programs on unsigned whole numbers. A texel holds four residues in [0, q).
 *
 * Textures are filled texel after texel, row after row of the texture: texel t is at (t % side, t / side). A program's output
 * is partial sums: texel o + s * outputCount is output o, terms from segment s alone; the caller adds segments (and channels).
 */
import type { GpuProduct } from "./gpu-device.ts";

/**
 * Products in limbs of 16 bits, all below 2^32, with 2^31 = 1 and 2^32 = 2 mod q; for a, b in [0, q]:
 *     low  = a0 b0             <= (2^16-1)^2 = 2^32 - 2^17 + 1; folded <= 2^31 - 2^17 + 1
 *     mid  = a0 b1 + a1 b0     <= 2 (2^16-1)(2^15-1) < 2^32;    mid 2^16 = (mid >> 15) + (mid & 7fff) 2^16, folded <= q
 *     high = a1 b1             <= (2^15-1)^2 < 2^30;            2^32 high = 2 high < 2^31
 * A sum of two numbers <= q is below 2^32 - 1, and folds to <= q. q itself stands for 0 until the caller reduces.
 */
const ARITHMETIC = `
uvec4 fold(uvec4 v) { return (v & 0x7fffffffu) + (v >> 31u); }
uvec4 add(uvec4 a, uvec4 b) { return fold(a + b); }
uvec4 multiply(uvec4 a, uvec4 b) {
  uvec4 a1 = a >> 16u, a0 = a & 0xffffu, b1 = b >> 16u, b0 = b & 0xffffu;
  uvec4 mid = a0 * b1 + a1 * b0;
  uvec4 sum = add(fold(a0 * b0), (a1 * b1) << 1u);
  return add(sum, fold(((mid & 0x7fffu) << 16u) + (mid >> 15u)));
}`;

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D matrix;
uniform usampler2D factor;
uniform int matrixSide;
uniform int factorSide;
uniform int outputSide;
uniform int outputCount;
uniform int segmentLength;
uniform int stride;
uniform int other;
out uvec4 result;
${ARITHMETIC}
uvec4 matrixAt(int t) { return texelFetch(matrix, ivec2(t % matrixSide, t / matrixSide), 0); }
uvec4 factorAt(int t) { return texelFetch(factor, ivec2(t % factorSide, t / factorSide), 0); }
int place() { return int(gl_FragCoord.y) * outputSide + int(gl_FragCoord.x); }
`;

/**
 * Output o = row * other + column. Factor: `other` vectors one after the other, each `stride` texels long, as the rows are.
 * The four channels are sums of their own.
 */
const MAT_VECS = `${HEAD}
void main() {
  int at = place();
  int segment = at / outputCount, o = at % outputCount;
  int row = (o / other) * stride, column = (o % other) * stride;
  int end = min(stride, (segment + 1) * segmentLength);
  uvec4 sum = uvec4(0u);
  for (int j = segment * segmentLength; j < end; j++) sum = add(sum, multiply(matrixAt(row + j), factorAt(column + j)));
  result = sum;
}`;

/** Output o = four columns, in the four channels. Factor: one vector with an entry for each of `other` rows. */
const VEC_MAT = `${HEAD}
void main() {
  int at = place();
  int segment = at / outputCount, o = at % outputCount;
  int end = min(other, (segment + 1) * segmentLength);
  uvec4 sum = uvec4(0u);
  for (int r = segment * segmentLength; r < end; r++) {
    uvec4 four = factorAt(r / 4);
    uint entry = four[r % 4];
    sum = add(sum, multiply(matrixAt(r * stride + o), uvec4(entry)));
  }
  result = sum;
}`;

export const WEBGL_PROGRAMS: Readonly<Record<GpuProduct, string>> = { matVecs: MAT_VECS, vecMat: VEC_MAT };

/** Two triangles that cover everything; no buffers. */
export const COVER_PROGRAM = `#version 300 es
void main() {
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;
