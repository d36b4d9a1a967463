/**
 * Edits of a receipt, of the files beside it and of the answers, as somebody makes them who has no key: bytes changed, put in or taken
 * out, parts removed, repeated or moved, values replaced and all of it written anew in its canonical form. Each is told in words.
 */

import type { RandomSource } from "../../../shared/random/random.ts";
import { utf8 } from "../../../shared/receipts/bytes.ts";
import { canonical } from "../../../shared/receipts/canonical.ts";
import { ROW_RECORD_BYTES } from "../../../shared/receipts/row-records.ts";
import type { SignedJob } from "../../crowd/signed-job.ts";
import { parsedReceipt } from "../../crowd/signed-job.ts";

export interface EditedJob {
  readonly what: string;
  readonly job: SignedJob;
}

/** null: what was drawn changes nothing, or nothing that a receipt promises */
export function randomEdit(job: SignedJob, random: RandomSource): EditedJob | null {
  const kinds = [editOfBytes, editOfBytes, editOfList, editOfValue, editOfRecords];
  const edited = kinds[random.integer(kinds.length)]!(job, random);
  return edited === null || isSame(edited.job, job) ? null : edited;
}

/** The receipt, the answers, or the name of a file beside them. */
type Part = string;

function partsOf(job: SignedJob): Part[] {
  return ["receipt", "answers", ...job.files.keys()];
}

function bytesOf(job: SignedJob, part: Part): Uint8Array {
  return part === "receipt" || part === "answers" ? job[part] : job.files.get(part)!;
}

function withBytes(job: SignedJob, part: Part, bytes: Uint8Array): SignedJob {
  if (part === "receipt" || part === "answers") return { ...job, [part]: bytes };
  return { ...job, files: new Map(job.files).set(part, bytes) };
}

function editOfBytes(job: SignedJob, random: RandomSource): EditedJob {
  const parts = partsOf(job);
  const part = parts[random.integer(parts.length)]!;
  const bytes = bytesOf(job, part);
  const [at, byte, how] = [random.integer(bytes.length), random.integer(256), random.integer(4)];
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at + 1)];
  const edited = [
    () => Uint8Array.from([...before, byte, ...behind]),
    () => Uint8Array.from([...before, ...behind]),
    () => Uint8Array.from([...before, byte, ...bytes.subarray(at)]),
    () => bytes.slice(0, at),
  ][how]!();
  const names = ["changed", "taken out", "put in", "and all behind it cut off"];
  return { what: `${part}: byte ${at} ${names[how]}`, job: withBytes(job, part, edited) };
}

/** Keys and statements removed, repeated or moved. That the newest statements are missing nobody can see. */
function editOfList(job: SignedJob, random: RandomSource): EditedJob | null {
  const receipt = structuredClone(parsedReceipt(job));
  const name = random.integer(2) === 0 ? "keys" : "statements";
  const list: unknown[] = receipt[name];
  const [i, j, how] = [random.integer(list.length), random.integer(list.length), random.integer(3)];
  if (how === 0 && name === "statements" && i === list.length - 1) return null;
  if (how === 0) list.splice(i, 1);
  if (how === 1) list.splice(j, 0, structuredClone(list[i]));
  if (how === 2) [list[i], list[j]] = [list[j], list[i]];
  const what = `${name}: ${["removed", "repeated", "moved"][how]} ${i}, ${j}`;
  return { what, job: withBytes(job, "receipt", utf8(`${canonical(receipt)}\n`)) };
}

/** Somewhere in the tree of values another one, or none. */
function editOfValue(job: SignedJob, random: RandomSource): EditedJob {
  const receipt: unknown = structuredClone(parsedReceipt(job));
  const path: string[] = [];
  let at = receipt as Record<string, unknown>;
  for (;;) {
    const names = Object.keys(at);
    const name = names[random.integer(names.length)]!;
    path.push(name);
    const below = at[name];
    if (typeof below !== "object" || below === null || Object.keys(below).length === 0 || random.integer(8) === 0) {
      if (random.integer(6) === 0 && !Array.isArray(at)) delete at[name];
      else at[name] = otherThan(below, random);
      break;
    }
    at = below as Record<string, unknown>;
  }
  return { what: path.join("."), job: withBytes(job, "receipt", utf8(`${canonical(receipt)}\n`)) };
}

function otherThan(value: unknown, random: RandomSource): unknown {
  if (typeof value === "number") return random.integer(2) === 0 ? value + 1 : value / 2;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return [0, null, "", {}, []][random.integer(5)];
  const at = random.integer(value.length + 1);
  const letters = "0123456789abcdefAg=+/";
  return value.slice(0, at) + letters[random.integer(letters.length)] + value.slice(at + random.integer(2));
}

/** Two records of a file change places, or one is gone. */
function editOfRecords(job: SignedJob, random: RandomSource): EditedJob {
  const parts = partsOf(job).filter((part) => part !== "receipt");
  const part = parts[random.integer(parts.length)]!;
  const bytes = bytesOf(job, part);
  const pieces = part.endsWith(".jsonl") ? linesOf(bytes) : piecesOf(bytes, part === "answers" ? 12 : ROW_RECORD_BYTES);
  const [i, j] = [random.integer(pieces.length), random.integer(pieces.length)];
  const isSwap = random.integer(2) === 0;
  if (isSwap) [pieces[i], pieces[j]] = [pieces[j]!, pieces[i]!];
  else pieces.splice(i, 1);
  const what = `${part}: record ${i} ${isSwap ? `for ${j}` : "removed"}`;
  return { what, job: withBytes(job, part, Uint8Array.from(pieces.flatMap((piece) => [...piece]))) };
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  return new TextDecoder()
    .decode(bytes)
    .split(/(?<=\n)/)
    .map(utf8);
}

/** From the end on: in front of the first record there may be a header. */
function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let end = bytes.length;
  for (; end - size >= 0; end -= size) pieces.unshift(bytes.subarray(end - size, end));
  return end > 0 ? [bytes.subarray(0, end), ...pieces] : pieces;
}

/** The newline at the end of a receipt may be there or not. */
function isSame(one: SignedJob, other: SignedJob): boolean {
  const text = (job: SignedJob, part: Part) => {
    const bytes = bytesOf(job, part);
    return Buffer.from(part === "receipt" && bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes);
  };
  return partsOf(one).every((part) => text(one, part).equals(text(other, part)));
}
