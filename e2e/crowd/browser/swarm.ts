/**
 * `npm run swarm -- --url URL --tabs 12 --profile 'straggle:11(p=0.1,ms=400+exp400),liar:1(other-query)' --seed 1` opens
 * that crowd of real tabs and keeps it open until Ctrl-C.
 */
import { parseArgs } from "node:util";
import { wholeNumber } from "../../flags/whole-number.ts";
import { parseBackends } from "./backend-list.ts";
import { FAULT_PROFILE_HELP, parseFaultProfile, printFaultProfile } from "./fault-profile.ts";
import { type Crowd, openCrowd } from "./open-crowd.ts";

const CONNECT_MS_MAX = 120_000;
const STATUS_MS = 5_000;
const TABS_MAX = 1_000;

const OPTIONS = {
  url: { type: "string" },
  tabs: { type: "string", default: "12" },
  profile: { type: "string", default: "honest" },
  seed: { type: "string", default: "1" },
  backend: { type: "string", default: "any" },
  /** Tabs of a crowd of another name are other volunteers; without one they are new each time. */
  crowd: { type: "string" },
  /** To a T-private job: of tab 0, 1, ..., separated by commas. */
  invitations: { type: "string", default: "" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const HELP = `\
npm run swarm -- --url URL [--tabs 12] [--profile PROFILE] [--seed 1] [--backend any|webgl|wasm|cpu[,...]]
                 [--crowd NAME] [--invitations TOKEN,TOKEN,...]

Opens real tabs, each a volunteer of its own, at a coordinator that was started with --allow-faults, until Ctrl-C.

${FAULT_PROFILE_HELP}`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const seed = wholeNumber("--seed", values.seed, Number.MIN_SAFE_INTEGER);
  if (values.url === undefined || !URL.canParse(values.url)) {
    throw new Error(`--url: expected an address like http://127.0.0.1:8787, got "${values.url ?? "nothing"}"`);
  }
  const profile = parseFaultProfile(values.profile);
  const options = {
    url: values.url,
    tabs: wholeNumber("--tabs", values.tabs, 1, TABS_MAX),
    profile,
    seed,
    crowd: values.crowd ?? `swarm-${Date.now().toString(36)}`,
    backends: parseBackends(values.backend),
    invitations: values.invitations === "" ? [] : values.invitations.split(","),
  };
  console.log(`Opening ${options.tabs} tabs: ${printFaultProfile(profile)}, seed ${seed}`);
  const crowd = await openCrowd(options);
  await keepOpen(crowd);
}

/** Until Ctrl-C, with a line about it whenever it changes. */
async function keepOpen(crowd: Crowd): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  for (const { name, faults, backend } of crowd.tabs) {
    const own = printFaultProfile(faults.map((fault) => ({ fault, tabCount: 1 })));
    console.log(`  ${name}: ${backend ?? "any back-end"}, ${own}`);
  }
  let lastLine = "";
  const tell = async () => {
    const line = summary(await crowd.status());
    if (line !== lastLine) console.log(line);
    lastLine = line;
  };
  try {
    await Promise.race([crowd.connected(CONNECT_MS_MAX), stopped]);
    await tell();
    const timer = setInterval(() => void tell(), STATUS_MS);
    await stopped;
    clearInterval(timer);
  } finally {
    await crowd.close();
  }
}

/** For instance "10 waiting, 2 computing; 340 answered, 12 late" */
function summary(statuses: Awaited<ReturnType<Crowd["status"]>>): string {
  const activities = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by);
  for (const status of statuses) {
    add(activities, status?.activity.kind ?? "gone", 1);
    for (const [outcome, count] of Object.entries(status?.counts ?? {})) if (count > 0) add(outcomes, outcome, count);
  }
  const list = (counts: Map<string, number>) => [...counts].map(([key, count]) => `${count} ${key}`).join(", ");
  return `${list(activities)}; ${list(outcomes) || "nothing computed yet"}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
