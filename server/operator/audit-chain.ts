/**
 * The audit log's form: one JSON line an entry, each with the hash of the entry before it. Whoever changes, removes or
 * reorders an entry must write every later one anew; and then the last hash, noted elsewhere, is no longer in the file.
 *
 *   {"seq":7,"atMs":1767225600000,"what":"token-created","...":"...","before":"<hash of entry 6>","hash":"<of this line>"}
 *
 * hash = sha-256 of the line as it stands without `,"hash":"..."`. The first entry has 64 zeros before it.
 */
import { sha256Hex } from "../sha256-hex.ts";

const NO_ENTRY_BEFORE = "0".repeat(64);

export interface AuditEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly what: string;
  readonly [field: string]: unknown;
}

export interface ChainHead {
  /** Of the next entry. */
  readonly seq: number;
  /** Of the last entry. */
  readonly hash: string;
}
export const EMPTY_CHAIN: ChainHead = { seq: 0, hash: NO_ENTRY_BEFORE };

/** @returns the line, with its newline, and the head after it */
export function chainedLine(
  head: ChainHead,
  atMs: number,
  what: string,
  fields: Readonly<Record<string, unknown>>,
): { line: string; head: ChainHead } {
  const text = JSON.stringify({ seq: head.seq, atMs, what, ...fields, before: head.hash });
  const hash = sha256Hex(text);
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}\n`, head: { seq: head.seq + 1, hash } };
}

/** What is wrong with the chain: the line it shows at, counted from 1, and what was expected. */
export interface ChainBreak {
  readonly line: number;
  readonly problem: string;
}

/** Checks lines one after the other. */
export class ChainCheck {
  #head: ChainHead = EMPTY_CHAIN;
  readonly #hashes = new Set<string>();
  readonly #wanted: string | null;

  /** @param wantedHash a head that was noted earlier: it must be among the entries */
  constructor(wantedHash: string | null = null) {
    this.#wanted = wantedHash;
  }

  get head(): ChainHead {
    return this.#head;
  }

  /** @returns what is wrong with this line, or null */
  add(line: string): ChainBreak | null {
    const at = this.#head.seq + 1;
    const [, text, hash] = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/.exec(line) ?? [];
    if (text === undefined || hash === undefined) return { line: at, problem: "expected an entry with its hash" };
    const whole = `${text}}`;
    const got = sha256Hex(whole);
    if (got !== hash) return { line: at, problem: `expected the hash ${hash}, got ${got}: the entry was changed` };
    const entry = parse(whole);
    if (entry?.seq !== this.#head.seq) {
      return { line: at, problem: `expected entry ${this.#head.seq}, got ${entry?.seq}: entries are missing or moved` };
    }
    if (entry.before !== this.#head.hash) {
      return {
        line: at,
        problem: `expected ${this.#head.hash} before it, got ${entry.before}: entries are missing or moved`,
      };
    }
    this.#head = { seq: entry.seq + 1, hash };
    if (hash === this.#wanted) this.#hashes.add(hash);
    return null;
  }

  /** At the end: was the head that was noted earlier among them? */
  end(): ChainBreak | null {
    if (this.#wanted === null || this.#hashes.has(this.#wanted)) return null;
    const problem = `expected an entry with the hash ${this.#wanted}, got none: the log was cut or written anew`;
    return { line: this.#head.seq + 1, problem };
  }
}

function parse(text: string): (AuditEntry & { before?: unknown }) | null {
  try {
    return JSON.parse(text) as AuditEntry;
  } catch {
    return null;
  }
}
