/** Surgery on an ONNX file: one tensor takes another's place, and what only served the other goes. */
import { GRAPH, MODEL, NODE, VALUE_INFO } from "../../shared/compute/runtimes/onnx/onnx-fields.ts";
import { type WireField, wireFields } from "../../shared/compute/runtimes/onnx/wire-fields.ts";
import { WireMessage } from "../../shared/compute/runtimes/onnx/wire-message.ts";

interface Node {
  readonly message: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * For parts of a graph that are known to hand on what they get. Everything else of the file stays byte for byte.
 * @param from takes the place of `to` wherever that was an input
 * @throws Error where nothing takes `to`
 */
export function bypassNodes(file: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const rewritten = new WireMessage();
  for (const one of wireFields(file, "onnx file")) {
    if (one.number === MODEL.graph) rewritten.message(MODEL.graph, bypassed(one.bytes, from, to));
    else copy(rewritten, one);
  }
  return rewritten.join();
}

function bypassed(graph: Uint8Array, from: string, to: string): WireMessage {
  const fields = [...wireFields(graph, "onnx graph")];
  const nodes = fields.filter(({ number }) => number === GRAPH.node).map(({ bytes }) => readNode(bytes));
  if (!nodes.some(({ inputs }) => inputs.includes(to))) throw new Error(`bypass: expected a node that takes '${to}'`);
  const renamed = nodes.map((node) => (node.inputs.includes(to) ? readNode(withInput(node.message, to, from)) : node));
  const needed = new Set(fields.filter(({ number }) => number === GRAPH.output).map(({ bytes }) => nameOf(bytes)));
  const kept = new Set<Node>();
  for (const node of renamed.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.add(node);
    for (const name of node.inputs) needed.add(name);
  }
  const rewritten = new WireMessage();
  for (const node of renamed) if (kept.has(node)) rewritten.bytes(GRAPH.node, node.message);
  for (const one of fields) if (one.number !== GRAPH.node) copy(rewritten, one);
  return rewritten;
}

function readNode(message: Uint8Array): Node {
  const fields = [...wireFields(message, "onnx node")];
  const texts = (wanted: number) => fields.filter(({ number }) => number === wanted).map(({ bytes }) => text(bytes));
  return { message, inputs: texts(NODE.input), outputs: texts(NODE.output) };
}

function withInput(message: Uint8Array, to: string, from: string): Uint8Array {
  const rewritten = new WireMessage();
  for (const one of wireFields(message, "onnx node")) {
    if (one.number === NODE.input && text(one.bytes) === to) rewritten.text(NODE.input, from);
    else copy(rewritten, one);
  }
  return rewritten.join();
}

function nameOf(valueInfo: Uint8Array): string {
  const name = [...wireFields(valueInfo, "onnx graph: output")].find(({ number }) => number === VALUE_INFO.name);
  return name === undefined ? "" : text(name.bytes);
}

/** Models, graphs and nodes have no fixed-width fields of their own. */
function copy(into: WireMessage, { number, integer, bytes, isVarint }: WireField): void {
  if (isVarint) into.integer(number, integer);
  else into.bytes(number, bytes);
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
