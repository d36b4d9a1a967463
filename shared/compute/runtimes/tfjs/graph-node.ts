/** One node of a tfjs Graph model, its attributes read as tfjs reads them. */
import { asArray, asObject, asText, fail, type JsonObject } from "../../model-json.ts";

export class GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names in errors: node 'x' (Conv2D) */
  readonly what: string;
  /** Names of the nodes whose first output it takes. */
  readonly inputs: readonly string[];
  private readonly attributes: JsonObject;

  constructor(value: unknown) {
    const node = asObject(value, "graph node");
    this.name = asText(node.name, "graph node: name");
    this.op = asText(node.op, `node '${this.name}': op`);
    this.what = `node '${this.name}' (${this.op})`;
    this.inputs = asArray(node.input ?? [], `${this.what}: input`).map((input) => firstOutputOf(input, this.what));
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
    if (shape.unknownRank || shape.unknown_rank) fail(what, "a known rank", shape);
    return asArray(shape.dim, what).map((dimension) => toInteger(asObject(dimension, what).size, what));
  }

  requireFloat(key: string): void {
    const type = this.attribute(key)?.type ?? "DT_FLOAT";
    if (type !== "DT_FLOAT" && type !== 1) fail(`${this.what}: ${key}`, "DT_FLOAT", type);
  }

  private attribute(key: string): JsonObject | undefined {
    const value = Object.hasOwn(this.attributes, key) ? this.attributes[key] : undefined;
    return value === undefined ? undefined : asObject(value, `${this.what}: ${key}`);
  }
}

/** "name" or "name:0"; control inputs ("^name") and further outputs are refused. */
export function firstOutputOf(value: unknown, what: string): string {
  const [name, index, ...more] = asText(value, `${what}: input`).split(":") as [string, string?];
  if (name.startsWith("^") || more.length > 0 || (index !== undefined && index !== "0")) {
    fail(`${what}: input`, "a node's first output", value);
  }
  return name;
}

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
