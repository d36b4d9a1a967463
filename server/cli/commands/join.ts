import type { ProgramCommand } from "../command.ts";
import { whereTo } from "../settings.ts";
import { handOn } from "./hand-on.ts";

export const join: ProgramCommand = {
  name: "join",
  summary: "compute as a volunteer on this machine, without a screen",
  usage: "[--url URL] [--threads COUNT] [--intensity PERCENT] [...]",
  about:
    "Opens the volunteer's page in a Chromium of its own, presses Start, and says how it goes until Ctrl-C, which finishes the " +
    "batch in hand first. Its key and settings stay in a folder, so the next start is the same volunteer.",
  flags: {
    url: { value: "URL", help: "the coordinator's address; else as for every command" },
    threads: { value: "COUNT", help: "compute threads (as it was set before, or half of the cores, at most 4)" },
    intensity: { value: "PERCENT", help: "share of the time that is spent computing, 5 to 100 (60)" },
    "also-when-busy": { help: "go on while the machine is busy or hot, instead of easing off and pausing" },
    nickname: { value: "NAME", help: "shown on the leaderboard" },
    team: { value: "NAME", help: "the team for which the work counts" },
    profile: { value: "FOLDER", help: "key and settings (paritab/volunteer below XDG_DATA_HOME or ~/.local/share)" },
    ca: {
      value: "FILE",
      help: "a certificate authority to trust: for a coordinator on the local network, the file at its /ca.crt",
    },
  },
  examples: [
    [
      "paritab join --url https://paritab.example.org --threads 4 --also-when-busy",
      "a server that has nothing else to do",
    ],
    ["paritab join --url https://192.168.1.5:8787 --ca ca.crt", "a machine on a lab's network"],
  ],
  async handOn(argv, terminal) {
    const hasUrl = argv.some((word) => word === "--url" || word.startsWith("--url="));
    const url = hasUrl ? [] : ["--url", (await whereTo(terminal.environment, undefined)).url];
    return handOn("join", [...url, ...argv], ["--profile", "--ca"]);
  },
};
