import { expect, test } from "vitest";
import { PostgresServer, postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import { runTorture } from "./run-torture.ts";

sayWithoutPostgres("torture");

const MS_MAX = 400_000;

test.skipIf(postgresPrograms() === null)(
  "[JB1] [CR1] [GJ6] a coordinator on PostgreSQL that is killed loses and doubles nothing that it has acknowledged",
  { timeout: MS_MAX },
  async () => {
    const server = await PostgresServer.start();
    try {
      const report = await runTorture({
        cycles: 2,
        seed: 11,
        volunteers: 4,
        fault: "kill",
        databaseUrl: await server.newDatabase(),
      });
      expect([report.lost, report.doubled, report.wrong]).toEqual([[], [], []]);
      expect(report.jobs.submitted).toBeGreaterThan(0);
      expect(report.jobs.ended).toBe(report.jobs.submitted);
    } finally {
      await server.stop();
    }
  },
);
