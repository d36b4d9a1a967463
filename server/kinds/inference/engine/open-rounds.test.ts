import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { decodeFrame } from "../../../../shared/protocol/frame.ts";
import { SentFrame } from "../sent-frame.ts";
import type { Computing } from "./job-data.ts";
import { OpenRounds } from "./open-rounds.ts";

const K = 4;
const GROUPS = 2;
const WIDTH = 3;
const ROWS = K * GROUPS;

test("[LJ4] where batches are sent together, the rows of each are read from the file in a turn of their own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "paritab-rounds-"));
  const path = join(folder, "rows");
  writeFileSync(
    path,
    Uint8Array.from({ length: ROWS * WIDTH }, (_, i) => i),
  );
  const values = { path, dataStart: 0, dtype: "U8", length: ROWS * WIDTH } as const;
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: 1, liarCount: 0 });
  const plan = { scheme, rows: Uint32Array.from({ length: ROWS }, (_, row) => row), ownRows: ROWS };
  const computing = { data: { source: { values, inputSize: WIDTH, scale: 1 } } } as unknown as Computing;
  const rounds = new OpenRounds(
    computing,
    () => null,
    () => ({ ...plan, placements: null, groupCount: GROUPS, splits: [] }),
  );
  const round = rounds.of({ jobId: "job", roundIndex: 0, generation: 0 });
  // The same where they are held.
  const held = { values: Uint8Array.from({ length: ROWS * WIDTH }, (_, i) => i), inputSize: WIDTH, scale: 1 };
  const ofHeld = new OpenRounds(
    { data: { source: held } } as unknown as Computing,
    () => null,
    () => ({ ...plan, placements: null, groupCount: GROUPS, splits: [] }),
  );
  let turns = 0;
  const next = () => {
    turns++;
    turn = setImmediate(next);
  };
  let turn = setImmediate(next);
  try {
    const read = await Promise.all(
      Array.from({ length: K }, async (_, worker) => {
        const { frame } = await rounds.wireRows(round, worker, worker, null);
        const { rows } = decodeFrame(new SentFrame(frame).whole());
        return { worker, atTurn: turns, data: [...(rows!.data as Uint8Array)] };
      }),
    );
    expect(new Set(read.map(({ atTurn }) => atTurn)).size).toBe(K);
    for (const { worker, data } of read) {
      const { frame } = await ofHeld.wireRows(ofHeld.of(round.reference), worker, worker, null);
      expect([...decodeFrame(new SentFrame(frame).whole()).rows!.data]).toEqual(data);
      const first = worker * WIDTH;
      const second = (K + worker) * WIDTH;
      expect(data).toEqual([first, first + 1, first + 2, second, second + 1, second + 2]);
    }
  } finally {
    clearImmediate(turn);
    rmSync(folder, { recursive: true });
  }
});
