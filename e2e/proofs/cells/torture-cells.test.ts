import { expect, test } from "vitest";
import { postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import { ALL_CELL_FAULTS, CELL_FAULTS, tortureCells } from "./torture-cells.ts";

sayWithoutPostgres("torture of cells");

/** Of `npm run test:cells`: so many, with pauses of the database; in the gate one of each without them, which pauses.test.ts has. */
const CYCLES = Number(process.env.CELL_CYCLES ?? CELL_FAULTS.length);
const FAULTS = process.env.CELL_CYCLES === undefined ? CELL_FAULTS : ALL_CELL_FAULTS;
const MS_MAX = 200_000 + CYCLES * 120_000;

test.skipIf(postgresPrograms() === null)(
  `[CE2] [CE3] [CE11] [JB1] [CR1] two cells behind one address lose and double nothing: ${CYCLES} kills, pauses and faults of the database`,
  { timeout: MS_MAX },
  async () => {
    const faults = Array.from({ length: CYCLES }, (_, cycle) => FAULTS[cycle % FAULTS.length]!);
    const report = await tortureCells(faults, 5, (line) => console.log(line));
    expect(report.problems).toEqual([]);
    expect(report.cycles).toBe(CYCLES);
    expect(report.cameBack).toBe(report.faults.pause);
    expect(report.finalAnswers).toBeGreaterThan(0);
    expect(report.creditedResults).toBeGreaterThan(0);
    console.log(JSON.stringify(report));
  },
);
