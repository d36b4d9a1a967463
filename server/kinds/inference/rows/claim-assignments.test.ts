import { expect, test } from "vitest";
import { encodeFrame } from "../../../../shared/protocol/frame.ts";
import type { SendEffect } from "../../../shell/kind-desk.ts";
import { claimAssignment } from "./claim-assignments.ts";
import { HeldClaims } from "./engine/held-claims.ts";
import type { RowWorkspaces } from "./row-workspaces.ts";

const ROWS = [4, 7, 9, 2].map((place) => ({ place, attempt: 0, as: "answer" as const }));
const frameOf = (rows: number) =>
  encodeFrame({ outputs: { dtype: "F32", shape: [rows, 2], data: new Float32Array(2 * rows) } });

/** A claim of four rows of two numbers on its way to a tab. */
async function claimOut() {
  const held = new HeldClaims(2);
  const workspace = {
    async wireRowsFor(assignmentId: number, rows: typeof ROWS) {
      held.open(assignmentId, rows);
      const bytes = frameOf(4);
      return { frame: { bytes: bytes.length, write: (into: Uint8Array) => into.set(bytes) }, rowCount: rows.length };
    },
    data: {
      job: { inputSize: 2, outputSize: 2, submission: { name: "j", submitter: "s" } },
      model: { sha256: "m", bundle: new Uint8Array(1) },
    },
    cameOf: (id: number) => held.cameOf(id),
    neededOf: (id: number) => held.neededOf(id),
    holdPart: held.hold.bind(held),
    doubtsIn: () => null,
    modelNamed: () => null,
  };
  const workspaces = { of: () => workspace, get: () => workspace } as unknown as RowWorkspaces;
  const effect = { assignmentId: 1, jobId: "j", deadlineMs: 1_000, payload: { rows: ROWS } } as unknown as SendEffect;
  return { held, outgoing: await claimAssignment(effect, workspaces) };
}

test("[PR113] of a claim that was shortened an answer of the rows that are needed counts, and says which came", async () => {
  const { held, outgoing } = await claimOut();
  expect(outgoing.problemOf(frameOf(2))).toContain("expected 4 rows");
  held.shorten(1, 2);
  expect(outgoing.problemOf(frameOf(1))).toContain("expected 4 rows");
  expect(outgoing.take("inline", frameOf(3), null)).toBeNull();
  expect(outgoing.came?.()).toMatchObject({ type: "rows", rows: [0, 1, 2] });
});

test("[PR113] [PR106] rows that were handed over count among those that are needed", async () => {
  const { held, outgoing } = await claimOut();
  expect(outgoing.takeSlice?.(0, frameOf(2), null)).toMatchObject({ rows: [0, 1] });
  held.shorten(1, 3);
  expect(outgoing.take("inline", frameOf(1), null)).toBeNull();
  expect(outgoing.came?.()).toMatchObject({ rows: [2] });
});
