/** Whether a large array, or a large model, would be taken, asked before its first byte is sent. */
import { NPY_HEADER_BYTES_MAX } from "../protocol/limits.ts";
import type { UploadRoom } from "../protocol/uploads-api.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import type { ModelFile } from "./run-inference.ts";

/** Smaller ones are sent without asking: they are refused within a second. */
export const ROOM_ASKED_FROM_BYTES = 64 * 1024 * 1024;

/**
 * @param ask the coordinator; one of an earlier version does not know the question
 * @throws ParitabApiError that says what is taken, and what there is room for
 */
export async function requireUploadRoom(bytes: number, ask: () => Promise<UploadRoom>): Promise<void> {
  const room = await roomFor(bytes, ask);
  if (room === null) return;
  const { tensorBytesMax, roomBytes, queriesMax } = room;
  if (bytes > tensorBytesMax + NPY_HEADER_BYTES_MAX) {
    const message = `expected an array of at most ${tensorBytesMax} bytes, and ${queriesMax} queries a job, got ${bytes} bytes; split it`;
    throw new ParitabApiError(413, "too-large", message);
  }
  requireQuota(bytes, roomBytes);
}

/** The same of a model. */
export async function requireModelRoom(files: readonly ModelFile[], ask: () => Promise<UploadRoom>): Promise<void> {
  const bytes = files.reduce((sum, { data }) => sum + (data instanceof Blob ? data.size : data.byteLength), 0);
  const room = await roomFor(bytes, ask);
  if (room === null) return;
  const { modelBytesMax, roomBytes } = room;
  if (bytes > modelBytesMax) {
    const message =
      `expected a model of at most ${modelBytesMax} bytes, got ${bytes} bytes; export it in half precision (float16) or in int8, ` +
      "or take a smaller one of its family";
    throw new ParitabApiError(413, "too-large", message);
  }
  requireQuota(bytes, roomBytes);
}

/** null: nobody says. */
async function roomFor(bytes: number, ask: () => Promise<UploadRoom>): Promise<UploadRoom | null> {
  if (bytes < ROOM_ASKED_FROM_BYTES) return null;
  return ask().catch((error: unknown) => {
    if (error instanceof ParitabApiError && error.status === 404) return null;
    throw error;
  });
}

function requireQuota(bytes: number, roomBytes: number | null): void {
  if (roomBytes === null || bytes <= roomBytes) return;
  const message = `expected at most ${roomBytes} bytes, for no more is left of your quota and of the coordinator's disk, got ${bytes}`;
  throw new ParitabApiError(403, "quota", message);
}
