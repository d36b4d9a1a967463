/**
 * authors.bin: who gave each answer of a job whose rows went out one by one, and who agreed; 8 bytes a query in the order of the queries.
 * Numbers are little-endian; 0: nobody, 1: the coordinator, from 2 on the volunteers of authors.json, which is a canonical JSON list of their ids.
 *
 *   0  u16  author
 *   2  u16  partner: whose second word agreed, as the row's coin asked
 *   4  u16  attempt: how often an answer of the row had been taken out before this one
 *   6  u16  the block that certified the answer; 65535: none did
 */
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { canonical } from "./canonical.ts";

export const AUTHOR_RECORD_BYTES = 8;
const FIRST_VOLUNTEER = 2;
const NO_BLOCK = 0xffff;

export interface AuthorRecord {
  /** Its place in authors.json; null: the coordinator, or nobody. */
  readonly author: number | null;
  readonly partner: number | "coordinator" | null;
  readonly attempt: number;
  readonly blockId: number | null;
}

/** @param into 8 bytes */
export function writeAuthor(into: Uint8Array, { author, partner, attempt, blockId }: AuthorRecord): void {
  const view = new DataView(into.buffer, into.byteOffset, AUTHOR_RECORD_BYTES);
  view.setUint16(0, author === null ? 0 : author + FIRST_VOLUNTEER, true);
  view.setUint16(2, partner === null ? 0 : partner === "coordinator" ? 1 : partner + FIRST_VOLUNTEER, true);
  view.setUint16(4, attempt, true);
  view.setUint16(6, blockId ?? NO_BLOCK, true);
}

/** @param from 8 bytes. @param volunteers so many are in authors.json. @returns null: no coordinator writes such a record */
export function readAuthor(from: Uint8Array, volunteers: number): AuthorRecord | null {
  const view = new DataView(from.buffer, from.byteOffset, AUTHOR_RECORD_BYTES);
  const [author, partner, blockId] = [view.getUint16(0, true), view.getUint16(2, true), view.getUint16(6, true)];
  if (Math.max(author, partner) >= volunteers + FIRST_VOLUNTEER) return null;
  return {
    author: author < FIRST_VOLUNTEER ? null : author - FIRST_VOLUNTEER,
    partner: partner === 0 ? null : partner === 1 ? "coordinator" : partner - FIRST_VOLUNTEER,
    attempt: view.getUint16(4, true),
    blockId: blockId === NO_BLOCK ? null : blockId,
  };
}

/** @returns null: no coordinator writes such a list */
export function readAuthorNames(text: string): string[] | null {
  const names = jsonOrNull(text);
  const isOne = Array.isArray(names) && names.every((name) => typeof name === "string" && name !== "");
  return isOne && new Set(names).size === names.length && canonical(names) === text ? (names as string[]) : null;
}
