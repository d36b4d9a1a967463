/**
 * After a restart all volunteers connect again, and those of a coalition may be there before all others: no partner is drawn before the others
 * have had the time, and none of their coins is answered by the coordinator. The same where tabs of other coordinators come. SPEC.md CC7.
 */
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { setJobTimer } from "../../../../coordinator/step-context.ts";
import type { InferenceJob } from "../job.ts";
import type { InferenceTimer } from "../work.ts";
import type { JobChecks } from "./job-checks.ts";

/** Where rows of the job went out before, here or at a coordinator whose tabs come here; or where it begins while tabs are still coming back. */
export function waitForVolunteers(step: Step, job: InferenceJob): void {
  const { checks, stored } = job;
  const { settings, tabsBackMs } = step.state;
  const goesOn = stored.crossChecks?.run !== undefined;
  const backMs = goesOn ? step.nowMs + settings.comeBackMs : tabsBackMs;
  if (checks === null || backMs <= step.nowMs) return;
  checks.drawsFromMs = backMs;
  setJobTimer<InferenceTimer>(step, job, checks.drawsFromMs, { type: "volunteersBack" });
}

/** [CE8] Tabs of other coordinators are to come here, and those of a coalition may be here before all others. */
export function waitForMovers(step: Step, job: InferenceJob): void {
  const { checks } = job;
  const { tabsBackMs } = step.state;
  if (checks === null || tabsBackMs <= Math.max(step.nowMs, checks.drawsFromMs)) return;
  checks.drawsFromMs = tabsBackMs;
  setJobTimer<InferenceTimer>(step, job, tabsBackMs, { type: "volunteersBack" });
}

export function areComingBack({ nowMs }: CoordinatorState, { drawsFromMs }: JobChecks): boolean {
  return nowMs < drawsFromMs;
}

/** Rows that waited are looked at before the step ends. [CC5] Devices of those who are back are measured from now on. */
export function volunteersBack({ checks }: InferenceJob): void {
  if (checks === null) return;
  checks.mustSweep = true;
  checks.begunAtRow = checks.rowsTaken;
}
