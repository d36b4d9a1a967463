/**
 * How a crowd misbehaves, as one line of text: `straggle:11(p=0.1,ms=400+exp400),slow:2(x10,floor=300),liar:1(other-query)`.
 * Its grammar is what `npm run swarm -- --help` prints. What lies are in numbers: fault-answers.ts for batches,
 * fault-products.ts for products. Which tabs a clause hits: fault-assignment.ts.
 */

import { ALL_BACKEND_NAMES, type BackendName } from "../../../shared/compute/model-runtime.ts";

export const FAULT_PROFILE_HELP = `\
profile = "honest" | clause { "," clause }
clause  = kind ":" tabs [ "(" setting { "," setting } ")" ]      tabs: so many tabs have this fault

kind      settings         a tab with this fault
straggle  p=P ms=A+expB    is late in a share P of its rounds, by A ms plus an exponential delay of mean B ms;
                           p=1 makes the same tabs slow all along
slow      xF floor=MS      takes F times its own time for a task, and at least MS ms
mute      [p=P]            takes work and never answers it, in a share P of its rounds; in all without p
card      BACKEND          computes every row wrong on that back-end, as a broken card does, and right on others
leaves    afterRounds=N    ends its session instead of working on a round with index N or later
liar      other-query      gives each row the answer to another row
          sign-flip        turns the sign of every number
          reverse [c=C]    sends -C times what it computed; C is a whole number, 1 without it
          noise sigma=X    adds normal noise of standard deviation X; a product becomes noise altogether
          constant         answers everything with the same number
          one-entry        changes one number, by one
          replay           sends the answers of the round before
          swap             sends what another tab with this lie computed in the same round, and that one its own;
                           is honest where the other one has nothing yet
          sleeper [rounds=N]  is honest in its first N assignments, or in N rounds of a training, 20 without it; then
                              turns the signs

A gradient job has two rounds an iteration. A delay is added once a round, however many shares of the data a tab holds.
ms=A and ms=expB leave out a part. Spaces do not matter. Probes and shares of the data are answered as they should be.`;

export type Lie =
  | { readonly name: "other-query" | "sign-flip" | "constant" | "one-entry" | "replay" | "swap" }
  | { readonly name: "reverse"; readonly factor: number }
  | { readonly name: "sleeper"; readonly rounds: number }
  | { readonly name: "noise"; readonly sigma: number };

export type Fault =
  | { readonly kind: "straggle"; readonly probability: number; readonly fixedMs: number; readonly meanMs: number }
  | { readonly kind: "slow"; readonly factor: number; readonly floorMs: number }
  | { readonly kind: "mute"; readonly probability: number }
  | { readonly kind: "leaves"; readonly afterRounds: number }
  | { readonly kind: "card"; readonly backend: BackendName }
  | { readonly kind: "liar"; readonly lie: Lie };

export interface FaultClause {
  readonly fault: Fault;
  readonly tabCount: number;
}

/** Empty: everybody is honest and in time. */
export type FaultProfile = readonly FaultClause[];

export class FaultProfileError extends Error {
  override readonly name = "FaultProfileError";
}

const LIES = [
  "other-query",
  "sign-flip",
  "reverse",
  "noise",
  "constant",
  "one-entry",
  "replay",
  "swap",
  "sleeper",
] as const;
/** Residues times this stay below 2^53. */
const REVERSE_FACTOR_MAX = 2 ** 22;

/** The settings of one clause: each is taken once, and none may be left over. */
class Settings {
  readonly #clause: string;
  readonly #open: string[];

  constructor(clause: string, settings: string) {
    this.#clause = clause;
    this.#open = settings === "" ? [] : settings.split(",");
  }

  /** The first group of `pattern`, or null where no setting matches it. */
  optional(pattern: RegExp): string | null {
    const place = this.#open.findIndex((setting) => pattern.test(setting));
    if (place < 0) return null;
    return pattern.exec(this.#open.splice(place, 1)[0]!)![1]!;
  }

  required(pattern: RegExp, example: string): string {
    return this.optional(pattern) ?? this.fail(`a setting like ${example}`, this.#open.join(",") || "none");
  }

  number(pattern: RegExp, example: string, least: number, most: number): number {
    return this.inRange(this.required(pattern, example), example, least, most);
  }

  inRange(text: string, example: string, least: number, most: number): number {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= least && value <= most)) this.fail(`a number in ${least}..${most} as in ${example}`, text);
    return value;
  }

  whole(text: string, example: string, least: number, most: number): number {
    const value = this.inRange(text, example, least, most);
    if (!Number.isInteger(value)) this.fail(`a whole number as in ${example}`, text);
    return value;
  }

