/** All commands, in the order in which one meets them; those of a kind of job come from the list of kinds. */
import { CLI_KINDS } from "../kinds/cli-kinds.ts";
import type { Command } from "./command.ts";
import { auditor } from "./commands/auditor.ts";
import { cancel } from "./commands/cancel.ts";
import { capacity } from "./commands/capacity.ts";
import { beginClass } from "./commands/class.ts";
import { completion } from "./commands/completion.ts";
import { convert } from "./commands/convert.ts";
import { deleteJobs } from "./commands/delete.ts";
import { jobs } from "./commands/jobs.ts";
import { join } from "./commands/join.ts";
import { login } from "./commands/login.ts";
import { migrateStore } from "./commands/migrate-store.ts";
import { receipt } from "./commands/receipt.ts";
import { results } from "./commands/results.ts";
import { serve } from "./commands/serve.ts";
import { stop } from "./commands/stop.ts";
import { swarm } from "./commands/swarm.ts";
import { verifyReceipt } from "./commands/verify.ts";
import { watch } from "./commands/watch.ts";

const KINDS = Object.values(CLI_KINDS);

export const COMMANDS: readonly Command[] = [
  login,
  capacity,
  ...KINDS.map(({ estimate }) => estimate),
  ...KINDS.map(({ submit }) => submit),
  watch,
  results,
  ...KINDS.flatMap(({ more = [] }) => more),
  receipt,
  verifyReceipt,
  jobs,
  stop,
  cancel,
  deleteJobs,
  convert,
  serve,
  beginClass,
  migrateStore,
  join,
  auditor,
  swarm,
  completion(() => COMMANDS),
];
