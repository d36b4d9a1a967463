/**
 * POST /api/tensors: queries or labels as one `.npy` file. It goes to disk as it comes, and is looked at on the way: what is stored is an
 * array, and every number is finite.
 */
import type { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyRequest } from "fastify";
import {
  ANSWER_BYTES_PER_JOB_MAX,
  QUERIES_PER_JOB_MAX,
  TENSOR_BYTES_MAX,
  TENSOR_FILE_BYTES_MAX,
} from "../../shared/protocol/limits.ts";
import { type NpyArray, NpyError, type NpyHeader, parseNpy } from "../../shared/protocol/npy.ts";
import { type TensorUploaded, tensorUploadedSchema, uploadRoomSchema } from "../../shared/protocol/uploads-api.ts";
import { checkedNpy, UnfitTensor } from "../intake/checked-npy.ts";
import { modelBytesMaxHere } from "../trusted/models-taken.ts";
import { ApiFailure } from "./api-failure.ts";
import type { Ownership } from "./ownership.ts";
import { type App, OCTETS, rawBody, route } from "./route.ts";
import { announcedBytes, tooLarge } from "./upload-budget.ts";

/** Looked at before other requests get their turn. */
const SLICE_BYTES = 4 * 1024 * 1024;
/** Of a large upload its coming is told anew after so many bytes. */
const TOLD_EVERY_BYTES = 32 * 1024 * 1024;

/** @param onUploadComes now and then, while the bytes of a large one come */
export async function addTensorRoutes(app: App, ownership: Ownership, onUploadComes = () => {}): Promise<void> {
  const about = "One array: queries, labels, features. Every number has to be finite.";
  const options = {
    ...route(
      { name: "uploadTensor", group: "uploads", about, scope: "submit" },
      {
        ...rawBody("a .npy file, in any byte order, in C or Fortran order"),
        response: { 201: tensorUploadedSchema.describe("it is stored, by its hash") },
      },
    ),
    onRequest: [requireSize, ownership.requireRoom],
  };
  const roomAbout = "What may be uploaded, and how much room there is: to be asked before a large upload begins.";
  app.get(
    "/api/uploads/room",
    route(
      { name: "uploadRoom", group: "uploads", about: roomAbout, scope: "submit" },
      { response: { 200: uploadRoomSchema.describe("limits, and what is left") } },
    ),
    async (request) => ({
      queriesMax: QUERIES_PER_JOB_MAX,
      tensorBytesMax: TENSOR_FILE_BYTES_MAX,
      wholeTensorBytesMax: TENSOR_BYTES_MAX,
      modelBytesMax: modelBytesMaxHere(),
      answerBytesMax: ANSWER_BYTES_PER_JOB_MAX,
      roomBytes: ownership.roomBytes(request),
    }),
  );
  // A context of its own, in which such a body is not gathered in memory.
  await app.register(async (own) => {
    own.removeContentTypeParser(OCTETS);
    own.addContentTypeParser(OCTETS, (_request, body, done) => done(null, body));
    own.post("/api/tensors", options, async (request, reply) => {
      const body = bodyOf(request, `${OCTETS} with a .npy file`);
      try {
        const { sha256, header } = await putTensor(request, body, ownership, onUploadComes);
        const { dtype, shape } = header;
        const uploaded: TensorUploaded = { tensorSha256: sha256, dtype, shape: [...shape] };
        return reply.code(201).send(uploaded);
      } catch (error) {
        // Whoever sends may finish, and reads the answer then; nothing more of it is kept.
        body.resume();
        throw failureOf(error, body);
      }
    });
  });
}

async function requireSize(request: FastifyRequest): Promise<void> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > TENSOR_FILE_BYTES_MAX) throw tooLarge(TENSOR_FILE_BYTES_MAX, announced);
}

/** @throws ApiFailure where it came as something else */
export function bodyOf({ body }: FastifyRequest, expected: string): Readable {
  if (body !== null && typeof body === "object" && "resume" in body) return body as Readable;
  throw new ApiFailure(415, "bad-media-type", `body: expected ${expected}`);
}

async function putTensor(request: FastifyRequest, body: Readable, ownership: Ownership, onUploadComes: () => void) {
  let header: NpyHeader | null = null;
  const announced = announcedBytes(request);
  const chunks = toldOf(body.iterator({ destroyOnReturn: false }), onUploadComes);
  const checked = checkedNpy(chunks, announced, (read) => {
    header = read;
  });
  const sha256 = await ownership.putStream(request, announced, checked);
  return { sha256, header: header as unknown as NpyHeader };
}

async function* toldOf(chunks: AsyncIterable<Uint8Array>, tell: () => void): AsyncGenerator<Uint8Array> {
  let untold = 0;
  for await (const chunk of chunks) {
    untold += chunk.length;
    if (untold > TOLD_EVERY_BYTES) {
      tell();
      untold = 0;
    }
    yield chunk;
  }
}

function failureOf(error: unknown, body: Readable): unknown {
  const refusal = refusalOf(error);
  if (refusal !== null) return refusal;
  if (body.errored) return new ApiFailure(400, "broken-off", "the upload broke off; nothing of it is kept");
  return error;
}

/** null: the file is not at fault. */
function refusalOf(error: unknown): ApiFailure | null {
  if (error instanceof NpyError) return new ApiFailure(400, "bad-tensor", error.message);
  if (!(error instanceof UnfitTensor)) return null;
  const [status, code] = error.isTooLarge ? ([413, "too-large"] as const) : ([400, "bad-tensor"] as const);
  return new ApiFailure(status, code, error.message);
}

/** @throws ApiFailure unless it is a `.npy` file of at least one number, all of them finite */
export async function parseTensor(bytes: Uint8Array): Promise<NpyArray> {
  try {
    const array = parseNpy(bytes);
    const checked = checkedNpy(slicesOf(bytes), bytes.length, () => {});
    // Other requests get their turn between slices.
    while (!(await checked.next()).done) await nextTurn();
    return array;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) yield bytes.subarray(start, start + SLICE_BYTES);
}
