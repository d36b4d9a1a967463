/** Kinds of answers are kept as answers change, and are noted anew only where something of them is new. */
import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { WINDOWS_PER_LEDGER } from "../../../../shared/verify/cross-checks/ledger.ts";
import type { CheckTerms, Ledger } from "../records.ts";
import { JobAnswers, MARK } from "./job-answers.ts";

const QUERIES = 40;
const terms = { ledger: { windowRows: 1, ledgers: 2 } } as unknown as CheckTerms;

/** What the columns say, beside what the kind says. */
function both(answers: JobAnswers, query: number, ledgers: readonly Ledger[]) {
  const { kinds, marks, durableMarks, sources } = answers;
  const { crossChecked, windows } = sources;
  const kind = kinds.kindOf(query);
  const window = windows[query]!;
  const place = Math.floor(window / WINDOWS_PER_LEDGER);
  const ledger = window < (ledgers[place]?.below ?? 0) ? place : null;
  const told = [kind.mark, kind.durableMark, kind.isCrossChecked, kind.ledger, kind.source];
  const isThere = marks[query] !== MARK.missing;
  const held = isThere
    ? [marks[query], durableMarks[query], crossChecked[query] === 1, ledger, sources.of(query)]
    : [MARK.missing, MARK.missing, false, null, null];
  return { told, held };
}

test("[CC12] each answer is of the kind that its columns say, whatever is entered, stored, certified or taken out, in whatever order", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = simulationRandom(seed);
    const answers = new JobAnswers(QUERIES, 2, { task: "classification" });
    let ledgers: readonly Ledger[] = [];
    const source = () => ({
      volunteerId: `v${random.integer(3)}`,
      precision: random.integer(4) === 0 ? ("float16" as const) : ("float32" as const),
      auditedRows: random.integer(2),
      opinionBy: random.integer(3) === 0 ? "v9" : null,
      batchRows: 1 + random.integer(2),
      ...(random.integer(3) === 0 ? {} : { coins: { attempt: 0, duplicates: 0, window: random.integer(50) } }),
    });
    const output = () => Float32Array.of(random.uniform(), random.uniform());
    const acts = [
      (query: number) => answers.set(query, { output: output(), mark: "audited", source: source() }),
      (query: number) => answers.setSource(query, source()),
      (query: number) => {
        const again = answers.sources.of(query);
        if (again !== null) answers.setSource(query, again);
      },
      (query: number) => answers.markExact(query, output()),
      (query: number) => answers.withdraw(query),
      (query: number) => answers.isStored(answers.exportRows(Uint32Array.of(query, (query + 1) % QUERIES))),
      () => {
        const further = (place: number) => (ledgers[place]?.below ?? 25 * place) + random.integer(8);
        ledgers = [0, 1].map((place) => ({ openedMs: 0, bound: 0, below: Math.min(25 * (place + 1), further(place)) }));
        answers.certify({ terms, ledgers });
      },
    ];
    for (let n = 0; n < 300; n++) {
      acts[random.integer(acts.length)]!(random.integer(QUERIES));
      const query = random.integer(QUERIES);
      const { told, held } = both(answers, query, ledgers);
      expect(told, `seed ${seed}, act ${n}, query ${query}`).toEqual(held);
    }
    for (let query = 0; query < QUERIES; query++) {
      const { told, held } = both(answers, query, ledgers);
      expect(told).toEqual(held);
    }
    const counted = [...answers.kinds.counts()].reduce((sum, [, count]) => sum + count, 0);
    expect(counted).toBe(QUERIES);
  }
});
