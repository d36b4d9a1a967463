/** What /v1 is made of: models by name, files and batches in the data directory, the thread of tokens, jobs for vectors. */
import { join } from "node:path";
import type { ModelIntake } from "../intake/model-intake.ts";
import type { InferencePort } from "../kinds/inference/port.ts";
import type { CoordinatorPort } from "../web/coordinator-port.ts";
import type { LaterAnswers } from "../web/later-answers.ts";
import type { Ownership } from "../web/ownership.ts";
import type { createUploadBudget } from "../web/upload-budget.ts";
import { Batches } from "./batches.ts";
import { Embedder } from "./embedder.ts";
import { NamedModels } from "./named-models.ts";
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
  readonly uploadBudget: ReturnType<typeof createUploadBudget>;
  readonly later: LaterAnswers;
  close(): Promise<void>;
}

export interface OpenAiOptions {
  /** Of its own, in the data directory. */
  readonly directory: string;
  readonly port: CoordinatorPort;
  readonly desk: InferencePort;
  readonly ownership: Ownership;
  readonly intake: ModelIntake;
  readonly uploadBudget: ReturnType<typeof createUploadBudget>;
  readonly later: LaterAnswers;
  onProblem(message: string, error: unknown): void;
}

/** Batches that were at work go on. */
export async function openOpenAi(options: OpenAiOptions): Promise<OpenAi> {
  const { directory, port, desk, ownership, intake, uploadBudget, later, onProblem } = options;
  const works = new TextWorks();
  const models = await NamedModels.open(join(directory, "models"));
  const files = await V1Files.open(join(directory, "files"));
  const embedder = new Embedder({ models, works, port, desk, ownership, intake });
  const batches = await Batches.open(join(directory, "batches"), { files, models, works, embedder, onProblem });
  batches.resume();
  return {
    ...{ models, files, batches, works, embedder, ownership, intake, uploadBudget, later },
    async close() {
      await batches.close();
      await works.close();
    },
  };
}
