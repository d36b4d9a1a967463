import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairQueue, type Ticket } from "./fair-queue.ts";

interface Piece extends Ticket {
  readonly id: number;
}

const QUANTUM = 100;
const COST_MAX = 400;

const anyPieces = fc
  .array(
    fc.record({
      submitter: fc.constantFrom("ada", "bob", "eve"),
      job: fc.constantFrom("1", "2"),
      cost: fc.integer({ min: 1, max: COST_MAX }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((all) => all.map((piece, id): Piece => ({ ...piece, job: piece.submitter + piece.job, id })));

function queueOf(pieces: readonly Piece[]): FairQueue<Piece> {
  const queue = new FairQueue<Piece>(QUANTUM);
  for (const piece of pieces) queue.add(piece);
  return queue;
}

describe("who is next", () => {
  it("gives every piece once, those of a job in their order, and stops only when it is empty", () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        const queue = queueOf(pieces);
        const taken: Piece[] = [];
        for (let piece = queue.take(); piece !== null; piece = queue.take()) taken.push(piece);
        expect(queue.size).toBe(0);
        expect(taken.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(pieces.map(({ id }) => id));
        for (const job of new Set(pieces.map(({ job }) => job))) {
          const ids = (all: readonly Piece[]) => all.filter((piece) => piece.job === job).map(({ id }) => id);
          expect(ids(taken)).toEqual(ids(pieces));
        }
      }),
    );
  });

  it("is work conserving: somebody who asks for small pieces gets one whenever there is one", () => {
    fc.assert(
      fc.property(anyPieces, fc.integer({ min: 1, max: COST_MAX }), (pieces, costMax) => {
        const queue = queueOf(pieces);
        const isSmall = ({ cost }: Piece) => cost <= costMax;
        let small = pieces.filter(isSmall).length;
        for (; small > 0; small--) expect(queue.take(isSmall)?.cost).toBeLessThanOrEqual(costMax);
        expect(queue.take(isSmall)).toBeNull();
        expect(queue.size).toBe(pieces.filter(({ cost }) => cost > costMax).length);
      }),
    );
  });

  it("two submitters who always have something waiting get the same within a quantum and two pieces", () => {
    const anyCosts = fc.array(fc.integer({ min: 1, max: COST_MAX }), { minLength: 20, maxLength: 80 });
    fc.assert(
      fc.property(anyCosts, anyCosts, fc.integer({ min: 1, max: 5 }), (ofAda, ofBob, jobsOfBob) => {
        const queue = queueOf([
          ...ofAda.map((cost, id): Piece => ({ submitter: "ada", job: "a", cost, id })),
          ...ofBob.map((cost, id): Piece => ({ submitter: "bob", job: `b${id % jobsOfBob}`, cost, id })),
        ]);
        const served = { ada: 0, bob: 0 };
        const left = { ada: ofAda.length, bob: ofBob.length };
        while (left.ada > 0 && left.bob > 0) {
          const { submitter, cost } = queue.take()!;
          served[submitter as "ada" | "bob"] += cost;
          left[submitter as "ada" | "bob"]--;
          expect(Math.abs(served.ada - served.bob)).toBeLessThanOrEqual(QUANTUM + 2 * COST_MAX);
        }
      }),
    );
  });

  it("starves nobody: whoever comes waits for a turn of each of the others, however much they bring", () => {
    fc.assert(
      fc.property(anyPieces, fc.integer({ min: 1, max: COST_MAX }), (pieces, cost) => {
        const queue = queueOf(pieces);
        const stranger: Piece = { submitter: "stranger", job: "s", cost, id: -1 };
        queue.add(stranger);
        const before: Record<string, number> = {};
        for (let piece = queue.take()!; piece !== stranger; piece = queue.take()!) {
          before[piece.submitter] = (before[piece.submitter] ?? 0) + piece.cost;
          queue.add({ ...piece });
        }
        for (const served of Object.values(before)) expect(served).toBeLessThanOrEqual(cost + QUANTUM + 2 * COST_MAX);
      }),
    );
  });

  it("100 jobs of 20 submitters: each submitter gets a twentieth of the time, and each of its jobs a part of that, whatever their pieces cost", () => {
    const [submitters, jobsEach] = [20, 5];
    // A hundredfold spread, and half of the submitters ask for a thousand pieces at once, the others for the next while one is done.
    const costOf = (submitter: number, job: number) => Math.min(COST_MAX, 4 * 10 ** (((submitter + job) % 5) / 2));
    const queue = new FairQueue<Piece>(QUANTUM);
    let id = 0;
    const ask = (submitter: number, job: number) =>
      queue.add({ submitter: `s${submitter}`, job: `s${submitter} ${job}`, cost: costOf(submitter, job), id: id++ });
    const all = Array.from(
      { length: submitters * jobsEach },
      (_, n) => [n % submitters, Math.floor(n / submitters)] as const,
    );
    for (const [submitter, job] of all) for (let n = 0; n < (submitter % 2 === 0 ? 200 : 2); n++) ask(submitter, job);
    const [ofSubmitter, ofJob] = [new Map<string, number>(), new Map<string, number>()];
    const longest = new Map<string, { since: number; wait: number }>();
    let spent = 0;
    while (spent < 40 * submitters * QUANTUM) {
      const piece = queue.take()!;
      const { submitter, job, cost } = piece;
      // Took a tenth more than was predicted.
      queue.charge(piece, 0.1 * cost);
      spent += 1.1 * cost;
      ofSubmitter.set(submitter, (ofSubmitter.get(submitter) ?? 0) + 1.1 * cost);
      ofJob.set(job, (ofJob.get(job) ?? 0) + 1.1 * cost);
      const { since, wait } = longest.get(submitter) ?? { since: 0, wait: 0 };
      longest.set(submitter, { since: spent, wait: Math.max(wait, spent - since) });
      // Its job goes on: the next piece is asked for once this one is done.
      const [, name, own] = /^s(\d+) (\d+)$/.exec(job)!;
      ask(Number(name), Number(own));
    }
    const fair = spent / submitters;
    expect([ofSubmitter.size, ofJob.size]).toEqual([submitters, submitters * jobsEach]);
    for (const got of ofSubmitter.values()) expect(Math.abs(got - fair)).toBeLessThan(QUANTUM + 2.2 * COST_MAX);
    for (const got of ofJob.values()) expect(Math.abs(got - fair / jobsEach)).toBeLessThan(QUANTUM + 2.2 * COST_MAX);
    // Nobody waits longer than for a turn, and a piece, of each of the others.
    for (const { wait } of longest.values()) expect(wait).toBeLessThan(submitters * (QUANTUM + 2.2 * COST_MAX));
  });

  it("what a piece cost beyond its prediction is owed to those who wait, and to nobody else", () => {
    const piece = (submitter: string, id: number): Piece => ({ submitter, job: submitter, cost: 10, id });
    const queue = queueOf([0, 1, 2].flatMap((id) => [piece("eve", id), piece("ada", id)]));
    const first = queue.take()!;
    expect(first.submitter).toBe("eve");
    queue.charge(first, 10 * QUANTUM);
    const next = [1, 2, 3, 4, 5].map(() => queue.take()!.submitter);
    expect(next).toEqual(["ada", "ada", "ada", "eve", "eve"]);

    // Everything is done, and forgotten.
    const after = queueOf([piece("eve", 0)]);
    const only = after.take()!;
    after.charge(only, 1e9);
    after.add(piece("eve", 1));
    after.add(piece("ada", 1));
    expect(after.take()?.submitter).toBe("eve");
  });

  it("a debt stays while its submitter has nothing waiting", () => {
    const queue = queueOf([
      { submitter: "eve", job: "e", cost: 10, id: 0 },
      ...Array.from({ length: 8 }, (_, id): Piece => ({ submitter: "ada", job: "a", cost: 10, id })),
    ]);
    const first = queue.take()!;
    queue.charge(first, 10 * QUANTUM);
    queue.add({ submitter: "eve", job: "another", cost: 10, id: 1 });
    const order = Array.from({ length: 9 }, () => queue.take()!.submitter);
    expect(order.indexOf("eve")).toBe(8);
  });

  it("a piece that is tried again comes before its job's others, and those nobody wants any more are gone", () => {
    const pieces = [1, 2, 3].map((id): Piece => ({ submitter: "ada", job: "a", cost: 10, id }));
    const queue = queueOf(pieces);
    const first = queue.take()!;
    queue.add(first, true);
    expect(queue.waitingCost()).toBe(30);
    queue.remove(({ id }) => id === 2);
    expect([queue.take()?.id, queue.take()?.id, queue.take()]).toEqual([1, 3, null]);
  });
});
