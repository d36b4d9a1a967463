/** All commands, in the order in which one meets them. */

import { estimateInferenceCommand } from "../kinds/inference/cli/estimate-inference.ts";
import { submitInference } from "../kinds/inference/cli/submit-inference.ts";
import { estimateMatmul } from "../kinds/matmul/cli/estimate-matmul.ts";
import { submitMatmul } from "../kinds/matmul/cli/submit-matmul.ts";
import { estimateGradient } from "../kinds/regression/cli/estimate-regression.ts";
import { predict } from "../kinds/regression/cli/predict.ts";
import { submitRegression } from "../kinds/regression/cli/submit-regression.ts";
import type { Command } from "./command.ts";
import { cancel } from "./commands/cancel.ts";
import { capacity } from "./commands/capacity.ts";
import { convert } from "./commands/convert.ts";
import { jobs } from "./commands/jobs.ts";
import { login } from "./commands/login.ts";
import { receipt } from "./commands/receipt.ts";
import { results } from "./commands/results.ts";
import { serve } from "./commands/serve.ts";
import { stop } from "./commands/stop.ts";
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
