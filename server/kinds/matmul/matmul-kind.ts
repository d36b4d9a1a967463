/** Products of matrices in the coordinator's process. */
import { CodedTeller } from "../../coded/teller.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import type { ServerKind } from "../server-kind.ts";
import { MatmulDesk, type MatmulDeskOptions } from "./desk.ts";
import { matmulWeb } from "./matmul-web.ts";

export const matmulJobs = {
  openDesk: (options: MatmulDeskOptions, host: DeskHost) => new MatmulDesk(options, host),
  openTeller: () => new CodedTeller(),
  web: matmulWeb,
} satisfies ServerKind<never, MatmulDeskOptions>;
