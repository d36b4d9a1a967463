/** A pipe against a scripted coordinator: more lines than one stream holds. */
import { expect, test } from "vitest";
import { createParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { ScriptedStream } from "../../../../shared/sdk/testing/scripted-stream.ts";
import { type Call, FlagValues } from "../../../cli/command.ts";
import type { Terminal } from "../../../cli/terminal.ts";
import type { StreamInput } from "./inference-input.ts";
import { pipeStream } from "./pipe-stream.ts";

const WIDTH = 2;
const HOLDS = 7;

test("what is more than one stream holds goes into the next one, in order, with one index over all", async () => {
  const streams: ScriptedStream[] = [];
  const fetching: typeof fetch = async (input, init) => {
    if (String(input).endsWith("/api/receipt-keys")) return Response.json([]);
    if (String(input).endsWith("/api/jobs")) {
      const stream = new ScriptedStream(WIDTH);
      stream.spoil = ({ path, count }) =>
        path.endsWith("/queries") && stream.taken.length + count > HOLDS ? { status: 409, code: "stream-full" } : null;
      streams.push(stream);
    }
    return streams.at(-1)!.fetch(input, init);
  };
  let [out, said] = ["", ""];
  const terminal = {
    out: async (text: string) => {
      out += text;
    },
    say: (line: string) => {
      said += `${line}\n`;
    },
    showsProgress: false,
    signal: new AbortController().signal,
  } as unknown as Terminal;
  const client = createParitabClient({ baseUrl: "http://far.test", fetch: fetching });
  const call = { terminal, client, flags: new FlagValues({ "label-column": "0" }) } as unknown as Call;
  async function* text() {
    // One at a time at first, then more in one go than any stream holds.
    for (let n = 0; n < 6; n++) {
      yield Buffer.from(`${n % 2},${n},0\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    yield Buffer.from(Array.from({ length: 14 }, (_, i) => `0,${6 + i},0${i === 3 ? ",1" : ""}`).join("\n"));
  }
  const input: StreamInput = {
    kind: "stream",
    settings: {},
    model: { modelSha256: "m" },
    parityModel: undefined,
    examples: undefined,
    inputScale: undefined,
    inputSize: WIDTH,
    text: text(),
  };
  const none = { accept: undefined, keep: false, closeAfterMs: undefined, idleMs: 1_000 };
  const { jobIds, refusedLines } = await pipeStream(call, input, { ...none, format: "json" });
  const expected = Array.from({ length: 20 }, (_, n) => n).filter((n) => n !== 9);
  expect(streams.flatMap(({ taken }) => taken)).toEqual(expected.map((n) => [n, 0]));
  expect(streams.every(({ taken, isOpen }) => taken.length <= HOLDS && !isOpen)).toBe(true);
  expect([jobIds.length, refusedLines]).toEqual([streams.length, 1]);
  const answers = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ index, label }) => [index, label])).toEqual(expected.map((n, i) => [i, n]));
  expect(said).toContain("standard input, line 10: expected 3 cells, got 4");
  // Answers are the first number of the query here: those of 0 and 1 are their labels, and none else is.
  expect(said).toContain(`accuracy ${(2 / 19).toFixed(3)}`);
});
