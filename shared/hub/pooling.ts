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

/** What the folder says; null: it says nothing. @throws InputError where it wants another way */
export function poolingOf(pooling: Json | null, modules: readonly unknown[] | null): Pooling | null {
  if (pooling === null) return null;
  const modes = Object.entries(pooling).filter(([name, value]) => name.startsWith("pooling_mode_") && value === true);
  const names = modes.map(([name]) => name.slice("pooling_mode_".length));
  const normalizes = (modules ?? []).some((module) => String((module as Json | null)?.type).endsWith(".Normalize"));
  if (names.length === 1 && names[0] === "mean_tokens") return { pool: "mean", normalizes };
  if (names.length === 1 && names[0] === "cls_token") return { pool: "cls", normalizes };
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
