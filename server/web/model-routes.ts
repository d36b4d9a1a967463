/**
 * POST /api/models: a model as its files, in one multipart request. Models are data: stored by hash, never resolved.
 */
import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { anyModel, listOf, mainFileAmong } from "../../shared/compute/model-files.ts";
import type { NamedFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { MODEL_BYTES_MAX, MODEL_FILES_MAX, MODEL_JSON_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { type ModelUploaded, modelUploadedSchema } from "../../shared/protocol/uploads-api.ts";
import type { ModelIntake } from "../intake/model-intake.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Ownership } from "./ownership.ts";
import { type App, rawBody, route } from "./route.ts";
import { type createUploadBudget, tooLarge } from "./upload-budget.ts";

const about =
  "A model as its files: one .onnx file, or a tfjs model.json, and the files of weights beside it, under the names that it gives " +
  "them. Sizes that the main file leaves free beside the batch stand in a file input-sizes.json among them, such as " +
  '{"sequence_length": 128}; inputs that are the same for every row in input-values.json, such as {"sr": 16000, "state": 0}. ' +
  "It is looked through before anything of it is stored, and refused in a sentence.";

export async function addModelRoutes(
  app: App,
  ownership: Ownership,
  uploadBudget: ReturnType<typeof createUploadBudget>,
  intake: ModelIntake["prepare"],
): Promise<void> {
  await app.register(multipart, {
    // A weight file is known by the name that model.json gives it, folders and all; it is compared, not opened.
    preservePath: true,
    limits: { files: MODEL_FILES_MAX + 1, fields: 0, parts: MODEL_FILES_MAX + 1, fileSize: MODEL_BYTES_MAX },
  });
  const bytesMax = MODEL_BYTES_MAX + MODEL_JSON_BYTES_MAX;
  const options = {
    ...route(
      { name: "uploadModel", group: "uploads", about, scope: "submit" },
      {
        ...rawBody("the files of a model", "multipart/form-data"),
        response: { 201: modelUploadedSchema.describe("it is stored, by its hash") },
      },
    ),
    onRequest: [ownership.requireRoom, uploadBudget(bytesMax)],
  };
  app.post("/api/models", options, async (request, reply) => {
    if (!request.isMultipart()) {
      throw new ApiFailure(
        415,
        "bad-media-type",
        `body: expected multipart/form-data with the files of a model: ${anyModel()}`,
      );
    }
    const files = await readFiles(request, bytesMax);
    requireMainFile(files);
    const verdict = await intake(files);
    if ("problem" in verdict) throw new ApiFailure(400, "bad-model", verdict.problem);
    const { bundle, outputs } = verdict;
    const { facts } = outputs[0];
    const uploaded: ModelUploaded = {
      modelSha256: await ownership.put(request, bundle),
      inputShape: [...facts.inputShape],
      inputs: facts.inputs.map((input) => ({ ...input, shape: [...input.shape] })),
      outputSize: facts.outputSize,
      outputs: outputs.map(({ name, facts: { outputSize, macsPerQuery } }) => ({
        name,
        size: outputSize,
        macsPerQuery,
      })),
      macsPerQuery: facts.macsPerQuery,
      weightBytes: facts.weightBytes,
    };
    return reply.code(201).send(uploaded);
  });
}

/** @throws ApiFailure where no file, or more than one, tells whose model it is, and where that file is too large */
function requireMainFile(files: readonly NamedFile[]): void {
  const found = mainFileAmong(files.map(({ name }) => name));
  if ("expected" in found) {
    throw new ApiFailure(400, "bad-model", `body: expected ${found.expected}, got ${listOf(files)}`);
  }
  const { name, bytes } = files[found.place]!;
  const { mainBytesMax } = found.runtime.files;
  if (bytes.length > mainBytesMax) throw fileTooLarge(name, mainBytesMax);
}

/** @throws ApiFailure 413 where it is too large, 400 where the parts are no parts */
async function readFiles(request: FastifyRequest, bytesMax: number): Promise<NamedFile[]> {
  try {
    return await filesIn(request, bytesMax);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ApiFailure || "statusCode" in error) throw error;
    // The parser of parts has no error class of its own, and there is nothing else in here that could fail.
    const message = `body: expected multipart/form-data with its boundary, got something else (${error.message})`;
    throw new ApiFailure(400, "bad-request", message.slice(0, 300));
  }
}

async function filesIn(request: FastifyRequest, bytesMax: number): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  let total = 0;
  for await (const part of request.files()) {
    const bytes = await part.toBuffer().catch((error: unknown) => {
      const isTooLarge = error instanceof Error && "statusCode" in error && error.statusCode === 413;
      throw isTooLarge ? fileTooLarge(part.filename, MODEL_BYTES_MAX) : error;
    });
    total += bytes.length;
    if (total > bytesMax) throw tooLarge(bytesMax, total);
    files.push({ name: part.filename, bytes });
  }
  return files;
}

function fileTooLarge(name: string, bytesMax: number): ApiFailure {
  return new ApiFailure(413, "too-large", `${name.slice(0, 200)}: expected at most ${bytesMax} bytes, got more`);
}
