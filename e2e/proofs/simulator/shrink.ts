/** The shortest trace that a failure needs: faults, jobs and tabs are left out while the same rule is still broken. */
import { jobNames, type Reduction, reduced, TROUBLE_NAMES, wholeRun } from "./reduction.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulation.ts";

const TRIALS_MAX = 60;
const TRACE_MAX = 40;

export interface Shrunk {
  readonly reduction: Reduction;
  readonly problems: readonly string[];
  readonly happenings: number;
  /** The last events before the failure, one line each. */
  readonly trace: readonly string[];
}

/** @param problemsOf what is wrong with a report; the rule that the first one names is the one that is followed */
export async function shrink(
  options: SimulationOptions,
  problemsOf: (report: SimulationReport) => readonly string[],
): Promise<Shrunk> {
  let trials = 0;
  const attempt = async (reduction: Reduction): Promise<Shrunk> => {
    const trace: string[] = [];
    const report = await simulate({
      ...reduced(options, reduction),
      onEvent: (event, crashes) => {
        trace.push(`${crashes > 0 ? `after crash ${crashes}, ` : ""}${lineOf(event)}`);
        if (trace.length > TRACE_MAX) trace.shift();
      },
    });
    return { reduction, problems: problemsOf(report), happenings: report.happenings, trace };
  };
  let best = await attempt(wholeRun(options));
  const rule = ruleOf(best.problems[0]);
  const better = async (reduction: Reduction): Promise<boolean> => {
    if (++trials > TRIALS_MAX) return false;
    const found = await attempt(reduction);
    const isSame = found.problems.length > 0 && ruleOf(found.problems[0]) === rule;
    if (isSame && found.happenings <= 2 * best.happenings) best = found;
    return isSame;
  };
  for (const trouble of TROUBLE_NAMES)
    await better({ ...best.reduction, without: [...best.reduction.without, trouble] });
  for (const name of jobNames(options)) {
    const { dropped } = best.reduction;
    if (dropped.length + 1 < jobNames(options).length) await better({ ...best.reduction, dropped: [...dropped, name] });
  }
  for (let cut = Math.floor(best.reduction.tabs / 2); cut > 0; cut = Math.floor(cut / 2)) {
    while (best.reduction.tabs - cut > 0 && (await better({ ...best.reduction, tabs: best.reduction.tabs - cut })));
  }
  for (let tab = 0; tab < best.reduction.tabs; tab++)
    await better({ ...best.reduction, honest: [...best.reduction.honest, tab] });
  return best;
}

/** "[AS1] assignment ..." is about AS1; what names no rule is about itself. */
function ruleOf(problem: string | undefined): string {
  return problem?.match(/^\[\w+\]/)?.[0] ?? problem?.slice(0, 40) ?? "";
}

function lineOf({ atMs, type, ...rest }: { readonly atMs: number; readonly type: string }): string {
  const facts = type === "restored" ? "" : JSON.stringify(rest).slice(0, 160);
  return `${atMs.toFixed(1)} ms ${type} ${facts}`;
}
