/** Regressions in the coordinator's process. */
import { CodedTeller } from "../../coded/teller.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import type { ServerKind } from "../server-kind.ts";
import { RegressionDesk, type RegressionDeskOptions } from "./desk.ts";
import { regressionWeb } from "./regression-web.ts";

export const regressionJobs = {
  openDesk: (options: RegressionDeskOptions, host: DeskHost) => new RegressionDesk(options, host),
  openTeller: () => new CodedTeller(),
  web: regressionWeb,
} satisfies ServerKind<never, RegressionDeskOptions>;
