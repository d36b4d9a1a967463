/** How a sentence encoder makes one vector of its tokens' vectors: as modules.json and 1_Pooling/config.json of its folder say. */
import { InputError } from "../inputs/input-error.ts";

/** mean: of the text's tokens, special ones among them; cls: that of the first; none: what the model gives. */
export const POOLS = ["mean", "cls", "none"] as const;
export type Pool = (typeof POOLS)[number];

export interface Pooling {
  readonly pool: Pool;
  /** Vectors get the length 1. */
  readonly normalizes: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Modules of sentence-transformers that a model's file has in it, or whose work is done here; a dropout does nothing. */
const TAKEN_MODULES = ["Transformer", "Pooling", "Normalize", "Dropout"];
const WAYS: Readonly<Record<string, Pool>> = { mean: "mean", mean_tokens: "mean", cls: "cls", cls_token: "cls" };

/** What the folder says; null: it says nothing. @throws InputError where it wants another way, or more than is done here */
export function poolingOf(pooling: Json | null, modules: readonly unknown[] | null): Pooling | null {
  if (pooling === null) return null;
  const types = (modules ?? []).map(
    (module) =>
      String((module as Json | null)?.type)
        .split(".")
        .at(-1)!,
  );
  const others = types.filter((type) => !TAKEN_MODULES.includes(type));
  if (others.length > 0) {
    throw new InputError(
      `modules.json: expected ${TAKEN_MODULES.join(", ")}, got ${others.join(", ")}, which the model's file has not in it; export all of it ` +
        "(optimum-cli export onnx --library sentence_transformers), or take the vectors from before it: say --pool yourself",
    );
  }
  const { pooling_mode: named } = pooling;
  const modes = Object.entries(pooling).filter(([name, value]) => name.startsWith("pooling_mode_") && value === true);
  const names = typeof named === "string" ? [named] : modes.map(([name]) => name.slice("pooling_mode_".length));
  const way = names.length === 1 && Object.hasOwn(WAYS, names[0]!) ? WAYS[names[0]!]! : null;
  if (way !== null) return { pool: way, normalizes: types.includes("Normalize") };
  throw new InputError(
    `1_Pooling/config.json: expected pooling_mode_mean_tokens or pooling_mode_cls_token, got ${names.join(", ") || "none"}; say --pool yourself`,
  );
}

/** @returns the vector divided by its length; zeros stay zeros */
export function unitVector(vector: ArrayLike<number>): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const length = Math.sqrt(sum);
  return Float32Array.from(vector, (value) => (length === 0 ? value : value / length));
}
