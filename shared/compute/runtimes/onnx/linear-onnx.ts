/**
 * A linear model of a table as an .onnx file that takes the table as people have it: an input for each column, numbers as they stand in
 * their unit, words as texts. What exporters of scikit-learn write looks alike: "label" and "probabilities" come out, or "prediction".
 * All of it is standard operators, in float64.
 */
import { fail } from "../../model-json.ts";
import * as field from "./onnx-fields.ts";
import { doubleTensor, graphNode, int64Tensor, textTensor } from "./onnx-pieces.ts";
import { FREE } from "./onnx-topology.ts";
import { WireMessage } from "./wire-message.ts";
import { valueInfo } from "./write-onnx.ts";

/** The first set of operators that compares texts. */
const OPSET = 19;
const IR_VERSION = 9;
/** Inputs of one file: more columns of numbers come as one matrix. */
export const LINEAR_INPUTS_MAX = 1_000;
/** The one input of a table without names, or of very many columns. */
const MATRIX = "X";

export type LinearColumn =
  /** weights: one for each score. fill: what NaN counts as; null: NaN makes the answer NaN */
  | {
      readonly kind: "number";
      readonly name: string;
      readonly fill: number | null;
      readonly weights: readonly number[];
    }
  /** weights: of each word one for each score. A text that is none of the words counts as none: its weights are 0. */
  | {
      readonly kind: "words";
      readonly name: string;
      readonly words: readonly string[];
      readonly weights: readonly (readonly number[])[];
    };

export interface LinearModel {
  /** Columns in the order of the table. */
  readonly columns: readonly LinearColumn[];
  /** Do the columns have names? Otherwise all of them, numbers, are one input, "X". */
  readonly isNamed: boolean;
  /** One for each score. */
  readonly intercept: readonly number[];
  /** numbers: the score is the answer. sigmoid: of two labels, from one score. softmax: a score for each label. */
  readonly answer: "number" | "sigmoid" | "softmax";
  readonly labels: readonly (number | string)[];
  /** What the file says of itself, by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * @throws ModelError where there are more columns than inputs may be, and some hold words
 * @example writeLinearOnnx({ columns: [{ kind: "number", name: "a", fill: 0, weights: [2] }], isNamed: true, intercept: [1], answer: "number", labels: [], metadata: {} }).length > 100 // -> true
 */
export function writeLinearOnnx(model: LinearModel): Uint8Array<ArrayBuffer> {
  const { columns, intercept, answer, metadata } = model;
  const graph = new GraphOf();
  const scores = intercept.length;
  const names = inputNames(model);
  // In the order of the table.
  names?.forEach((name, place) => {
    graph.input(name, 1, columns[place]!.kind === "words" ? field.TEXT : field.DOUBLE);
  });
  const numbers = columns.flatMap((column, place) => (column.kind === "number" ? [{ ...column, place }] : []));
  const sums = [graph.doubles("intercept", [1, scores], intercept)];
  if (numbers.length > 0) {
    const weights = graph.doubles(
      "weights",
      [numbers.length, scores],
      numbers.flatMap((column) => column.weights),
    );
    const together = names === null ? graph.input(MATRIX, numbers.length, field.DOUBLE) : joined();
    sums.push(graph.node("MatMul", [filled(together), weights]));
  }
  for (const [place, column] of columns.entries()) {
    if (column.kind !== "words") continue;
    if (column.words.length === 0) continue;
    const isWord = graph.node("Equal", [
      names![place]!,
      graph.texts(`${place}-words`, [1, column.words.length], column.words),
    ]);
    const weights = graph.doubles(`${place}-weights`, [column.words.length, scores], column.weights.flat());
    sums.push(graph.node("MatMul", [graph.node("Cast", [isWord], { to: field.DOUBLE }), weights]));
  }
  const score = sums.reduce((a, b) => graph.node("Add", [a, b]));
  if (answer === "number") graph.output("prediction", score, 1, field.DOUBLE);
  else writeLabels(graph, model, score);
  return graph.file(metadata);

  /** All columns of numbers beside each other. */
  function joined(): string {
    const inputs = numbers.map(({ place }) => names![place]!);
    return inputs.length === 1 ? inputs[0]! : graph.node("Concat", inputs, { axis: 1 });
  }

  function filled(input: string): string {
    if (numbers.every(({ fill }) => fill === null)) return input;
    const fills = graph.doubles(
      "fills",
      [1, numbers.length],
      numbers.map(({ fill }) => fill ?? Number.NaN),
    );
    return graph.node("Where", [graph.node("IsNaN", [input]), fills, input]);
  }
}

function writeLabels(graph: GraphOf, { answer, labels }: LinearModel, score: string): void {
  const names = labels.every((label) => typeof label === "number")
    ? labels.every(Number.isSafeInteger)
      ? { input: graph.wholes("labels", [labels.length], labels), type: field.INT64 }
      : { input: graph.doubles("labels", [labels.length], labels), type: field.DOUBLE }
    : { input: graph.texts("labels", [labels.length], labels.map(String)), type: field.TEXT };
  const of = () => {
    if (answer === "softmax") {
      const probabilities = graph.node("Softmax", [score], { axis: 1 });
      return { probabilities, place: graph.node("ArgMax", [score], { axis: 1, keepdims: 0 }) };
    }
    const second = graph.node("Sigmoid", [score]);
    const first = graph.node("Sigmoid", [graph.node("Neg", [score])]);
    const isSecond = graph.node("Greater", [score, graph.doubles("zero", [], [0])]);
    const place = graph.node("Squeeze", [
      graph.node("Cast", [isSecond], { to: field.INT64 }),
      graph.wholes("one", [1], [1]),
    ]);
    return { probabilities: graph.node("Concat", [first, second], { axis: 1 }), place };
  };
  const { probabilities, place } = of();
  graph.output("label", graph.node("Gather", [names.input, place], { axis: 0 }), null, names.type);
  graph.output("probabilities", probabilities, labels.length, field.DOUBLE);
}

/** One for each column, none twice and none empty; null: they are one matrix. */
function inputNames({ columns, isNamed }: LinearModel): string[] | null {
  const hasWords = columns.some(({ kind }) => kind === "words");
  if (!hasWords && (!isNamed || columns.length > LINEAR_INPUTS_MAX)) return null;
  if (columns.length > LINEAR_INPUTS_MAX)
    fail("export", `at most ${LINEAR_INPUTS_MAX} columns where some hold words`, columns.length);
  const taken = new Set(OUTPUTS);
  return columns.map(({ name }, place) => {
    let free = name === "" ? `column ${place}` : name;
    for (let n = 2; taken.has(free); n++) free = `${name} (${n})`;
    taken.add(free);
    return free;
  });
}
const OUTPUTS = ["label", "probabilities", "prediction"];

/** Names that no column has. */
const OWN = "paritab:";

/** A graph as it grows: each call gives the name of what it added. */
class GraphOf {
  readonly #graph = new WireMessage().text(field.GRAPH.name, "paritab");
  readonly #nodes: WireMessage[] = [];
  readonly #ends: [number, WireMessage][] = [];
  #count = 0;

