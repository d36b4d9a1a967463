/** Inference in the coordinator's process. */
import type { DeskHost } from "../../shell/kind-desk.ts";
import type { ServerKind } from "../server-kind.ts";
import { InferenceDesk, type InferenceDeskOptions } from "./desk.ts";
import { InferenceTeller } from "./teller.ts";
import { inferenceWeb } from "./web/inference-web.ts";

export const inferenceJobs = {
  openDesk: (options: InferenceDeskOptions, host: DeskHost) => new InferenceDesk(options, host),
  openTeller: () => new InferenceTeller(),
  web: inferenceWeb,
} satisfies ServerKind<never, InferenceDeskOptions>;
