/** A device that says what it is told to, in place of a card. */
import { expect, test } from "vitest";
import { ModelError } from "../../errors.ts";
import { freeIdleBuffers, type GraphicsDevice, withSoundDevice } from "./sound-device.ts";

function fakeDevice() {
  const scopes: { filter: string; message: string | null }[] = [];
  let lose = (_reason: { message: string }) => {};
  const device: GraphicsDevice = {
    lost: new Promise((resolve) => {
      lose = resolve;
    }),
    pushErrorScope: (filter) => void scopes.push({ filter, message: null }),
    async popErrorScope() {
      const { message } = scopes.pop()!;
      return message === null ? null : { message };
    },
  };
  const says = (filter: string, message: string) => {
    scopes.findLast((scope) => scope.filter === filter)!.message = message;
  };
  return { device, scopes, says, lose: (message: string) => lose({ message }) };
}

test("what goes well is handed on, and leaves no scope behind", async () => {
  const { device, scopes } = fakeDevice();
  expect(await withSoundDevice(device, async () => 7)).toBe(7);
  expect(scopes).toEqual([]);
});

test.each(["validation", "out-of-memory", "internal"])(
  "[PC7] an error of %s is thrown, and the next work goes well",
  async (filter) => {
    const { device, scopes, says } = fakeDevice();
    const work = async () => says(filter, "the shader does not compile\nline 3");
    await expect(withSoundDevice(device, work)).rejects.toThrow(
      "webgpu: expected no error, got the shader does not compile",
    );
    expect(scopes).toEqual([]);
    expect(await withSoundDevice(device, async () => 7)).toBe(7);
  },
);

test("work that throws leaves no scope behind either", async () => {
  const { device, scopes } = fakeDevice();
  const work = () => Promise.reject(new RangeError("too many"));
  await expect(withSoundDevice(device, work)).rejects.toThrow(RangeError);
  expect(scopes).toEqual([]);
});

test("[PC7] work that waits for a device that is lost ends, and so does all that comes after", async () => {
  const { device, lose } = fakeDevice();
  const waiting = withSoundDevice(device, () => new Promise<never>(() => {}));
  lose("the driver was updated");
  await expect(waiting).rejects.toThrow(ModelError);
  await expect(withSoundDevice(device, async () => 7)).rejects.toThrow(/a lost one: the driver was updated/);
});

test("buffers that lie idle are let go once they are many", () => {
  const MiB = 1024 * 1024;
  const destroyed: number[] = [];
  const buffer = (size: number) => ({ size, destroy: () => void destroyed.push(size) });
  const freeBuffers = new Map([
    ["a", [buffer(200 * MiB)]],
    ["b", [buffer(56 * MiB)]],
  ]);
  const buffers = { freeBuffers, numBytesAllocated: 356 * MiB, numBytesUsed: 100 * MiB, numFreeBuffers: 2 };
  freeIdleBuffers(buffers);
  expect(destroyed).toEqual([]);
  freeBuffers.get("b")!.push(buffer(MiB));
  freeIdleBuffers(Object.assign(buffers, { numBytesAllocated: 357 * MiB, numFreeBuffers: 3 }));
  expect(destroyed).toEqual([200, 56, 1].map((size) => size * MiB));
  expect(buffers).toMatchObject({ numBytesAllocated: 100 * MiB, numFreeBuffers: 0 });
  expect([...freeBuffers.values()]).toEqual([[], []]);
});
