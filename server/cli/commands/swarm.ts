import type { ProgramCommand } from "../command.ts";
import { whereTo } from "../settings.ts";
import { handOn } from "./hand-on.ts";

export const swarm: ProgramCommand = {
  name: "swarm",
  summary: "open a crowd of real tabs, with faults if you like",
  usage: "[--url URL] [--tabs COUNT] [--profile PROFILE] [--seed SEED] [...]",
  about:
    "Needs Chromium, and a coordinator that was started with --allow-faults. The tabs stay open until Ctrl-C. A profile " +
    "names faults and how many tabs have each: straggle, slow, mute, leaves, liar.",
  flags: {
    url: { value: "URL", help: "the coordinator's address; else as for every command" },
    tabs: { value: "COUNT", help: "12" },
    profile: { value: "PROFILE", help: "honest" },
    seed: { value: "SEED", help: "1; the same seed gives the same faults" },
    backend: { value: "NAMES", help: "webgl, wasm or cpu, several with commas between (any)" },
    crowd: { value: "NAME", help: "the same volunteers as of every crowd of that name; without it new ones" },
    invitations: { value: "TOKENS", help: "to a private job, one a tab, with commas between" },
  },
  examples: [
    ["paritab swarm --tabs 7", "seven honest tabs"],
    ["paritab swarm --profile 'straggle:11(p=0.1,ms=400+exp400),liar:1(other-query)'", "some late, one lying"],
  ],
  async handOn(argv, terminal) {
    const hasUrl = argv.some((word) => word === "--url" || word.startsWith("--url="));
    const url = hasUrl ? [] : ["--url", (await whereTo(terminal.environment, undefined)).url];
    return handOn("swarm", [...url, ...argv], []);
  },
};