  end(): void {
    if (this.#open.length > 0) this.fail("no further setting", this.#open.join(","));
  }

  fail(expected: string, got: string): never {
    throw new FaultProfileError(`fault profile, "${this.#clause}": expected ${expected}, got "${got}"`);
  }
}

const MS_MAX = 3_600_000;

const readers: Readonly<Record<Fault["kind"], (settings: Settings) => Fault>> = {
  straggle(settings) {
    const probability = settings.number(/^p=(.*)$/, "p=0.1", 0, 1);
    const delay = settings.required(/^ms=(.*)$/, "ms=400+exp400");
    const parts =
      /^(?:exp(?<mean>.+)|(?<fixed>[^+]+)(?:\+exp(?<tail>.+))?)$/.exec(delay)?.groups ??
      settings.fail("ms=400+exp400", delay);
    const fixedMs = settings.inRange(parts.fixed ?? "0", "ms=400+exp400", 0, MS_MAX);
    const meanMs = settings.inRange(parts.mean ?? parts.tail ?? "0", "ms=400+exp400", 0, MS_MAX);
    return { kind: "straggle", probability, fixedMs, meanMs };
  },
  slow: (settings) => ({
    kind: "slow",
    factor: settings.number(/^x(.*)$/, "x10", 1, 1e6),
    floorMs: settings.number(/^floor=(.*)$/, "floor=300", 0, MS_MAX),
  }),
  mute: (settings) => ({
    kind: "mute",
    probability: settings.inRange(settings.optional(/^p=(.*)$/) ?? "1", "p=0.5", 0, 1),
  }),
  leaves(settings) {
    const text = settings.required(/^afterRounds=(.*)$/, "afterRounds=3");
    return { kind: "leaves", afterRounds: settings.whole(text, "afterRounds=3", 0, 1e9) };
  },
  liar: (settings) => ({ kind: "liar", lie: readLie(settings) }),
  card(settings) {
    const name = settings.required(/^([a-z]+)$/, "webgpu");
    const backend = ALL_BACKEND_NAMES.find((known) => known === name);
    return { kind: "card", backend: backend ?? settings.fail(`one of ${ALL_BACKEND_NAMES.join(", ")}`, name) };
  },
};

function readLie(settings: Settings): Lie {
  const name = settings.required(/^([a-z-]+)$/, LIES.join(", ")) as Lie["name"];
  switch (name) {
    case "noise":
      return { name, sigma: settings.number(/^sigma=(.*)$/, "sigma=1", 0, 1e9) };
    case "reverse": {
      const factor = settings.whole(settings.optional(/^c=(.*)$/) ?? "1", "c=1", 1, REVERSE_FACTOR_MAX);
      return { name, factor };
    }
    case "sleeper":
      return { name, rounds: settings.whole(settings.optional(/^rounds=(.*)$/) ?? "20", "rounds=20", 0, 1e9) };
    default:
      if (!LIES.includes(name)) settings.fail(`one of ${LIES.join(", ")}`, name);
      return { name };
  }
}

/** @throws FaultProfileError that says in which clause, what was expected, and what came */
export function parseFaultProfile(text: string): FaultProfile {
  const compact = text.replaceAll(/\s/g, "");
  if (compact === "honest") return [];
  // Commas inside brackets separate settings, those outside separate clauses.
  return compact.split(/,(?![^(]*\))/).map(parseClause);
}

function parseClause(clause: string): FaultClause {
  const match = /^([a-z-]+):(\d+)(?:\(([^()]*)\))?$/.exec(clause);
  if (match === null) {
    throw new FaultProfileError(
      `fault profile, "${clause}": expected honest, or kind:tabs(settings) as in liar:1(other-query)`,
    );
  }
  const [, kind, tabs, settingText = ""] = match;
  const settings = new Settings(clause, settingText);
  if (!Object.hasOwn(readers, kind!)) settings.fail(`one of ${Object.keys(readers).join(", ")}`, kind!);
  const fault = readers[kind as Fault["kind"]](settings);
  settings.end();
  return { fault, tabCount: Number(tabs) };
}

/** parseFaultProfile reads it back as it was. */
export function printFaultProfile(profile: FaultProfile): string {
  if (profile.length === 0) return "honest";
  return profile.map(({ fault, tabCount }) => `${fault.kind}:${tabCount}${printSettings(fault)}`).join(",");
}

function printSettings(fault: Fault): string {
  switch (fault.kind) {
    case "straggle":
      return `(p=${fault.probability},ms=${fault.fixedMs}+exp${fault.meanMs})`;
    case "slow":
      return `(x${fault.factor},floor=${fault.floorMs})`;
    case "mute":
      return fault.probability === 1 ? "" : `(p=${fault.probability})`;
    case "card":
      return `(${fault.backend})`;
    case "leaves":
      return `(afterRounds=${fault.afterRounds})`;
    case "liar":
      return `(${printLie(fault.lie)})`;
    default:
      return fault satisfies never;
  }
}

function printLie(lie: Lie): string {
  switch (lie.name) {
    case "noise":
      return `noise,sigma=${lie.sigma}`;
    case "reverse":
      return lie.factor === 1 ? "reverse" : `reverse,c=${lie.factor}`;
    case "sleeper":
      return lie.rounds === 20 ? "sleeper" : `sleeper,rounds=${lie.rounds}`;
    default:
      return lie.name;
  }
}
