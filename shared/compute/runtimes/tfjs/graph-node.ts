/** One node of a tfjs Graph model, its attributes read as tfjs reads them. */
import { asArray, asObject, asText, fail, failWith, type JsonObject } from "../../model-json.ts";

export type TfjsDtype = "float32" | "int32" | "bool";

export class GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names in errors: node 'x' (Conv2D) */
  readonly what: string;
  /** The tensors that it takes: a node's name, or "name:1" for a further output. */
  readonly inputs: readonly string[];
  private readonly attributes: JsonObject;

  constructor(value: unknown) {
    const node = asObject(value, "graph node");
    this.name = asText(node.name, "graph node: name");
    this.op = asText(node.op, `node '${this.name}': op`);
    this.what = `node '${this.name}' (${this.op})`;
    this.inputs = asArray(node.input ?? [], `${this.what}: input`).flatMap((input) =>
      isControl(input) ? [] : [outputNameOf(input, this.what)],
    );
    this.attributes = asObject(node.attr ?? {}, `${this.what}: attr`);
  }

  flag(key: string, missing: boolean): boolean {
    const value = this.attribute(key)?.b ?? missing;
    return typeof value === "boolean" ? value : fail(`${this.what}: ${key}`, "true or false", value);
  }

  /** A text attribute, which the file holds in base64, in upper case. */
  text(key: string, missing: string): string {
    const value = this.attribute(key)?.s;
    return value === undefined ? missing : decodeText(value, `${this.what}: ${key}`).toUpperCase();
  }

  texts(key: string): string[] {
    const list = this.attribute(key)?.list;
    const values = list === undefined ? [] : asArray(asObject(list, this.what).s ?? [], `${this.what}: ${key}`);
    return values.map((value) => decodeText(value, `${this.what}: ${key}`).toUpperCase());
  }

  integer(key: string, missing: number): number {
    const value = this.attribute(key)?.i;
    return value === undefined ? missing : toInteger(value, `${this.what}: ${key}`);
  }

  integers(key: string): number[] | null {
    const list = this.attribute(key)?.list;
    if (list === undefined) return null;
    return asArray(asObject(list, this.what).i ?? [], `${this.what}: ${key}`).map((value) =>
      toInteger(value, this.what),
    );
  }

  /** The shape attribute of a Placeholder: -1 for what is free. */
  declaredShape(): number[] {
    const what = `${this.what}: shape`;
    const shape = asObject(asObject(this.attribute("shape"), what).shape, what);
    if (shape.unknownRank || shape.unknown_rank) {
      const toDo = "convert it with a signature that has one: tf.TensorSpec([1, 192, 256, 3], tf.float32)";
      failWith(what, "as many dimensions as the input has", "a shape that is open", toDo);
    }
    return asArray(shape.dim, what).map((dimension) => toInteger(asObject(dimension, what).size, what));
  }

  /** A type attribute as tfjs computes with it. */
  dtype(key: string, missing?: string): TfjsDtype {
    const type = this.attribute(key)?.type ?? missing;
    const known = DTYPES.find(({ names }) => names.includes(type as string | number));
    return known?.dtype ?? fail(`${this.what}: ${key}`, "float32, int32 or bool", type);
  }

  private attribute(key: string): JsonObject | undefined {
    const value = Object.hasOwn(this.attributes, key) ? this.attributes[key] : undefined;
    return value === undefined ? undefined : asObject(value, `${this.what}: ${key}`);
  }
}

/** By their names and numbers in TensorFlow's types.proto. tfjs has no numbers of 64 or 8 bits: they are int32 there. */
const DTYPES: readonly { readonly names: readonly (string | number)[]; readonly dtype: TfjsDtype }[] = [
  { names: ["DT_FLOAT", "DT_HALF", "DT_DOUBLE", 1, 19, 2], dtype: "float32" },
  { names: ["DT_INT32", "DT_INT64", "DT_INT8", "DT_UINT8", 3, 9, 6, 4], dtype: "int32" },
  { names: ["DT_BOOL", 10], dtype: "bool" },
];

/** "^name": another node must have run before, which tfjs has no need of. */
export const isControl = (input: unknown): boolean => typeof input === "string" && input.startsWith("^");

/** "name", "name:0" or "name:1"; "name" for the first output. */
export function outputNameOf(value: unknown, what: string): string {
  const [name, index = "0", ...more] = asText(value, `${what}: input`).split(":") as [string, string?];
  if (name === "" || name.startsWith("^") || more.length > 0 || !/^\d{1,4}$/.test(index)) {
    fail(`${what}: input`, "a node's output", value);
  }
  return Number(index) === 0 ? name : `${name}:${Number(index)}`;
}

/** Of an output. */
export const nodeOf = (output: string): string => output.split(":")[0]!;

function toInteger(value: unknown, what: string): number {
  const number = typeof value === "string" ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : fail(what, "a whole number", value);
}

function decodeText(value: unknown, what: string): string {
  // Some converters write the bytes as numbers.
  if (Array.isArray(value)) return String.fromCharCode(...value.map((byte) => toInteger(byte, what)));
  try {
    return atob(asText(value, what));
  } catch {
    return fail(what, "base64", value);
  }
}
