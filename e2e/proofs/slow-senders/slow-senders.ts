/** `npm run slow-senders -- [--sockets N] [--json FILE]`: sockets that give nothing, and how long honest people wait meanwhile. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { tableOf } from "../../bench/table.ts";
import { sayUsageErrors } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { runSlowSenders } from "./run-slow-senders.ts";

sayUsageErrors();
const { values } = parseArgs({ options: { sockets: { type: "string", default: "2000" }, json: { type: "string" } } });
const sockets = wholeNumber("--sockets", values.sockets, 1);

/** Twice the longest that any of them may be held. */
const CUT_MS_MAX = 90_000;
const report = await runSlowSenders({ sockets, msMax: CUT_MS_MAX });
const columns = [
  { key: "kind", title: "slow sender" },
  { key: "opened", title: "opened" },
  { key: "cut", title: "cut off" },
  { key: "cutMsP50", title: "after ms, p50" },
  { key: "cutMsMax", title: "longest" },
];
console.log(tableOf(columns, report.kinds));
const { attempts, failed, httpMsP50, httpMsMax, socketMsP50, socketMsMax } = report.honest;
const cut = report.kinds.reduce((sum, kind) => sum + kind.cut, 0);
console.log(
  `\nslow-senders: ${cut} of ${sockets} sockets cut off; ${attempts} new honest clients, ${failed} not served; HTTP p50 ${httpMsP50} ms, longest ${httpMsMax} ms; socket p50 ${socketMsP50} ms, longest ${socketMsMax} ms`,
);
for (const reason of report.honest.reasons) console.log(`  not served: ${reason}`);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exitCode = cut < sockets || failed > 0 ? 1 : 0;
