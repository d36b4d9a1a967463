import { sep } from "node:path";
import type { ProgramCommand } from "../command.ts";
import { handOn } from "./hand-on.ts";

export const serve: ProgramCommand = {
  name: "serve",
  summary: "run a coordinator",
  usage: "[--port PORT] [--data-dir FOLDER] [--lan] [--class SEATS] [--allow-faults]",
  about:
    "What `npm start` does: builds the pages if need be, then serves volunteers at / and submitters at /dashboard until " +
    "Ctrl-C. More settings are environment variables: docs/run-a-coordinator.md.",
  flags: {
    port: { value: "PORT", help: "8787 unless PARITAB_PORT says otherwise" },
    "data-dir": {
      value: "FOLDER",
      help: "the folder for jobs, answers and volunteers (./data of the project, or of the current folder)",
    },
    lan: { help: "serve the local network by https, with a certificate of its own making: docs/lan.md" },
    class: { value: "SEATS", help: "begin a class of so many: seats, a job, and a page to project: docs/class.md" },
    "allow-faults": { help: "also serve the swarm's page, whose tabs misbehave on purpose" },
  },
  examples: [["paritab serve --port 9000 --data-dir ~/paritab", "a coordinator with a place of its own"]],
  handOn(argv, { environment }) {
    const isSaid =
      argv.some((word) => word === "--data-dir" || word.startsWith("--data-dir=")) || environment.PARITAB_DATA_DIR;
    // Of a package the program lies where nobody looks for data, and where the next version replaces it.
    const here = !isSaid && import.meta.filename.split(sep).includes("node_modules") ? ["--data-dir", "data"] : [];
    return handOn("start", [...argv, ...here], ["--data-dir"]);
  },
};
