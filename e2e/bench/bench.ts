/**
 * `npm run bench -- NAME [--seed N] [--json FILE] [flags of its own]` measures one thing and prints one table; without a
 * name it lists what there is. FILE gets { name, machine, commit, seed, rows }, and further tables of the run by their names.
 */
import { parseArgs } from "node:util";
import { approxiferAccuracy } from "../proofs/scenarios/approxifer-accuracy.ts";
import { halfRows } from "../proofs/scenarios/half-rows.ts";
import { ablation } from "./ablation.ts";
import { attacks } from "./attacks.ts";
import { avcc } from "./avcc.ts";
import { avccAttackSize } from "./avcc-attack-size.ts";
import { avccCurve } from "./avcc-curve.ts";
import { calibration } from "./calibration.ts";
import { capacity } from "./capacity.ts";
import { crowdSize } from "./crowd-size.ts";
import { dial } from "./dial.ts";
import { fairness } from "./fairness.ts";
import { falseAlarms } from "./false-alarms.ts";
import { gain } from "./gain.ts";
import { illConditioned } from "./ill-conditioned.ts";
import { inference } from "./inference.ts";
import { kernels } from "./kernels.ts";
import { load } from "./load.ts";
import { measure } from "./measure.ts";
import type { Measurer } from "./measurement.ts";
import { overhead } from "./overhead.ts";
import { receipts } from "./receipts.ts";
import { receiptsShare } from "./receipts-share.ts";
import { rowAttacks } from "./row-attacks.ts";
import { rowGrid } from "./row-grid.ts";
import { rowSpeeds } from "./row-speeds.ts";
import { shapes } from "./shapes.ts";
import { speeds } from "./speeds.ts";
import { speedsReal } from "./speeds-real.ts";
import { speedsRegression } from "./speeds-regression.ts";
import { tabLoop } from "./tab-loop.ts";
import { takenBack } from "./taken-back.ts";
import { texts } from "./texts.ts";
import { tolerance } from "./tolerance.ts";
import { waiting } from "./waiting.ts";
import { waitingLiars } from "./waiting-liars.ts";
import { waitingReal } from "./waiting-real.ts";
import { zoo } from "./zoo.ts";

const BENCHES: Readonly<Record<string, Measurer>> = {
  ablation,
  accuracy: approxiferAccuracy,
  attacks,
  avcc,
  "avcc-attack-size": avccAttackSize,
  "avcc-curve": avccCurve,
  calibration,
  capacity,
  "crowd-size": crowdSize,
  dial,
  fairness,
  "false-alarms": falseAlarms,
  gain,
  "half-rows": halfRows,
  "ill-conditioned": illConditioned,
  inference,
  kernels,
  load,
  overhead,
  receipts,
  "receipts-share": receiptsShare,
  "row-attacks": rowAttacks,
  "row-grid": rowGrid,
  "row-speeds": rowSpeeds,
  "waiting-liars": waitingLiars,
  "waiting-real": waitingReal,
  "tab-loop": tabLoop,
  "taken-back": takenBack,
  shapes,
  speeds,
  "speeds-real": speedsReal,
  "speeds-regression": speedsRegression,
  texts,
  tolerance,
  waiting,
  zoo,
};

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    for (const [known, { title, flags = [], switches = [] }] of Object.entries(BENCHES)) {
      const settings = [...flags.map((flag) => `--${flag} VALUE`), ...switches.map((flag) => `--${flag}`)];
      console.log(`${known.padEnd(12)} ${title}${settings.map((setting) => ` [${setting}]`).join("")}`);
    }
    return;
  }
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined) {
    throw new Error(`bench: expected one of ${Object.keys(BENCHES).join(", ")}, got "${name}"`);
  }
  const withValue = Object.fromEntries((bench.flags ?? []).map((flag) => [flag, { type: "string" as const }]));
  const without = Object.fromEntries((bench.switches ?? []).map((flag) => [flag, { type: "boolean" as const }]));
  const common = { seed: { type: "string", default: "1" }, json: { type: "string" } } as const;
  const { values } = parseArgs({ args, options: { ...withValue, ...without, ...common } });
  const given = Object.entries(values as Record<string, string | boolean>);
  const texts = given.map(([flag, value]) => [flag, value === true ? "yes" : value]);
  const { seed, json, ...flags } = Object.fromEntries(texts) as Readonly<Record<string, string | undefined>>;
  await measure(bench, { seed: Number(seed), jsonFile: json ?? null, flags });
}

main().catch((error: unknown) => {
  // Of a thread's error the message may be lost.
  console.error(error instanceof Error && error.message !== "" ? error.message : error);
  process.exitCode = 1;
});