  node(op: string, inputs: readonly string[], attributes: Parameters<typeof graphNode>[3] = {}): string {
    const output = `${OWN}${this.#count++}`;
    this.#nodes.push(graphNode(op, inputs, output, attributes));
    return output;
  }

  input(name: string, width: number, type: number): string {
    this.#ends.push([field.GRAPH.input, valueInfo(name, [FREE, width], type)]);
    return name;
  }

  /** @param width null: a row is one value */
  output(name: string, from: string, width: number | null, type: number): void {
    this.#nodes.push(graphNode("Identity", [from], name));
    this.#ends.push([field.GRAPH.output, valueInfo(name, width === null ? [FREE] : [FREE, width], type)]);
  }

  doubles = (name: string, shape: readonly number[], values: readonly number[]) =>
    this.#tensor(name, (own) => doubleTensor(own, shape, values));
  wholes = (name: string, shape: readonly number[], values: readonly number[]) =>
    this.#tensor(name, (own) => int64Tensor(own, shape, values));
  texts = (name: string, shape: readonly number[], values: readonly string[]) =>
    this.#tensor(name, (own) => textTensor(own, shape, values));

  #tensor(name: string, tensorOf: (own: string) => WireMessage): string {
    const own = `${OWN}${name}`;
    this.#ends.push([field.GRAPH.initializer, tensorOf(own)]);
    return own;
  }

  file(metadata: LinearModel["metadata"]): Uint8Array<ArrayBuffer> {
    for (const node of this.#nodes) this.#graph.message(field.GRAPH.node, node);
    for (const [number, message] of this.#ends) this.#graph.message(number, message);
    const file = new WireMessage()
      .integer(field.MODEL.irVersion, IR_VERSION)
      .text(field.MODEL.producerName, "paritab")
      .message(field.MODEL.graph, this.#graph)
      .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, OPSET));
    for (const [key, value] of Object.entries(metadata)) {
      const entry = new WireMessage().text(field.STRING_ENTRY.key, key).text(field.STRING_ENTRY.value, value);
      file.message(field.MODEL.metadataProps, entry);
    }
    return file.join();
  }
}
