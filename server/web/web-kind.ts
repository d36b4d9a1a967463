/** What a kind of job brings to the web beside what every job is asked. */
import type { JobView } from "../../shared/kinds/kinds.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiProblem, CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";
import type { LaterAnswers } from "./later-answers.ts";
import type { OtherCells } from "./other-cells.ts";
import type { Ownership } from "./ownership.ts";
import type { App } from "./route.ts";
import type { createUploadBudget } from "./upload-budget.ts";

/** What routes are built with. */
export interface Web {
  readonly app: App;
  readonly port: CoordinatorPort;
  readonly ownership: Ownership;
  readonly uploadBudget: ReturnType<typeof createUploadBudget>;
  readonly later: LaterAnswers;
  /** null: this is the only coordinator of its database. */
  readonly otherCells: OtherCells | null;
}

/** Port: what jobs of this kind alone are asked; null: nothing. */
export interface WebKind<View extends JobView, Port> {
  addRoutes(web: Web, port: Port): void;
  /** Why a job that is at work could not be stopped. null: jobs of this kind end by themselves, or are cancelled. */
  readonly notStopped: ((view: View) => ApiProblem) | null;
}

/** @param expected for people, with an article @throws ApiFailure 404 where there is no such job, 409 where it is of another kind */
export function jobOfKind<Kind extends JobView["kind"]>(
  port: Pick<CoordinatorPort, "jobView">,
  parameters: unknown,
  kind: Kind,
  expected: string,
): Extract<JobView, { kind: Kind }> {
  const jobId = jobIdOf(parameters);
  const view = port.jobView(jobId) ?? unknownJob(jobId);
  if (view.kind === kind) return view as Extract<JobView, { kind: Kind }>;
  throw new ApiFailure(409, "wrong-kind", `job ${jobId}: expected ${expected}, got one of kind ${view.kind}`);
}
