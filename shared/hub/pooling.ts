/** How a sentence encoder makes one vector of its tokens' vectors: as modules.json and 1_Pooling/config.json of its folder say. */
import { DENSE_ACTIVATIONS, type VectorLayer } from "../compute/runtimes/runtime-description.ts";
import { InputError } from "../inputs/input-error.ts";
import { HUB_DENSE_BYTES_MAX } from "../protocol/limits.ts";
import { type HubPlace, hubJson, hubList } from "./hub-place.ts";
import { floatsIn } from "./safetensors.ts";

/** mean: of the text's tokens, special ones among them; max: the largest of each number over them; cls: that of the first; last: that of the last; none: what the model gives. */
export const POOLS = ["mean", "max", "cls", "last", "none"] as const;
export type Pool = (typeof POOLS)[number];

export interface Pooling {
  readonly pool: Pool;
  /** What the vector goes through then, before it gets its length. */
  readonly layers: readonly VectorLayer[];
  /** Vectors get the length 1. */
  readonly normalizes: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Modules of sentence-transformers that a model's file has in it, or whose work is done here; a dropout does nothing. */
const TAKEN_MODULES = ["Transformer", "Pooling", "Dense", "Normalize", "Dropout"];
const WAYS: Readonly<Record<string, Pool>> = {
  mean: "mean",
  mean_tokens: "mean",
  max: "max",
  max_tokens: "max",
  cls: "cls",
  cls_token: "cls",
  lasttoken: "last",
};

/** What the folder says; null: it says nothing. @throws InputError where it wants another way, or more than is done here */
export async function foldersPooling(place: HubPlace): Promise<Pooling | null> {
  const pooling = await hubJson(place, "1_Pooling/config.json");
  if (pooling === null) return null;
  const modules = ((await hubList(place, "modules.json")) ?? []) as readonly (Json | null)[];
  const typeOf = (module: Json | null) => String(module?.type).split(".").at(-1)!;
  const types = modules.map(typeOf);
  const others = types.filter((type) => !TAKEN_MODULES.includes(type));
  const isLate = types.lastIndexOf("Dense") > types.indexOf("Normalize") && types.includes("Normalize");
  if (others.length > 0 || isLate) {
    throw new InputError(
      `modules.json: expected ${TAKEN_MODULES.join(", ")} in this order, got ${types.join(", ")}; export all of it ` +
        "(optimum-cli export onnx --library sentence_transformers), or take the vectors from before it: say --pool yourself",
    );
  }
  const layers = await Promise.all(modules.filter((one) => typeOf(one) === "Dense").map((one) => denseIn(place, one!)));
  return { pool: wayOf(pooling), layers, normalizes: types.includes("Normalize") };
}

function wayOf(pooling: Json): Pool {
  const { pooling_mode: named } = pooling;
  const modes = Object.entries(pooling).filter(([name, value]) => name.startsWith("pooling_mode_") && value === true);
  const names = typeof named === "string" ? [named] : modes.map(([name]) => name.slice("pooling_mode_".length));
  const way = names.length === 1 && Object.hasOwn(WAYS, names[0]!) ? WAYS[names[0]!]! : null;
  if (way !== null) return way;
  throw new InputError(
    `1_Pooling/config.json: expected one of ${Object.keys(WAYS).join(", ")}, got ${names.join(" and ") || "none"}; ` +
      "export all of it (optimum-cli export onnx --library sentence_transformers), or take other vectors than the model's: say --pool yourself",
  );
}

/** Files of a Dense module, under its folder. */
export const DENSE_FILES = ["config.json", "model.safetensors"] as const;

/** Paths of all files that the folder's Dense modules are read from. */
export async function densePaths(place: HubPlace): Promise<string[]> {
  const modules = ((await hubList(place, "modules.json")) ?? []) as readonly (Json | null)[];
  const dense = modules.filter((module) => String(module?.type).endsWith(".Dense"));
  return dense.flatMap((module) => DENSE_FILES.map((name) => `${folderOf(module!)}/${name}`));
}

function folderOf({ path }: Json): string {
  if (typeof path === "string" && /^[\w-]{1,80}$/.test(path)) return path;
  throw new InputError(`modules.json: expected the folder of a Dense module as its path, got ${JSON.stringify(path)}`);
}

async function denseIn(place: HubPlace, module: Json): Promise<VectorLayer> {
  const folder = folderOf(module);
  const [configPath, weightsPath] = DENSE_FILES.map((name) => `${folder}/${name}`) as [string, string];
  const config = (await hubJson(place, configPath)) ?? {};
  const bytes = await place.read(weightsPath, HUB_DENSE_BYTES_MAX);
  if (bytes === null) {
    throw new InputError(
      `${place.where(weightsPath)}: there is no such file, which modules.json names; sentence-transformers writes it: model.save_pretrained(FOLDER)`,
    );
  }
  const where = place.where(weightsPath);
  const weights = floatsIn(bytes, "linear.weight", where);
  const [outSize, inSize] = weights?.shape ?? [];
  if (weights === null || weights.shape.length !== 2 || !(outSize! > 0 && inSize! > 0))
    throw new InputError(`${where}: expected linear.weight, out_features x in_features, got none`);
  const bias = floatsIn(bytes, "linear.bias", where)?.data ?? null;
  if (bias !== null && bias.length !== outSize)
    throw new InputError(`${where}: expected ${outSize} numbers in linear.bias, got ${bias.length}`);
  return {
    inSize: inSize!,
    outSize: outSize!,
    weights: weights.data,
    bias,
    activation: activationIn(config, place.where(configPath)),
  };
}

/** sentence-transformers' own where the file says none: Tanh. */
function activationIn({ activation_function: said = "Tanh" }: Json, where: string): VectorLayer["activation"] {
  const name = String(said).split(".").at(-1)!;
  const found = DENSE_ACTIVATIONS.find((one) => one === name);
  if (found !== undefined) return found;
  throw new InputError(`${where}: activation_function: expected ${DENSE_ACTIVATIONS.join(", ")}, got ${String(said)}`);
}

/** @returns the vector divided by its length; zeros stay zeros */
export function unitVector(vector: ArrayLike<number>): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const length = Math.sqrt(sum);
  return Float32Array.from(vector, (value) => (length === 0 ? value : value / length));
}
