import type { Dashboard } from "../kinds/job-pages.ts";
import { FIRST_STEPS } from "./loaded-kinds.ts";

/** First jobs in one click, for whoever has none yet. */
export function FirstSteps({ dashboard }: { dashboard: Dashboard }) {
  return (
    <>
      {FIRST_STEPS.map((FirstStep, i) => (
        <FirstStep key={i} dashboard={dashboard} />
      ))}
    </>
  );
}
