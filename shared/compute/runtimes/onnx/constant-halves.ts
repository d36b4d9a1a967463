/**
 * Half precision is a way to store float32 here. But a constant may decide something, a branch, a place, a bound: so a constant that the file
 * has in half precision is rounded by each operator as the file says.
 */
import { KNOWN_NUMBERS_MAX } from "../../../protocol/limits.ts";
import { sizeOf } from "../../tensors/batched-tensor.ts";
import { castNode } from "./choice-nodes.ts";
import { type HalfKind, halfKind } from "./onnx-dtypes.ts";
import type { OnnxNodeFacts } from "./onnx-topology.ts";
import type { FileNode, FileTensor } from "./read-onnx.ts";
import type { OnnxWalk } from "./walk-onnx.ts";

/** Operators that give numbers as they are. */
const MOVES = new Set(
  "Concat Expand Flatten Gather Identity Reshape Slice Split Squeeze Tile Transpose Unsqueeze".split(" "),
);

export class ConstantHalves {
  readonly #kinds = new Map<string, HalfKind>();
  readonly #walk: OnnxWalk;

  constructor(walk: OnnxWalk) {
    this.#walk = walk;
  }

  addTensor(name: string, { dtype, isBrain }: FileTensor): void {
    if (isBrain) this.#kinds.set(name, "bfloat16");
    else if (dtype === "float16") this.#kinds.set(name, "float16");
  }

  /** What only moves them is of the same kind. */
  follow({ op, inputs, outputs }: OnnxNodeFacts): void {
    const kind = MOVES.has(op) ? this.#kinds.get(inputs[0]!) : undefined;
    if (kind !== undefined) for (const name of outputs) this.#kinds.set(name, kind);
  }

  /** @returns to what the outputs are rounded; null: they are not */
  kindOf({ op, attributes, inputs }: FileNode): HalfKind | null {
    if (MOVES.has(op) || !inputs.every((name) => name === "" || this.#walk.isConstant(name))) return null;
    if (op === "Cast") return attributes.to !== undefined && "i" in attributes.to ? halfKind(attributes.to.i) : null;
    const like = op === "CastLike" ? inputs.slice(1) : inputs;
    const kind = like.map((name) => this.#kinds.get(name)).find((one) => one !== undefined) ?? null;
    const isSmall = inputs.every((name) => sizeOf(this.#walk.tensors.get(name)?.shape ?? []) <= KNOWN_NUMBERS_MAX);
    return isSmall ? kind : null;
  }

  /** @returns nodes that round `from` */
  rounding(from: string, kind: HalfKind, to: string, fresh: (wanted: string) => string): OnnxNodeFacts[] {
    this.#kinds.set(to, kind);
    const half = fresh(`${to}/half`);
    return [castNode(from, half, kind), castNode(half, to, "float32")];
  }
}
