/** Models that are asked for by name: folders of the Hugging Face Hub, each with a record beside it, kept in the data directory. */

import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addTo, countBy, roomFor, together } from "../../shared/control/shares.ts";
import type { Pool } from "../../shared/hub/pooling.ts";
import { V1_MODELS_MAX } from "../../shared/protocol/limits.ts";
import { writeSynced } from "../durable-files.ts";
import { readAllJson, writeDurably } from "./durable-folder.ts";
import { OpenAiFailure } from "./openai-error.ts";
import type { AskedFolder, TextModelFacts } from "./text-thread.ts";

export interface NamedModel {
  /** As it is asked for. */
  readonly id: string;
  /** Who added it; empty where nobody needs a token. */
  readonly owner: string;
  readonly createdS: number;
  readonly byteCount: number;
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
  /** Numbers of a vector. */
  readonly dimensions: number;
  readonly facts: TextModelFacts;
  /** Of its files, within the folder of all models: a model of the same name has another. */
  readonly folder: string;
}

export class NamedModels {
  readonly #root: string;
  readonly #models = new Map<string, NamedModel>();
  /** How many of each submitter are being received or looked through. */
  readonly #coming = new Map<string, number>();

  /** Knows of nothing before it has looked. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Whatever is there is known when it resolves. */
  async look(): Promise<void> {
    for (const model of await readAllJson<NamedModel>(this.#root)) this.#models.set(model.id, model);
  }

  /** Files of models that a crash left without a record. Before anybody adds one. */
  async dropLost(): Promise<void> {
    const folders = new Set(this.all().map(({ folder }) => folder));
    for (const name of await readdir(this.#root)) {
      if (name.startsWith("files-") && !folders.has(name)) await this.drop(name);
    }
  }

  get(id: string): NamedModel | null {
    return this.#models.get(id) ?? null;
  }

  /** In the order of their names. */
  all(): NamedModel[] {
    return [...this.#models.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * A place for one more model. Names cannot be taken back: no submitter has more than its share (shared/control/shares.ts).
   * @returns gives the place back, once the model is added or is not to be
   * @throws OpenAiFailure 403 where the submitter has its share
   */
  reserve(owner: string): () => void {
    const held = together(
      countBy(this.#models.values(), (model) => model.owner),
      this.#coming,
    );
    if (roomFor(owner, V1_MODELS_MAX, held) < 1) {
      const own = held.get(owner) ?? 0;
      const message = `expected at most ${own} models of one submitter beside those of others, of ${V1_MODELS_MAX} in all, got one more; delete one`;
      throw new OpenAiFailure(403, "quota", message);
    }
    addTo(this.#coming, owner, 1);
    let isHeld = true;
    return () => {
      if (isHeld) addTo(this.#coming, owner, -1);
      isHeld = false;
    };
  }

  /** Bytes of a submitter's models. */
  bytesOf(owner: string): number {
    return this.all().reduce((sum, model) => sum + (model.owner === owner ? model.byteCount : 0), 0);
  }

  askedOf({ folder, pool, normalizes }: Pick<NamedModel, "folder" | "pool" | "normalizes">): AskedFolder {
    return { folder: join(this.#root, folder), pool, normalizes };
  }

  /** @returns the name of a folder for the files of a model, which is there once one is stored in it */
  newFolder(): string {
    return `files-${randomBytes(9).toString("base64url")}`;
  }

  /** Writes a file of a folder as it comes. @param name its path is checked */
  async store(folder: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#root, folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeSynced(path, bytes, 0o600);
  }

  /** Durable when it resolves; one of the same name is replaced. */
  async add(model: NamedModel): Promise<void> {
    const before = this.#models.get(model.id);
    await writeDurably(this.#recordOf(model.id), JSON.stringify(model));
    this.#models.set(model.id, model);
    if (before !== undefined && before.folder !== model.folder) await this.drop(before.folder);
  }

  async remove(id: string): Promise<void> {
    const model = this.#models.get(id);
    this.#models.delete(id);
    await rm(this.#recordOf(id), { force: true });
    if (model !== undefined) await this.drop(model.folder);
  }

  /** Files that no model has. */
  async drop(folder: string): Promise<void> {
    await rm(join(this.#root, folder), { recursive: true, force: true });
  }

  #recordOf(id: string): string {
    return join(this.#root, `${encodeURIComponent(id)}.json`);
  }
}
