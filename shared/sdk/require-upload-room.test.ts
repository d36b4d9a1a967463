import { expect, test, vi } from "vitest";
import type { UploadRoom } from "../protocol/uploads-api.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { ROOM_ASKED_FROM_BYTES, requireModelRoom, requireUploadRoom } from "./require-upload-room.ts";

const GIB = 2 ** 30;
const room = (roomBytes: number | null): UploadRoom => ({
  queriesMax: 4_000_000,
  tensorBytesMax: 4 * GIB,
  wholeTensorBytesMax: GIB / 2,
  modelBytesMax: GIB / 4,
  answerBytesMax: GIB / 2,
  roomBytes,
});

/** Files that have so many bytes together, without being there. */
const ofBytes = (byteLength: number) => [{ name: "model.onnx", data: { byteLength } as Uint8Array<ArrayBuffer> }];

test("[LJ3] of a large array it is asked whether it would be taken, of a small one it is not", async () => {
  const ask = vi.fn(async () => room(null));
  await requireUploadRoom(ROOM_ASKED_FROM_BYTES - 1, ask);
  expect(ask).not.toHaveBeenCalled();
  await requireUploadRoom(2 * GIB, ask);
  expect(ask).toHaveBeenCalledOnce();
});

test("[LJ3] what would not be taken is refused before it is sent, and says what would be", async () => {
  await expect(requireUploadRoom(5 * GIB, async () => room(null))).rejects.toMatchObject({
    code: "too-large",
    message: `expected an array of at most ${4 * GIB} bytes, and 4000000 queries a job, got ${5 * GIB} bytes; split it`,
  });
  await expect(requireUploadRoom(2 * GIB, async () => room(GIB))).rejects.toMatchObject({
    code: "quota",
    message: expect.stringContaining(`expected at most ${GIB} bytes`),
  });
});

test("[LJ3] a model that is too large is refused before it is sent, with what to do", async () => {
  const ask = vi.fn(async () => room(GIB / 8));
  await requireModelRoom(ofBytes(ROOM_ASKED_FROM_BYTES - 1), ask);
  expect(ask).not.toHaveBeenCalled();
  await requireModelRoom(ofBytes(GIB / 8), ask);
  await expect(requireModelRoom(ofBytes(GIB / 2), ask)).rejects.toMatchObject({
    code: "too-large",
    message: expect.stringMatching(
      /^expected a model of at most 268435456 bytes, got 536870912 bytes; export it in half/,
    ),
  });
  await expect(requireModelRoom(ofBytes(GIB / 5), ask)).rejects.toMatchObject({ code: "quota" });
});

test("[LJ3] a coordinator that does not know the question is sent what there is; another refusal is told", async () => {
  const failing = (status: number) => async () => Promise.reject(new ParitabApiError(status, "x", "x"));
  await requireUploadRoom(GIB, failing(404));
  await expect(requireUploadRoom(GIB, failing(401))).rejects.toMatchObject({ status: 401 });
});
