import type { ProgramCommand } from "../command.ts";
import { handOn } from "./hand-on.ts";

export const migrateStore: ProgramCommand = {
  name: "migrate-store",
  summary: "move a coordinator's embedded database to PostgreSQL",
  usage: "",
  about:
    "Moves jobs, answers, volunteers, tokens and receipts of a coordinator that is stopped (PARITAB_DATA_DIR) into an empty database on a " +
    "PostgreSQL server (PARITAB_DATABASE_URL), all or nothing. The old database file does not change: docs/scaling.md.",
  flags: {},
  examples: [
    [
      "PARITAB_DATABASE_URL=postgres://paritab@127.0.0.1/paritab paritab migrate-store",
      "once, before the first start on it",
    ],
  ],
  handOn: (argv) => handOn("migrate-store", argv, []),
};
