/** One layer's `config` from model.json, read key by key, with errors that name the layer. */
import { asArray, asInteger, fail, type JsonObject } from "../../model-json.ts";

const ACTIVATIONS = new Set(
  [
    "linear",
    "relu",
    "relu6",
    "elu",
    "selu",
    "sigmoid",
    "hard_sigmoid",
    "softplus",
    "softsign",
    "tanh",
    "softmax",
  ].concat(["log_softmax", "swish", "mish", "gelu"]),
);

const FUSED = new Set(["linear", "relu", "elu"]);

export class LayerConfig {
  readonly what: string;
  private readonly values: JsonObject;

  /** @param what names the layer in errors: layer 'conv1' (Conv2D) */
  constructor(what: string, values: JsonObject) {
    this.what = what;
    this.values = values;
    // tfjs turns snake_case into camelCase and would let a second, camelCase spelling override what was inspected.
    for (const key of Object.keys(values)) {
      if (/[A-Z]|^__/.test(key)) fail(what, "keys in snake_case", key);
    }
    const dtype = values.dtype ?? "float32";
    if (dtype !== "float32") fail(`${what}: dtype`, "float32", dtype);
    this.oneOf("data_format", ["channels_last"], "channels_last");
  }

  get(key: string): unknown {
    return this.values[key];
  }

  integer(key: string, min: number, missing?: number): number {
    return asInteger(this.values[key] ?? missing, min, `${this.what}: ${key}`);
  }

  flag(key: string, missing: boolean): boolean {
    const value = this.values[key] ?? missing;
    return typeof value === "boolean" ? value : fail(`${this.what}: ${key}`, "true or false", value);
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], missing: T): T {
    const value = this.values[key] ?? missing;
    return allowed.find((one) => one === value) ?? fail(`${this.what}: ${key}`, allowed.join(" or "), value);
  }

  /** Rows and columns: [3, 5], or 3 for both. */
  pair(key: string, min: number, missing?: number | readonly [number, number]): [number, number] {
    const value = this.values[key] ?? missing;
    if (!Array.isArray(value)) {
      const both = asInteger(value, min, `${this.what}: ${key}`);
      return [both, both];
    }
    if (value.length !== 2) fail(`${this.what}: ${key}`, "two numbers", value);
    const [rows, columns] = value.map((one) => asInteger(one, min, `${this.what}: ${key}`)) as [number, number];
    return [rows, columns];
  }

  /** Whole numbers; -1, or null as tfjs writes it, for what follows from the rest. */
  shape(key: string): number[] {
    const what = `${this.what}: ${key}`;
    return asArray(this.values[key], what).map((length) => asInteger(length ?? -1, -1, what));
  }

  /**
   * So many tensors of the layer's output stand beside it while its activation runs: those that tfjs fuses with the product none,
   * others what they are computed from (after the product, after the bias), some a few of their own.
   */
  activationCopies(): number {
    const name = this.values.activation ?? "linear";
    if (FUSED.has(name as string)) return 0;
    return ["relu6", "selu", "sigmoid", "softplus", "tanh", "softmax"].includes(name as string) ? 2 : 7;
  }

  requireKnownActivation(): void {
    const name = this.values.activation ?? "linear";
    if (typeof name !== "string" || !ACTIVATIONS.has(name)) {
      fail(`${this.what}: activation`, [...ACTIVATIONS].join(", "), name);
    }
  }
}
