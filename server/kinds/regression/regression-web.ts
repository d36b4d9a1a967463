/** Regressions on the web. */
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { WebKind } from "../../web/web-kind.ts";
import type { RegressionPort } from "./port.ts";
import { addResultRoutes } from "./result-routes.ts";
import { addRegressionRoutes } from "./routes.ts";

export const regressionWeb: WebKind<RegressionJobView, RegressionPort> = {
  addRoutes(web, port) {
    addRegressionRoutes(web, port);
    addResultRoutes(web, port);
  },
  notStopped: ({ jobId }) => ({
    status: 409,
    code: "no-weights",
    message: `job ${jobId}: expected a job with weights to end with, got one before its first iteration; cancel it instead`,
  }),
};
