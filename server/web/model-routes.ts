/**
 * POST /api/models: a model as its files, in one multipart request. Models are data: stored by hash, never resolved.
 */
import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { anyModel, listOf, mainFileAmong } from "../../shared/compute/model-files.ts";
import { MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { type ModelUploaded, modelUploadedSchema } from "../../shared/protocol/uploads-api.ts";
import type { ModelIntake, UsableModel } from "../intake/model-intake.ts";
import { lengthOf, type ReceivedFile } from "../intake/received-file.ts";
import { StoreError } from "../store/store.ts";
import { modelBytesMaxHere } from "../trusted/models-taken.ts";
import { partyAsking } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CompareUpload } from "./compare-upload.ts";
import { goesOn } from "./goes-on.ts";
import { type LaterAnswers, orLater } from "./later-answers.ts";
import type { Ownership } from "./ownership.ts";
import { type App, rawBody, route } from "./route.ts";
import { type createUploadBudget, tooLarge } from "./upload-budget.ts";

const about =
  "A model as its files: one .onnx file, or a tfjs model.json, and the files of weights beside it, under the names that it gives " +
  "them. Sizes that the main file leaves free beside the batch stand in a file input-sizes.json among them, such as " +
  '{"sequence_length": 128}; inputs that are the same for every row in input-values.json, such as {"sr": 16000, "state": 0}; values within it ' +
  'that are to be its outputs in model-outputs.json: {"outputs": ["boxes"]}. ' +
  "It is looked through before anything of it is stored, and refused in a sentence.";

export interface ModelRoutesOptions {
  readonly intake: ModelIntake;
  readonly later: LaterAnswers;
  readonly compare?: CompareUpload | undefined;
}

export async function addModelRoutes(
  app: App,
  ownership: Ownership,
  modelBudget: ReturnType<typeof createUploadBudget>,
  { intake, later, compare = async () => null }: ModelRoutesOptions,
): Promise<void> {
  const fileBytesMax = modelBytesMaxHere();
  const bytesMax = fileBytesMax + MODEL_JSON_BYTES_MAX;
  await app.register(multipart, {
    // A weight file is known by the name that model.json gives it, folders and all; it is compared, not opened.
    preservePath: true,
    limits: { files: MODEL_FILES_MAX + 1, fields: 0, parts: MODEL_FILES_MAX + 1, fileSize: fileBytesMax + 1 },
  });
  const options = {
    ...route(
      { name: "uploadModel", group: "uploads", about, scope: "submit" },
      {
        ...rawBody("the files of a model", "multipart/form-data"),
        response: { 201: modelUploadedSchema.describe("it is stored, by its hash"), ...orLater },
      },
    ),
    onRequest: [ownership.requireModelRoom(bytesMax), modelBudget(bytesMax)],
  };
  app.post("/api/models", options, async (request, reply) => {
    if (!request.isMultipart()) {
      throw new ApiFailure(
        415,
        "bad-media-type",
        `body: expected multipart/form-data with the files of a model: ${anyModel()}`,
      );
    }
    const files = await goesOn(request, () => receivedFiles(request, intake, { fileBytesMax, bytesMax }));
    return later.give(request, reply, 201, () =>
      intake.takeIn(
        files,
        async (taken): Promise<ModelUploaded> => {
          if ("problem" in taken) throw new ApiFailure(400, "bad-model", taken.problem);
          const { source } = taken;
          if (source !== null) await ownership.putStream(request, source.byteCount, source.chunks());
          const modelSha256 = await ownership.putStream(request, taken.byteCount, taken.chunks());
          const problem = source === null ? null : await compare(modelSha256, ownership.submitterOf(request));
          if (problem !== null) throw new ApiFailure(400, "other-model", problem);
          return uploadedModel(taken, modelSha256);
        },
        partyAsking(request),
      ),
    );
  });
}

function uploadedModel({ outputs }: UsableModel, modelSha256: string): ModelUploaded {
  const { facts } = outputs[0];
  return {
    modelSha256,
    inputShape: [...facts.inputShape],
    inputs: facts.inputs.map((input) => ({ ...input, shape: [...input.shape] })),
    outputSize: facts.outputSize,
    outputs: outputs.map(({ name, shape, facts: { outputSize, macsPerQuery } }) => ({
      name,
      size: outputSize,
      shape: [...shape],
      macsPerQuery,
    })),
    macsPerQuery: facts.macsPerQuery,
    weightBytes: facts.weightBytes,
  };
}

/** @throws ApiFailure where no file, or more than one, tells whose model it is, and where that file is too large */
function requireMainFile(files: readonly ReceivedFile[]): void {
  const found = mainFileAmong(files.map(({ name }) => name));
  if ("expected" in found) {
    throw new ApiFailure(400, "bad-model", `body: expected ${found.expected}, got ${listOf(files)}`);
  }
  const main = files[found.place]!;
  const { mainBytesMax } = found.runtime.files;
  if (lengthOf(main) > mainBytesMax) throw fileTooLarge(main.name, mainBytesMax);
}

/**
 * @returns the files on the disk, or in memory as far as they are small together
 * @throws ApiFailure 413 where they are too large, 400 where the parts are no parts, or no files of one model
 */
async function receivedFiles(request: FastifyRequest, intake: ModelIntake, limits: Limits): Promise<ReceivedFile[]> {
  const files: ReceivedFile[] = [];
  try {
    for await (const { filename, file } of request.files()) {
      const before = files.reduce((sum, one) => sum + lengthOf(one), 0);
      files.push(await intake.receive(filename, atMost(file, filename, before, limits), files));
    }
    requireMainFile(files);
    return files;
  } catch (error) {
    await intake.drop(files);
    if (
      !(error instanceof Error) ||
      error instanceof ApiFailure ||
      error instanceof StoreError ||
      "statusCode" in error
    )
      throw error;
    // The parser of parts has no error class of its own, and there is nothing else in here that could fail.
    const message = `body: expected multipart/form-data with its boundary, got something else (${error.message})`;
    throw new ApiFailure(400, "bad-request", message.slice(0, 300));
  }
}

interface Limits {
  readonly fileBytesMax: number;
  /** Of all files together. */
  readonly bytesMax: number;
}

/** @throws ApiFailure 413 at the first byte that is too much */
async function* atMost(
  file: AsyncIterable<Uint8Array>,
  name: string,
  before: number,
  { fileBytesMax, bytesMax }: Limits,
): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of file) {
    length += chunk.length;
    if (length > fileBytesMax) throw fileTooLarge(name, fileBytesMax);
    if (before + length > bytesMax) throw tooLarge(bytesMax, before + length);
    yield chunk;
  }
}

function fileTooLarge(name: string, bytesMax: number): ApiFailure {
  return new ApiFailure(413, "too-large", `${name.slice(0, 200)}: expected at most ${bytesMax} bytes, got more`);
}
