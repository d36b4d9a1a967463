/** What /v1 is made of: models by name, files and batches in the data directory, the thread of tokens, jobs for vectors. */
import { join } from "node:path";
import { againAndAgain } from "../cells/again-and-again.ts";
import type { ModelIntake } from "../intake/model-intake.ts";
import type { InferencePort } from "../kinds/inference/port.ts";
import type { CoordinatorPort } from "../web/coordinator-port.ts";
import type { LaterAnswers } from "../web/later-answers.ts";
import type { OtherCells } from "../web/other-cells.ts";
import type { Ownership } from "../web/ownership.ts";
import type { createUploadBudget } from "../web/upload-budget.ts";
import { Batches } from "./batches.ts";
import { dropHalfWritten } from "./durable-folder.ts";
import { Embedder } from "./embedder.ts";
import { NamedModels } from "./named-models.ts";
import { takeIn, V1_FOLDERS } from "./other-folders.ts";
import { TextWorks } from "./text-works.ts";
import { V1Files } from "./v1-files.ts";

export interface OpenAi {
  readonly models: NamedModels;
  readonly files: V1Files;
  readonly batches: Batches;
  readonly works: TextWorks;
  readonly embedder: Embedder;
  readonly ownership: Ownership;
  readonly intake: ModelIntake;
  readonly modelBudget: ReturnType<typeof createUploadBudget>;
  readonly later: LaterAnswers;
  /** What is kept is read when it resolves, and batches that were at work go on. Before anything is asked. */
  begin(): Promise<void>;
  close(): Promise<void>;
}

/** Whether it is this coordinator's by now is looked at so often. */
const OWN_LOOK_MS = 2_000;

export interface OpenAiOptions {
  /** Of the service, in the data directory. */
  readonly directory: string;
  /** [CE14] Of several coordinators on one database one answers /v1, for all of them; null: nobody shares the database. */
  readonly cells: OtherCells | null;
  readonly port: CoordinatorPort;
  readonly desk: InferencePort;
  readonly ownership: Ownership;
  readonly intake: ModelIntake;
  readonly modelBudget: ReturnType<typeof createUploadBudget>;
  readonly later: LaterAnswers;
  /** Milliseconds that a row of a model takes on this machine; null: it has not run here. */
  rowMsHere(modelSha256: string): number | null;
  onProblem(message: string, error: unknown): void;
}

/** Alone it begins at once; of several coordinators when /v1 is this one's. */
export async function openOpenAi(options: OpenAiOptions): Promise<OpenAi> {
  const { directory, cells, port, desk, ownership, intake, modelBudget, later, rowMsHere, onProblem } = options;
  const works = new TextWorks(() => intake.newPath());
  const models = new NamedModels(join(directory, "models"));
  const files = new V1Files(join(directory, "files"));
  const embedder = new Embedder({ models, works, port, desk, ownership, intake, cells, rowMsHere });
  const isHeld = () => cells?.isHeld ?? true;
  const batches = new Batches(join(directory, "batches"), { files, models, works, embedder, isHeld, onProblem });

  async function look(): Promise<void> {
    await models.look();
    await files.look();
    await batches.look();
  }
  async function first(): Promise<void> {
    await takeIn(directory);
    for (const folder of V1_FOLDERS) await dropHalfWritten(join(directory, folder));
    await look();
    await models.dropLost();
  }
  let beginning: Promise<void> | null = null;
  function begin(): Promise<void> {
    beginning ??= first().catch((error: unknown) => {
      beginning = null;
      throw error;
    });
    return beginning;
  }
  async function lookWhoseItIs(cells: OtherCells): Promise<void> {
    if (!cells.isHeld || (await cells.addressOfEldest()) !== null) return;
    await begin();
    // Of one of an earlier version that started since.
    if (await takeIn(directory)) await look();
  }

  if (cells === null) await begin();
  const stopLooking =
    cells === null
      ? () => {}
      : againAndAgain(
          OWN_LOOK_MS,
          () => lookWhoseItIs(cells),
          (error) => onProblem("could not look through what /v1 keeps", error),
        );
  return {
    ...{ models, files, batches, works, embedder, ownership, intake, modelBudget, later, begin },
    async close() {
      stopLooking();
      await batches.close();
      await works.close();
    },
  };
}
