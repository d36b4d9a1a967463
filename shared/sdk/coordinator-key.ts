/**
 * Who a coordinator is to its submitters: a key that signs its receipts. The first key that it shows is noted, and from then on each
 * submission asks whether the keys that it shows now go back to that one. So is what it commits to when a job begins.
 */
import { z } from "zod";
import type { CheckedReceipt } from "../receipts/checked-receipt.ts";
import { bytesOfBase64, NoSignaturesError } from "../receipts/ed25519.ts";
import { type KeyLink, keyIdOf, keyLinkSchema } from "../receipts/sealed-receipt.ts";
import { askAs } from "./ask-as.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import type { Requester } from "./requests.ts";

/** What was noted when a job began. */
export interface NotedJob {
  /** null: the coordinator showed none. */
  readonly keyId: string | null;
  /** null: the job's kind makes none. */
  readonly commitment: string | null;
  /** null: none was sent. */
  readonly nonce: string | null;
  /** The hash of the coordinator's rules; absent: it told none. */
  readonly rules?: string;
}

/** Where notes are kept: in memory unless a program says otherwise. */
export interface CoordinatorNotes {
  /** @returns null: this coordinator was never asked before */
  key(baseUrl: string): Promise<string | null>;
  noteKey(baseUrl: string, keyId: string): Promise<void>;
  job(jobId: string): Promise<NotedJob | null>;
  noteJob(jobId: string, noted: NotedJob): Promise<void>;
}

export function notesInMemory(): CoordinatorNotes {
  const keys = new Map<string, string>();
  const jobs = new Map<string, NotedJob>();
  return {
    key: async (baseUrl) => keys.get(baseUrl) ?? null,
    noteKey: async (baseUrl, keyId) => void keys.set(baseUrl, keyId),
    job: async (jobId) => jobs.get(jobId) ?? null,
    noteJob: async (jobId, noted) => void jobs.set(jobId, noted),
  };
}

/** It is not the coordinator that was known, or its key was lost: nothing was submitted. */
export class CoordinatorKeyError extends Error {
  override readonly name = "CoordinatorKeyError";
  readonly code = "other-key";
}

/** A receipt, everything beside it and what was noted, looked at here. */
export interface ReceiptLooked extends Pick<CheckedReceipt, "findings"> {
  /** Nothing of it is broken. */
  readonly holds: boolean;
  /** What is known now, and how surely. */
  readonly paragraph: string;
}

export interface KeyKeeper {
  /** Of the coordinator, now. @returns null: it signs nothing. @throws CoordinatorKeyError where it is not the one that is known */
  known(signal?: AbortSignal): Promise<string | null>;
  readonly notes: CoordinatorNotes;
  /** Never throws: a note that cannot be kept is told, and what it is about goes on. */
  note(write: (notes: CoordinatorNotes) => Promise<void>): Promise<void>;
}

/**
 * @param given a key that is known from elsewhere, and that is noted; undefined: the first one that is shown is believed
 * @param notes by default in memory
 * @param onNoteLost told what could not be noted
 */
export function keyKeeper(
  requester: Requester,
  given: string | undefined,
  notes: CoordinatorNotes = notesInMemory(),
  onNoteLost: (error: Error) => void = () => {},
): KeyKeeper {
  const { baseUrl } = requester;
  const note: KeyKeeper["note"] = (write) => write(notes).catch(onNoteLost);
  return {
    notes,
    note,
    async known(signal) {
      const expected = given ?? (await notes.key(baseUrl));
      const links = await linksOf(requester, signal);
      const ids = await vouchedFor(links);
      if (expected === null) {
        // The one that all the others go back to.
        const first = ids[0] ?? null;
        if (first !== null) await note(() => notes.noteKey(baseUrl, first));
        return first;
      }
      if (!ids.includes(expected)) {
        const got = links.length === 0 ? "none" : keyIdOf(bytesOfBase64(links.at(-1)!.publicKey));
        throw new CoordinatorKeyError(
          `${baseUrl}: expected a coordinator whose receipts the key ${expected} vouches for, got the key ${got}; ask its operator, and pass the new key only if it is theirs`,
        );
      }
      if (given !== undefined) await note(() => notes.noteKey(baseUrl, given));
      return expected;
    },
  };
}

/** A coordinator of before receipts were signed has none. */
async function linksOf(requester: Requester, signal: AbortSignal | undefined): Promise<KeyLink[]> {
  try {
    return await askAs(requester, "/api/receipt-keys", z.array(keyLinkSchema), { signal });
  } catch (error) {
    if (error instanceof ParitabApiError && error.status === 404) return [];
    throw error;
  }
}

/**
 * Ids of the keys that vouch, one for the next, for the one that signs now.
 * @throws CoordinatorKeyError where the chain is none
 */
async function vouchedFor(links: readonly KeyLink[]): Promise<string[]> {
  if (links.length === 0) return [];
  const { checkKeys } = await import("../receipts/check-statements.ts");
  const since = links.findLastIndex(({ before }) => before === null);
  try {
    const { keys, finding } = await checkKeys(links.slice(Math.max(0, since)));
    if (finding.state === "broken")
      throw new CoordinatorKeyError(`the coordinator's keys are no chain: ${finding.text}`);
    return keys.map(({ keyId }) => keyId);
  } catch (error) {
    // A browser without Ed25519: the ids are the coordinator's word.
    if (error instanceof NoSignaturesError) return links.map(({ publicKey }) => keyIdOf(bytesOfBase64(publicKey)));
    throw error;
  }
}
