/** All commands, in the order in which one meets them. */
import type { Command } from "./command.ts";
import { cancel } from "./commands/cancel.ts";
import { capacity } from "./commands/capacity.ts";
import { convert } from "./commands/convert.ts";
import { estimateGradient } from "./commands/estimate-gradient.ts";
import { estimateInferenceCommand } from "./commands/estimate-inference.ts";
import { estimateMatmul } from "./commands/estimate-matmul.ts";
import { jobs } from "./commands/jobs.ts";
import { login } from "./commands/login.ts";
import { predict } from "./commands/predict.ts";
import { receipt } from "./commands/receipt.ts";
import { results } from "./commands/results.ts";
import { serve } from "./commands/serve.ts";
import { stop } from "./commands/stop.ts";
import { submitRegression } from "./commands/submit-gradient.ts";
import { submitInference } from "./commands/submit-inference.ts";
import { submitMatmul } from "./commands/submit-matmul.ts";
import { swarm } from "./commands/swarm.ts";
import { watch } from "./commands/watch.ts";

export const COMMANDS: readonly Command[] = [
  login,
  capacity,
  estimateInferenceCommand,
  estimateGradient,
  estimateMatmul,
  submitInference,
  submitRegression,
  submitMatmul,
  watch,
  results,
  predict,
  receipt,
  jobs,
  stop,
  cancel,
  convert,
  serve,
  swarm,
];
