/** Laws of the ledger over any order of steps, for closed and open jobs of seven codes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { RULES } from "./testing/rules.ts";
import { WatchedLedger } from "./testing/watched-ledger.ts";
import type { GroupRule } from "./words.ts";
import { mixtureItem } from "./words.ts";

const KINDS = [
  ...[
    "join",
    "leave",
    "take",
    "take",
    "take",
    "take",
    "answer",
    "answer",
    "answer",
    "tick",
    "release",
    "left",
    "dropped",
  ],
  ...["name", "redo", "append", "check", "check", "exact", "know", "certify", "flush", "estimate"],
] as const;
const STEP = fc.record({ kind: fc.constantFrom(...KINDS), a: fc.nat(), b: fc.nat(), c: fc.nat() });
type Step = { readonly kind: string; readonly a: number; readonly b: number; readonly c: number };

interface Play {
  readonly rule: GroupRule;
  readonly rows: number;
  readonly isOpen: boolean;
  readonly key: number | null;
  readonly bandRows: number;
  readonly steps: readonly Step[];
}

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];

/** Any steps; then whoever is silent stays so, and one honest tab (as many as vote) does the rest. @returns what was told, and the costliest call over its limit */
function play({ rule, rows, isOpen, key, bandRows, steps }: Play): Pick<WatchedLedger, "heard" | "worstCost"> {
  const orderKey = key === null || isOpen ? null : new Uint8Array(32).fill(key);
  const watched = new WatchedLedger({ rowCount: rows, rule, isOpen, orderKey, bandRows });
  const { ledger } = watched;
  const sessions = new Map<string, string>();
  /** What each claim was told to leave out. */
  const dropped = new Map<number, number[]>();
  let [nowMs, joined] = [0, 0];
  const hear = (effects: ReturnType<typeof ledger.tick>) => {
    for (const effect of watched.hear(effects)) {
      if (effect.type === "void") sessions.delete(effect.claim.sessionId);
      if (effect.type === "drop")
        dropped.set(effect.claim.claimId, [...(dropped.get(effect.claim.claimId) ?? []), ...effect.items]);
    }
  };
  for (const { kind, a, b, c } of steps) {
    nowMs += c % 400;
    const session = pick([...sessions.keys()], a);
    const claim = pick([...ledger.claims], a);
    const place = ledger.counts.rows === 0 ? undefined : b % ledger.counts.rows;
    if (kind === "join") {
      const sessionId = `s${joined}`;
      const volunteerId = `v${joined++ % 7}`;
      ledger.join({ sessionId, volunteerId, rowsPerMs: b % 3 === 0 ? null : (1 + (b % 50)) / 1_000 });
      sessions.set(sessionId, volunteerId);
    } else if (kind === "leave" && session !== undefined) {
      hear(ledger.leave(session, nowMs));
      sessions.delete(session);
    } else if (kind === "take" && session !== undefined)
      watched.take(session, nowMs, b % 4 === 0 ? () => false : undefined);
    else if (kind === "answer" && claim !== undefined) {
      const some = claim.items.map(({ item }) => item).filter((_, i) => b % 5 === 0 || ((b >> (i % 30)) & 1) === 1);
      if (c % 2 === 1) some.reverse();
      const effects = watched.answer(claim.claimId, [...some, ...some.slice(0, 2), 999_999], nowMs);
      for (const effect of effects) if (effect.type === "drop") dropped.set(effect.claim.claimId, effect.items);
    } else if (kind === "tick") {
      nowMs += b % 20_000;
      hear(ledger.tick(nowMs));
    } else if (kind === "release" && claim !== undefined) hear(ledger.release(claim.claimId, nowMs));
    else if (kind === "left" && claim !== undefined) {
      hear(
        ledger.leftOut(
          claim.claimId,
          claim.items.slice(0, 1 + (b % 3)).map(({ item }) => item),
          nowMs,
        ),
      );
    } else if (kind === "dropped" && claim !== undefined) {
      hear(ledger.leftOut(claim.claimId, dropped.get(claim.claimId) ?? [], nowMs));
    } else if (kind === "name" && session !== undefined && sessions.size > 2 && b % 4 === 0) {
      const volunteerId = sessions.get(session)!;
      hear(ledger.name(volunteerId, nowMs));
      for (const [one, who] of [...sessions]) if (who === volunteerId) sessions.delete(one);
    } else if (kind === "redo" && place !== undefined) {
      ledger.takeOut(
        a % 3 === 0 && rule.mixtures > 0 ? [mixtureItem(b % 5, a % rule.mixtures)] : [a % ledger.counts.rows, place],
      );
      watched.forgetVotes();
    } else if (kind === "append" && isOpen) ledger.append(1 + (a % 5));
    else if (kind === "check" && place !== undefined && session !== undefined)
      watched.check(place, sessions.get(session)!, nowMs);
    else if (kind === "exact" && place !== undefined && b % 3 === 0) hear(ledger.makeExact(place));
    else if (kind === "know" && place !== undefined && session !== undefined && ledger.stateOf(place) === "final") {
      ledger.know(place, sessions.get(session)!);
    } else if (kind === "certify" && place !== undefined) ledger.certify(a % 5 === 0 ? "all" : [place]);
    else if (kind === "flush" && isOpen) ledger.flush();
    else if (kind === "estimate" && place !== undefined && rule.apart !== "votes")
      hear(ledger.estimate([place, a % ledger.counts.rows]));
    watched.mustHold();
  }
  if (isOpen) ledger.close();
  const honest = Array.from(
    { length: rule.apart === "votes" ? 2 * (rule.rows + rule.mixtures) : 1 },
    (_, i) => `honest ${i}`,
  );
  for (const name of honest) ledger.join({ sessionId: name, volunteerId: name, rowsPerMs: 0.01 });
  for (let turn = 0; turn < 2_000 && !ledger.isDone; turn++) {
    let isIdle = true;
    for (const name of honest) {
      if (watched.take(name, nowMs) !== null) isIdle = false;
      for (const { claimId, items } of [...ledger.claimsOf(name)]) {
        nowMs += 10 * items.length;
        watched.answer(
          claimId,
          items.map(({ item }) => item),
          nowMs,
        );
      }
    }
    if (isIdle) nowMs = Math.max(nowMs + 1_000, ledger.nextDueMs ?? 0);
    hear(ledger.tick(nowMs));
  }
  watched.mustHold();
  if (!ledger.isDone)
    throw new Error(`not done: ${JSON.stringify(ledger.counts)}, ${[...ledger.claims].length} claims`);
  return watched;
}

