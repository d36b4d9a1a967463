/** Tallies of crowds: on several threads, and from a file where the same were counted before. */
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { seedThreads } from "../seed-threads.ts";
import { COALITION_CASES, type CoalitionCase } from "./coalition-cases.ts";
import type { CoalitionTally } from "./coalition-crowd.ts";

export interface WantedCrowd {
  readonly one: CoalitionCase;
  readonly seed: number;
}

export interface KeptTallies {
  /** A line a crowd. Whoever breaks off goes on from here. */
  readonly file: string;
  /** Of the tree: crowds of another one are counted anew. */
  readonly commit: string;
}

/** @param kept null: nothing is read, and nothing kept. @returns in the order of what is wanted */
export async function coalitionTallies(
  wanted: readonly WantedCrowd[],
  kept: KeptTallies | null,
  progress: (line: string) => void,
): Promise<CoalitionTally[]> {
  const entry = new URL("./coalition-thread.mjs", import.meta.url);
  const pool = seedThreads<{ place: number; seed: number }, CoalitionTally>(entry);
  const known = kept === null ? new Map<string, CoalitionTally>() : await readTallies(kept);
  let done = 0;
  try {
    return await Promise.all(
      wanted.map(async ({ one, seed }) => {
        const key = keyOf(one, seed);
        const tally = known.get(key) ?? (await pool.run({ place: COALITION_CASES.indexOf(one), seed }));
        if (kept !== null && !known.has(key)) {
          await appendFile(kept.file, `${JSON.stringify({ commit: kept.commit, key, tally })}\n`);
        }
        progress(
          `${++done}/${wanted.length} ${one.data}, ${one.attack}, seed ${seed}: ${tally.wrongFinal} wrong final`,
        );
        return tally;
      }),
    );
  } finally {
    await pool.destroy();
  }
}

function keyOf(one: CoalitionCase, seed: number): string {
  return JSON.stringify([one, seed]);
}

async function readTallies({ file, commit }: KeptTallies): Promise<Map<string, CoalitionTally>> {
  await mkdir(dirname(file), { recursive: true });
  const text = await readFile(file, "utf8").catch(() => "");
  // The last line may be half of one.
  const lines = text.split("\n").slice(0, -1);
  const kept = lines.map((line) => JSON.parse(line) as { commit: string; key: string; tally: CoalitionTally });
  return new Map(kept.filter((line) => line.commit === commit).map(({ key, tally }) => [key, tally]));
}
