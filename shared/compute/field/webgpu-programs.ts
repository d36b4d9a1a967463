/**
 * The field products as WGSL compute programs on unsigned whole numbers; the bounds are those of webgl-programs.ts. A step is
 * four residues in [0, q). A program writes partial sums: step o + s * outputCount is output o, terms from segment s alone.
 */
import type { GpuProduct } from "./gpu-device.ts";

const HEAD = `
struct Sizes {
  outputCount: u32, segmentLength: u32, stride: u32,
  /** width of matVecs, rows of vecMat */
  other: u32,
  stepCount: u32,
  /** Invocations a row of the grid. */
  across: u32,
}
@group(0) @binding(0) var<storage, read> matrix: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> factor: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> result: array<vec4<u32>>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

fn fold(v: vec4<u32>) -> vec4<u32> { return (v & vec4<u32>(0x7fffffffu)) + (v >> vec4<u32>(31u)); }
fn add(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> { return fold(a + b); }
fn multiply(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
  let a1 = a >> vec4<u32>(16u);
  let a0 = a & vec4<u32>(0xffffu);
  let b1 = b >> vec4<u32>(16u);
  let b0 = b & vec4<u32>(0xffffu);
  let mid = a0 * b1 + a1 * b0;
  let sum = add(fold(a0 * b0), (a1 * b1) << vec4<u32>(1u));
  return add(sum, fold(((mid & vec4<u32>(0x7fffu)) << vec4<u32>(16u)) + (mid >> vec4<u32>(15u))));
}
`;

export const WORKGROUP_SIZE = 64;

/** Output o = row * width + column; the four channels are sums of their own. Factor: `other` vectors of `stride` steps. */
const MAT_VECS = `${HEAD}
@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = id.y * sizes.across + id.x;
  if (at >= sizes.stepCount) { return; }
  let segment = at / sizes.outputCount;
  let o = at % sizes.outputCount;
  let row = (o / sizes.other) * sizes.stride;
  let column = (o % sizes.other) * sizes.stride;
  let end = min(sizes.stride, (segment + 1u) * sizes.segmentLength);
  var sum = vec4<u32>(0u);
  for (var j = segment * sizes.segmentLength; j < end; j++) {
    sum = add(sum, multiply(matrix[row + j], factor[column + j]));
  }
  result[at] = sum;
}`;

/** Output o = four columns, in the four channels. Factor: one vector with an entry a row. */
const VEC_MAT = `${HEAD}
@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = id.y * sizes.across + id.x;
  if (at >= sizes.stepCount) { return; }
  let segment = at / sizes.outputCount;
  let o = at % sizes.outputCount;
  let end = min(sizes.other, (segment + 1u) * sizes.segmentLength);
  var sum = vec4<u32>(0u);
  for (var r = segment * sizes.segmentLength; r < end; r++) {
    let entry = factor[r / 4u][r % 4u];
    sum = add(sum, multiply(matrix[r * sizes.stride + o], vec4<u32>(entry)));
  }
  result[at] = sum;
}`;

export const WEBGPU_PROGRAMS: Readonly<Record<GpuProduct, string>> = { matVecs: MAT_VECS, vecMat: VEC_MAT };