const SEED = 20_361;
const RUNS = 200;

test.each(Object.entries(RULES))(
  `whatever happens, no row is lost, asked twice or counted twice, and one honest tab ends the job: %s, seed ${SEED}`,
  (_, rule) => {
    let [worst, runs] = [0, 0];
    const heard = new Set<string>();
    fc.assert(
      fc.property(
        fc.record({
          rows: fc.integer({ min: 1, max: 60 }),
          isOpen: fc.boolean(),
          key: fc.option(fc.nat({ max: 255 })),
          bandRows: fc.constantFrom(1, 8, 512),
          steps: fc.array(STEP, { minLength: 20, maxLength: 120, size: "max" }),
        }),
        (given) => {
          const played = play({ rule, ...given, isOpen: given.isOpen && rule.goesOutPlain });
          worst = Math.max(worst, played.worstCost);
          for (const word of played.heard) heard.add(word);
          runs++;
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
    expect(runs).toBe(RUNS);
    expect(worst).toBeGreaterThan(0.02);
    // All that can happen in such a job did.
    const always = ["again", "beside", "known", "late", "void", "rest", "drop", "ended", "takenOut"];
    const ofRows = rule.goesOutPlain ? ["fresh", "check", "accepted", "surplus", "secondWord", "checkFree"] : [];
    const ofCodes = rule.mixtures > 0 ? ["spare", "mixture", "decodable"] : [];
    expect([...always, ...ofRows, ...ofCodes].filter((word) => !heard.has(word))).toEqual([]);
  },
);
