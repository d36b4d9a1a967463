/** What A and B have to be for each other, by their shapes alone. */
export interface FactorShape {
  readonly rows: number;
  readonly columns: number;
}

/**
 * @returns what is wrong, in words for whoever submits them; null: there is a product
 * @example factorsProblem({ rows: 2, columns: 3 }, { rows: 4, columns: 5 }) // -> "A, B: expected A's columns to be as many as B's rows, got 2 x 3 and 4 x 5"
 */
export function factorsProblem(left: FactorShape, right: FactorShape): string | null {
  if (left.columns === right.rows) return null;
  const got = `${left.rows} x ${left.columns} and ${right.rows} x ${right.columns}`;
  return `A, B: expected A's columns to be as many as B's rows, got ${got}`;
}
