/**
 * Draws that derive from a secret of the job: nobody outside knows them while it runs, and whoever is given the secret when it has
 * ended can make them all again. The secret is committed to before the first answer (commitmentText of the cross-checks).
 */

import type { PartRange } from "../kinds/inference/parts.ts";
import { coinOf, commitmentText } from "../verify/cross-checks/coins.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { digestOf, hmacSha256 } from "./sha256.ts";

export const JOB_SECRET_BYTES = 32;

/**
 * What is told when a job begins.
 * @param secret 32 bytes
 * @param submitterNonce empty: the submitter gave none, and has to believe that the secret was not chosen for this job
 * @param queriesSha256 of the queries as they were submitted; "stream" where they come while it runs
 * @returns 64 hex digits
 */
export function commitmentTo(secret: Uint8Array, submitterNonce: string, queriesSha256: string): string {
  return hexOf(digestOf(utf8(commitmentText(hexOf(secret), submitterNonce, queriesSha256))));
}

/** Names a draw: the result of this volunteer for that worker index of a round. */
export interface DrawPlace {
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly volunteerId: string;
}

/** @example drawText({ roundIndex: 3, workerIndex: 1, volunteerId: "v" }, 0) // -> "rows:3:1:v:0" */
function drawText({ roundIndex, workerIndex, volunteerId }: DrawPlace, block: number): string {
  return `rows:${roundIndex}:${workerIndex}:${volunteerId}:${block}`;
}

/**
 * The rows of a batch that are recomputed: the first `drawCount` of a random order of all of them (Fisher and Yates), so that a larger
 * draw holds every smaller one. Random words are those of HMAC-SHA256(secret, drawText(place, 0)), then of block 1, and so on, each
 * eight numbers of 32 bits, the first byte the highest; a number in [0, n) is the first word below floor(2^32 / n) n, modulo n.
 *
 * @param secret of the job, 32 bytes
 * @returns drawCount different rows in 0..rowCount-1, in the order in which they are drawn
 * @throws RangeError unless 0 <= drawCount <= rowCount
 */
export function drawBatchRows(secret: Uint8Array, place: DrawPlace, rowCount: number, drawCount: number): number[] {
  if (!Number.isInteger(rowCount) || !Number.isInteger(drawCount) || drawCount < 0 || drawCount > rowCount) {
    throw new RangeError(`drawBatchRows: expected 0..rowCount rows, got ${drawCount} of ${rowCount}`);
  }
  const below = wordsOf(secret, place);
  /** Where the order differs from 0, 1, 2, ... */
  const moved = new Map<number, number>();
  const drawn: number[] = [];
  for (let i = 0; i < drawCount; i++) {
    const j = i + below(rowCount - i);
    drawn.push(moved.get(j) ?? j);
    moved.set(j, moved.get(i) ?? i);
  }
  return drawn;
}

/** @example anchorText("job-0", 17, 1) // -> "anchor:job-0:17:1" */
export function anchorText(jobId: string, place: number, attempt: number): string {
  return `anchor:${jobId}:${place}:${attempt}`;
}

/**
 * The first 52 bits of HMAC-SHA256(secret, anchorText), as a number in [0, 1). In a job that is cross-checked the coordinator computes a row
 * unasked where it is below the share of anchors.
 */
export function anchorDraw(secret: Uint8Array, text: string): number {
  return coinOf(String.fromCharCode(...hmacSha256(secret, utf8(text))));
}

/** Numbers in [0, bound), one after the other. */
function wordsOf(secret: Uint8Array, place: DrawPlace): (bound: number) => number {
  let [block, next] = [0, 8];
  let words = new DataView(new ArrayBuffer(32));
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      if (next === 8) {
        words = new DataView(hmacSha256(secret, utf8(drawText(place, block++))).buffer);
        next = 0;
      }
      const word = words.getUint32(4 * next++);
      if (word < limit) return word % bound;
    }
  };
}

/**
 * [CE13] What a job in parts is committed to: the commitment of each part, and which queries it has.
 * @param commitments of the parts, in their order
 */
export function commitmentOfParts(parts: readonly PartRange[], commitments: readonly string[]): string {
  const said = parts.map(({ firstQuery, queryCount }, i) => [firstQuery, queryCount, commitments[i]!] as const);
  return hexOf(digestOf(utf8(`parts:${canonical(said)}`)));
}
