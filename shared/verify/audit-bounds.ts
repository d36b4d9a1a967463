/**
 * What audits promise. A batch has G rows; c of them, drawn secretly after all bytes are held, are recomputed; one bad
 * row among those rejects the batch and blacklists the volunteer.
 */

/**
 * C(G-b, c) / C(G, c): the chance that none of b bad rows is among the audited.
 * @param batchRows G
 * @param badRows b, 0..G
 * @param auditedRows c, 0..G
 * @example escapeProbability(10, 1, 3) // -> 0.7
 */
export function escapeProbability(batchRows: number, badRows: number, auditedRows: number): number {
  checkWhole("escapeProbability", "batchRows", batchRows, 1, Number.MAX_SAFE_INTEGER);
  checkWhole("escapeProbability", "badRows", badRows, 0, batchRows);
  checkWhole("escapeProbability", "auditedRows", auditedRows, 0, batchRows);
  // Symmetric in b and c, so the shorter product: each draw must miss.
  const [draws, targets] = badRows < auditedRows ? [badRows, auditedRows] : [auditedRows, badRows];
  let probability = 1;
  for (let draw = 0; draw < draws; draw++) {
    probability *= Math.max(0, batchRows - targets - draw) / (batchRows - draw);
  }
  return probability;
}

/**
 * max over b of (b/G) * escape(b): the share of a batch's rows that a liar without a record, who may come back under a
 * new name each time, gets through on average, however many it corrupts. About 1 / (e c).
 * @returns 1 without audits, 0 where every row is audited
 * @example freshBound(10, 3) // -> 0.0933333
 */
export function freshBound(batchRows: number, auditedRows: number): number {
  let worst = 0;
  for (let badRows = 1; badRows <= batchRows; badRows++) {
    worst = Math.max(worst, (badRows / batchRows) * escapeProbability(batchRows, badRows, auditedRows));
  }
  return worst;
}

/**
 * The chance that a further row of a volunteer with k audited rows passed is wrong, with blacklisting: f / ((1-f) k e)
 * (Sarmenta, "Sabotage-tolerance mechanisms for volunteer computing systems", 2001), over all rates of lying. Never
 * more than f, the chance that it is a liar at all, which is also the bound for k = 0.
 * @param auditsPassed k
 * @param liarShare f, 0..1: share of liars among volunteers
 * @example recordBound(40, 0.1) // -> 0.00102189
 */
export function recordBound(auditsPassed: number, liarShare: number): number {
  checkWhole("recordBound", "auditsPassed", auditsPassed, 0, Number.MAX_SAFE_INTEGER);
  checkShare("recordBound", liarShare);
  if (auditsPassed === 0 || liarShare === 1) return liarShare;
  return Math.min(liarShare, liarShare / ((1 - liarShare) * auditsPassed * Math.E));
}

export interface AuditFacts {
  /** G */
  readonly batchRows: number;
  /** c */
  readonly auditedRows: number;
  /** k, of this volunteer, over all its work that counts */
  readonly auditsPassed: number;
  /** f */
  readonly liarShare: number;
  /** Somebody else, chosen by us and at another address, computed the same batch and agreed in every row. */
  readonly hasSecondOpinion?: boolean;
}

/**
 * The better of two bounds on a wrong row that gets through. By the batch's own audits (f * freshBound): the chance that a volunteer drawn
 * from the crowd lies, passes them, and a row drawn from its batch is wrong. That is a share of all rows that come, not of those that are
 * accepted: given that a batch was accepted, the chance is up to 1 / (1 - f) times as high, and among its unaudited rows alone G / (G - c)
 * times. By the record (recordBound): the chance for its next row, given that k audited rows of it passed. Where a second opinion agreed,
 * both must be liars and tell the same lie: that chance times f. Liars may know each other, so the second one's audits count for nothing
 * here.
 * @example answerBound({ batchRows: 10, auditedRows: 3, auditsPassed: 40, liarShare: 0.1 }) // -> 0.00102189
 */
export function answerBound(facts: AuditFacts): number {
  const { batchRows, auditedRows, auditsPassed, liarShare, hasSecondOpinion = false } = facts;
  const alone = Math.min(liarShare * freshBound(batchRows, auditedRows), recordBound(auditsPassed, liarShare));
  return hasSecondOpinion ? alone * liarShare : alone;
}

/**
 * The smallest k with recordBound(k, f) <= bound; Infinity where no k is enough (f = 1).
 * @example auditsNeeded(1e-3, 0.1) // -> 41
 */
export function auditsNeeded(bound: number, liarShare: number): number {
  if (!(bound > 0)) throw new RangeError(`auditsNeeded: expected a bound above 0, got ${bound}`);
  checkShare("auditsNeeded", liarShare);
  if (liarShare <= bound) return 0;
  if (liarShare === 1) return Number.POSITIVE_INFINITY;
  const estimate = Math.max(1, Math.ceil(liarShare / ((1 - liarShare) * bound * Math.E)));
  // Rounding may leave the quotient one off, either way.
  const nearby = [estimate - 1, estimate, estimate + 1];
  return nearby.find((k) => recordBound(k, liarShare) <= bound) ?? estimate + 1;
}

function checkWhole(who: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${who}: expected ${what} to be a whole number in ${least}..${most}, got ${value}`);
  }
}

function checkShare(who: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${who}: expected a share in 0..1, got ${share}`);
}
