/**
 * Receipts that an earlier version signed, whose jobs of inference ran in rounds: they verify for good. Stored, for nothing makes such receipts any more.
 * large: batches of 24 rows, of which the rule asks for two. Its tabs have names and no keys. spread: answers of several volunteers stand in it. amended: two
 * keys, two amendments, a liar that was caught on the way. otherDraws: its build drew other rows than it had committed to. inParts: of a job in three parts.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SignedJob } from "../../crowd/signed-job.ts";

type Name = "large" | "spread" | "amended" | "otherDraws" | "inParts";

interface Stored {
  readonly receipt: string;
  /** Base64, as files are. */
  readonly answers: string;
  readonly files: Readonly<Record<string, string>>;
}

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

export function receiptsOfRounds(): Readonly<Record<Name, SignedJob>> {
  const text = gunzipSync(readFileSync(new URL("of-rounds.json.gz", import.meta.url))).toString();
  const stored = Object.entries(JSON.parse(text) as Record<Name, Stored>);
  return Object.fromEntries(
    stored.map(([name, { receipt, answers, files }]) => [
      name,
      {
        receipt: new TextEncoder().encode(receipt),
        answers: bytesOf(answers),
        files: new Map(Object.entries(files).map(([file, bytes]) => [file, bytesOf(bytes)])),
      },
    ]),
  ) as unknown as Record<Name, SignedJob>;
}
