import { expect, test } from "vitest";
import { decodeFrame, encodeFrame, frameLayout } from "../../../shared/protocol/frame.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import { SentFrame } from "./sent-frame.ts";

const WIDTH = 3_000;

/** A frame of one row, each number of it the same. */
function frameOf(value: number) {
  const { bytes, begin } = frameLayout({ rows: { dtype: "U8", shape: [1, WIDTH] } });
  let writes = 0;
  const write = (room: Uint8Array<ArrayBuffer>) => {
    writes++;
    begin(room).rows!.fill(value);
  };
  const whole = encodeFrame({ rows: { dtype: "U8", shape: [1, WIDTH], data: new Uint8Array(WIDTH).fill(value) } });
  return { frame: { bytes, write }, whole, writes: () => writes };
}

const rowsIn = (bytes: Uint8Array) => decodeFrame(bytes).rows!.data;

test("[LJ1] the frame of a batch that is out is written when it is fetched, and is the one whose hash was told", () => {
  const { frame, whole, writes } = frameOf(7);
  const sent = new SentFrame(frame);
  expect(writes()).toBe(0);
  expect(sent.bytes).toBe(whole.length);
  expect(sent.sha256()).toBe(sha256Hex(whole));
  const { bytes, giveBack } = sent.lend();
  expect(bytes).toEqual(whole);
  expect(new SentFrame(whole).sha256()).toBe(sha256Hex(whole));
  giveBack!();
});

test("[LJ1] a frame whose hash was told stands where it was until it is fetched, or its room is needed", () => {
  const frames = Array.from({ length: 200 }, (_, value) => frameOf(value));
  const sent = frames.map(({ frame }) => new SentFrame(frame));
  for (const [value, one] of sent.entries()) expect(one.sha256()).toBe(sha256Hex(frames[value]!.whole));
  // The latest ones are found again, the first ones had to go.
  for (const value of [199, 150, 100, 0]) {
    const { bytes, giveBack } = sent[value]!.lend();
    expect(bytes).toEqual(frames[value]!.whole);
    giveBack!();
  }
  expect([199, 150, 100, 0].map((value) => frames[value]!.writes())).toEqual([1, 1, 1, 2]);
  // Once it was fetched others have its room.
  expect(sent[199]!.lend().bytes).toEqual(frames[199]!.whole);
  expect(frames[199]!.writes()).toBe(2);
});

test("[LJ1] room is used again once all who read it have given it back, and not before", () => {
  const [first, second] = [new SentFrame(frameOf(1).frame), new SentFrame(frameOf(2).frame)];
  const [one, two] = [first.lend(), first.lend()];
  expect(two.bytes.buffer).toBe(one.bytes.buffer);
  one.giveBack!();
  // Twice is as good as once: the other one still reads it.
  one.giveBack!();
  const other = second.lend();
  expect(other.bytes.buffer).not.toBe(two.bytes.buffer);
  expect(rowsIn(two.bytes)).toEqual(new Uint8Array(WIDTH).fill(1));
  two.giveBack!();
  const again = second.lend();
  expect(again.bytes.buffer).toBe(other.bytes.buffer);
  const third = new SentFrame(frameOf(3).frame).lend();
  expect(third.bytes.buffer).toBe(two.bytes.buffer);
  expect(rowsIn(other.bytes)).toEqual(new Uint8Array(WIDTH).fill(2));
  expect(rowsIn(third.bytes)).toEqual(new Uint8Array(WIDTH).fill(3));
});

test("[LJ1] bytes that are not lent are nobody else's, and rows that cannot be read leave no room behind that is half written", () => {
  const { frame, whole } = frameOf(9);
  const own = new SentFrame(frame).whole();
  const lent = new SentFrame(frameOf(8).frame).lend();
  expect(own).toEqual(whole);
  expect(lent.bytes.buffer).not.toBe(own.buffer);
  const broken = new SentFrame({
    bytes: whole.length,
    write() {
      throw new Error("the file is gone");
    },
  });
  expect(() => broken.lend().bytes).toThrow(/the file is gone/);
  expect(() => broken.sha256()).toThrow(/the file is gone/);
  expect(rowsIn(new SentFrame(frame).lend().bytes)).toEqual(rowsIn(whole));
});
