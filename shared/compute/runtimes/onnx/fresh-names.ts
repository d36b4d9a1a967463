/**
 * Names for what packing adds to a graph. A file's own names may be anything, those of graphs within its nodes too, so each new name is asked
 * for here, and none of the file's is ever taken for it.
 */
import { ONNX_BRANCH_DEPTH_MAX } from "../../../protocol/limits.ts";
import type { ByteSpace } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import * as field from "./onnx-fields.ts";
import type { OnnxGraph } from "./read-onnx.ts";
import { wireFields } from "./wire-fields.ts";

/** Far more than a model of MODEL_NODES_MAX nodes has. */
const NAMES_MAX = 1_000_000;

/** What is written out of a branch or of a turn of a loop stands under such a prefix. */
const PREFIX = /^(?:branch|loop)-\d+\//;

export class FreshNames {
  /** As the file writes them, at any depth. */
  readonly #ofFile = new Set<string>();
  /** In the whole: those of the file under their prefixes, and those that were added. */
  readonly #taken = new Set<string>();
  /** That names of the file begin with by themselves. */
  readonly #prefixesOfFile = new Set<string>();
  #parts = 0;

  constructor({ inputs, outputs, nodes, tensors }: OnnxGraph) {
    const add = (name: string): void => this.#addOfFile(name);
    for (const { name } of [...inputs, ...outputs, ...tensors]) add(name);
    for (const node of nodes) {
      for (const name of [...node.inputs, ...node.outputs]) add(name);
      for (const value of Object.values(node.attributes)) if ("g" in value) addNamesWithin(value.g, 1, add);
    }
  }

  #addOfFile(name: string): void {
    this.#ofFile.add(name);
    if (this.#ofFile.size > NAMES_MAX) fail("onnx graph", `at most ${NAMES_MAX} names`, "more");
    const prefix = PREFIX.exec(name)?.[0];
    if (prefix !== undefined) this.#prefixesOfFile.add(prefix);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** @returns whether nobody had it */
  take(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** @param wanted how it should read: it gets what makes it its own */
  fresh(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name) || this.#ofFile.has(name) || this.#ofFile.has(name.replace(PREFIX, ""))) name += "_";
    this.#taken.add(name);
    return name;
  }

  /** "branch-3/": what stands in a graph within a node gets it before its own name. */
  prefix(kind: "branch" | "loop"): string {
    let prefix: string;
    do prefix = `${kind}-${this.#parts++}/`;
    while (this.#prefixesOfFile.has(prefix));
    return prefix;
  }
}

/** What is deeper is refused where it is read. */
function addNamesWithin(graph: ByteSpace, depth: number, add: (name: string) => void): void {
  if (depth > ONNX_BRANCH_DEPTH_MAX) return;
  for (const { number, bytes } of wireFields(graph, "onnx graph")) {
    if (number === field.GRAPH.node) addNamesOfNode(bytes, depth, add);
    else if (NAMED.has(number)) addNames(bytes, number === field.GRAPH.initializer ? field.TENSOR.name : 1, add);
  }
}

const NAMED: ReadonlySet<number> = new Set([field.GRAPH.initializer, field.GRAPH.input, field.GRAPH.output]);

/** All names in a node, at any depth: its inputs, its outputs, and those of graphs within it. */
export function addNamesOfNode(node: Uint8Array, depth: number, add: (name: string) => void): void {
  for (const { number, bytes } of wireFields(node, "onnx node")) {
    if (number === field.NODE.input || number === field.NODE.output) add(new TextDecoder().decode(bytes));
    if (number !== field.NODE.attribute) continue;
    for (const inner of wireFields(bytes, "onnx node: attribute")) {
      if (inner.number === field.ATTRIBUTE.g) addNamesWithin(inner.bytes, depth + 1, add);
    }
  }
}

function addNames(message: Uint8Array, wanted: number, add: (name: string) => void): void {
  for (const { number, bytes } of wireFields(message, "onnx graph")) {
    if (number === wanted) add(new TextDecoder().decode(bytes));
  }
}
