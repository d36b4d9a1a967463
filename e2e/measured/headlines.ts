/**
 * Figures of the pages that a reader meets first: whoever tells one names what its bench set otherwise than somebody has who types nothing, in that
 * paragraph or item, or in another one of its section that tells figures of the same run; of a table in its section. Settings of a code are named by their letters and values: K = 8, S = 2, E = 1.
 */
import { type SettingsUsed, setOtherwise } from "../bench/settings-used.ts";

/** By their names below docs. */
export const HEADLINE_PAGES = ["../README.md", "measured.md", "what-we-claim.md"] as const;

/** Letters of the codes. */
const LETTERS: Readonly<Record<string, string>> = {
  queriesPerGroup: "K",
  dataVolunteers: "K",
  stragglers: "S",
};

const WORDS: Readonly<Record<string, RegExp>> = {
  spares: /\bbackups?\b|\bcop(?:y|ies)\b|\bmixtures?\b|\bparit(?:y|ies)\b/i,
  groupsPerRound: /\brounds?\b|\bbatch(?:es)?\b/i,
  roundsInFlight: /\brounds?\b/i,
  completion: /\bestimates?\b|\bfirst answers\b/i,
  answerBound: /\bbounds?\b/i,
  confidenceFloor: /\bconfidence\b/i,
  scheme: /\bcode\b|`[a-z-]+`/,
  /** Of figures of an earlier day. */
  crossChecks: /\baudit(?:s|ed)?\b|\bcross-check/i,
  aim: /\basked for a time\b|\baim\b/,
  addresses: /\baddress(?:es)?\b/i,
  PARITAB_TRUST_LOOPBACK: /\baddress(?:es)?\b/i,
};

/** Is the setting named here? */
function isNamed(text: string, used: SettingsUsed, key: string): boolean {
  const letter = key === "liars" ? (used.kind?.[0] === "regression" ? "M" : "E") : LETTERS[key];
  const values = used[key] ?? [];
  if (letter === undefined) return (WORDS[key] ?? new RegExp(`\\b${key}\\b`)).test(text);
  // A table has a column of several.
  return values.length === 1
    ? new RegExp(`\\b${letter} = ${values[0]}\\b`).test(text)
    : new RegExp(`\\b${letter}\\b`).test(text);
}

/** @param text around a figure @returns settings that it does not name */
export function unnamedIn(text: string, used: SettingsUsed, defaults?: SettingsUsed): string[] {
  const plain = text.replaceAll(/<!--.*?-->/g, "");
  return Object.keys(setOtherwise(used, defaults)).filter((key) => !isNamed(plain, used, key));
}

interface Told {
  readonly run: string;
  readonly name: string;
  /** Where it is told. */
  readonly text: string;
}

/** Each figure of a page with the paragraphs and items of its section that tell figures of its run, each table with its section. */
export function toldIn(page: string): Told[] {
  const found: Told[] = [];
  for (const section of page.split(/^(?=#+ )/m)) {
    const passages = section.split(/\n\s*\n|\n(?=- )/);
    for (const [, run, name] of section.matchAll(/<!--figure: ([a-z0-9-]+)\/([a-z0-9-]+)-->/g)) {
      const telling = passages.filter((passage) => passage.includes(`<!--figure: ${run}/`));
      found.push({ run: run!, name: name!, text: telling.join("\n\n") });
    }
    for (const [, run, name] of section.matchAll(/<!-- table: ([a-z0-9-]+)\/([a-z0-9-]+) -->/g))
      found.push({ run: run!, name: name!, text: section });
  }
  return found;
}

/**
 * @param usedBy how the jobs of a run were set; null: its figures do not say, undefined: it was not measured yet
 * @returns a sentence for each figure that is told as if nothing had been set
 */
export function toldAsIfDefault(
  page: { readonly name: string; readonly text: string },
  usedBy: (run: string) => SettingsUsed | null | undefined,
  defaults?: SettingsUsed,
): string[] {
  return toldIn(page.text).flatMap(({ run, name, text }) => {
    const used = usedBy(run);
    if (used === undefined) return [];
    if (used === null) return [`${page.name} tells ${run}/${name}, whose figures do not say how its jobs were set`];
    const unnamed = unnamedIn(text, used, defaults);
    if (unnamed.length === 0) return [];
    const set = unnamed.map((key) => `${key} ${used[key]!.join(", ")}`).join("; ");
    return [`${page.name} tells ${run}/${name} without saying what its bench set: ${set}`];
  });
}
