/** The seven kinds of codes that the ledger is tested with. */
import { type GroupRule, UNCODED } from "../words.ts";

const systematic = (rows: number, mixtures: number): GroupRule => ({
  ...{ rows, mixtures, apart: "open", goesOutPlain: true },
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= rows,
});

/** One row and its copies; a majority decides. */
const votes = (copies: number, majority: number): GroupRule => ({
  ...{ rows: 1, mixtures: copies - 1, apart: "votes", goesOutPlain: true },
  isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= majority,
});

const mixturesAlone = (rows: number, mixtures: number, needed: number): GroupRule => ({
  ...{ rows, mixtures, apart: "votes", goesOutPlain: false },
  isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= needed,
});

export const RULES: Readonly<Record<string, GroupRule>> = {
  uncoded: UNCODED,
  "groups of 4 without mixtures": { ...UNCODED, rows: 4 },
  "systematic 3 + 1": systematic(3, 1),
  "systematic 4 + 2": systematic(4, 2),
  "systematic 3 + 1 of another model": { ...systematic(3, 1), mixturesApart: true },
  "votes, 2 of 3": votes(3, 2),
  "mixtures alone, 4 of 5 for 3 rows": mixturesAlone(3, 5, 4),
};
