import type { ProgramCommand } from "../command.ts";
import { handOn } from "./hand-on.ts";

export const serve: ProgramCommand = {
  name: "serve",
  summary: "run a coordinator",
  usage: "[--port PORT] [--data-dir FOLDER] [--lan] [--allow-faults]",
  about:
    "What `npm start` does: builds the pages if need be, then serves volunteers at / and submitters at /dashboard until " +
    "Ctrl-C. More settings are environment variables: docs/run-a-coordinator.md.",
  flags: {
    port: { value: "PORT", help: "8787 unless PARITAB_PORT says otherwise" },
    "data-dir": { value: "FOLDER", help: "where jobs, answers and volunteers are kept (./data of the project)" },
    lan: { help: "others on the network reach it by https, with a certificate of its own making: docs/lan.md" },
    "allow-faults": { help: "also serves the swarm's page, whose tabs misbehave on purpose" },
  },
  examples: [["paritab serve --port 9000 --data-dir ~/paritab", "a coordinator with a place of its own"]],
  handOn: (argv) => handOn("start", argv, ["--data-dir"]),
};
