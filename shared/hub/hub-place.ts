/** A model's folder as it lies on the Hugging Face Hub, on a disk or dropped on a page: the model, and the JSON files beside it. */
import { type ByteSpace, blobOf } from "../compute/byte-space.ts";
import type { ModelEditor } from "../compute/runtimes/runtime-description.ts";
import { InputError } from "../inputs/input-error.ts";
import { HUB_JSON_BYTES_MAX } from "../protocol/limits.ts";
import { type LabelNames, labelNames } from "./label-names.ts";

export interface HubPlace {
  /** Of its jobs. */
  readonly name: string;
  /** As people are told of the folder. */
  readonly folder: string;
  /** As they are told of a file of it. */
  where(name: string): string;
  /** @returns null where there is no such file @throws InputError where it is larger, or cannot be read */
  read(name: string, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** @throws InputError where there is no model that can be taken */
  model(): Promise<HubModel>;
}

export interface HubModel {
  /** Path of the main file within the folder. */
  readonly mainPath: string;
  /** The path that such a file has where it is the only model of the folder. */
  readonly mainName: string;
  /** As they are uploaded, the main one first. */
  readonly files: readonly HubFile[];
  readonly editor: ModelEditor;
}

export interface HubFile {
  readonly name: string;
  /** Weights stay where they lie. */
  readonly data: ByteSpace;
}

/** As requests take them: what lies on a disk is read as it is sent. */
export function sentFiles(files: readonly HubFile[]): { name: string; data: Blob }[] {
  return files.map(({ name, data }) => ({ name, data: blobOf(data) }));
}

type Json = Readonly<Record<string, unknown>>;

/**
 * @returns what the file holds; null where there is none
 * @throws InputError where it holds no JSON object
 */
export async function hubJson(place: HubPlace, name: string): Promise<Json | null> {
  const value = await parsedJson(place, name);
  if (value === undefined) return null;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  const got = Array.isArray(value) ? "a list" : typeof value;
  throw new InputError(`${place.where(name)}: expected a JSON object, got ${got}`);
}

/** As hubJson, of a list. */
export async function hubList(place: HubPlace, name: string): Promise<readonly unknown[] | null> {
  const value = await parsedJson(place, name);
  if (value === undefined) return null;
  if (Array.isArray(value)) return value;
  throw new InputError(`${place.where(name)}: expected a JSON list, got ${typeof value}`);
}

async function parsedJson(place: HubPlace, name: string): Promise<unknown> {
  const bytes = await place.read(name, HUB_JSON_BYTES_MAX);
  if (bytes === null) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new InputError(`${place.where(name)}: expected JSON, got something else (${(error as Error).message})`);
  }
}

/** Of config.json; null: it names none. */
export async function hubLabels(place: HubPlace): Promise<LabelNames | null> {
  const config = await hubJson(place, "config.json");
  return config === null ? null : labelNames(place.where("config.json"), config);
}
