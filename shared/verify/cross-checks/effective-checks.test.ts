import fc from "fast-check";
import { expect, test } from "vitest";
import { checksOf, effectiveChecks, escapeRate } from "./effective-checks.ts";

const share = fc.double({ min: 0.05, max: 0.6, noNaN: true });
const trusted = fc.integer({ min: 0, max: 60 });
const partners = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 0, maxLength: 15 });

test("no rate of lying gets more through than kappa says: r escape(r) <= 1 / (e kappa)", () => {
  fc.assert(
    fc.property(trusted, partners, share, fc.double({ min: 1e-6, max: 0.999, noNaN: true }), (t, x, beta, rate) => {
      const checks = effectiveChecks(t, x, beta);
      if (checks === 0) return;
      expect(rate * escapeRate(rate, t, x, beta)).toBeLessThanOrEqual((1 + 1e-9) / (Math.E * checks));
    }),
    { seed: 14_002, numRuns: 400 },
  );
});

test("a check that is lost, or a partner that is named, makes evidence smaller and never larger: restarts are safe", () => {
  fc.assert(
    fc.property(trusted, partners, share, fc.nat(), (t, x, beta, which) => {
      const checks = effectiveChecks(t, x, beta) * (1 + 1e-9);
      if (t > 0) expect(effectiveChecks(t - 1, x, beta)).toBeLessThanOrEqual(checks);
      if (x.length === 0) return;
      const at = which % x.length;
      expect(effectiveChecks(t, x.with(at, x[at]! - 1), beta)).toBeLessThanOrEqual(checks);
      expect(effectiveChecks(t, x.toSpliced(at, 1), beta)).toBeLessThanOrEqual(checks);
    }),
    { seed: 14_003, numRuns: 200 },
  );
});

test("more colluders make it worth less, and more than the sum of its checks it is only by the half of the first", () => {
  fc.assert(
    fc.property(trusted, partners, share, (t, x, beta) => {
      const sum = x.reduce((total, checks) => total + checks, t);
      const checks = effectiveChecks(t, x, beta);
      expect(effectiveChecks(t, x, Math.min(1, beta + 0.1))).toBeLessThanOrEqual(checks * (1 + 1e-9));
      expect(checks).toBeLessThanOrEqual(sum + 0.5);
    }),
    { seed: 14_004, numRuns: 200 },
  );
});

test("the quick form is right within 1 % with twelve partners or more that share the checks, and is not used with fewer", () => {
  for (const beta of [0.2, 1 / 3, 0.5]) {
    for (const count of [12, 20, 60]) {
      for (const each of [1, 3]) {
        const x = new Array<number>(count).fill(each);
        const exact = effectiveChecks(5, x, beta);
        expect(checksOf(5, x, beta)).toBeLessThanOrEqual(exact * 1.01);
      }
    }
    // Eleven equal ones, or one that has nearly all of it beside many: exactly.
    for (const x of [new Array<number>(11).fill(9), [200, ...new Array<number>(30).fill(1)]]) {
      expect(checksOf(5, x, beta)).toBe(effectiveChecks(5, x, beta));
    }
  }
});

test("few partners are worth little, however many checks they gave: r = 1 escapes P of them with chance beta^P", () => {
  for (const count of [1, 2, 3, 5]) {
    const worth = effectiveChecks(0, new Array<number>(count).fill(10_000), 1 / 3);
    expect(worth).toBeLessThanOrEqual(3 ** count / Math.E + 1e-6);
  }
});

test("what is reckoned once for volunteers that were checked alike is what each would have", () => {
  fc.assert(
    fc.property(
      trusted,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      share,
      (t, x, beta) => {
        const ofEach = () => effectiveChecks(t, x, beta);
        expect([checksOf(t, x, beta), checksOf(t, x, beta)]).toEqual([ofEach(), ofEach()]);
      },
    ),
    { seed: 14_020, numRuns: 100 },
  );
});
