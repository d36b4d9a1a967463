import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import { TimelineSection } from "../../ui/timeline/timeline-later.tsx";
import type { PartProps } from "../job-pages.ts";
import type { MatmulDetail } from "./matmul-detail.ts";
import { MATMUL_WORDS } from "./matmul-receipt.ts";
import { matmulTexts } from "./matmul-texts.ts";

type Props = PartProps<MatmulJobView, MatmulDetail>;

export function MatmulAnswers({ job: { endKind, finishedMs, rows, columns } }: Props) {
  const { answers } = matmulTexts;
  const words = finishedMs === null ? answers.notYet : endKind === "done" ? answers.whole(rows, columns) : answers.none;
  return <p>{words}</p>;
}

/** Who took part and what happened: the receipt tells it, when the job has ended. */
export function MatmulProgress({ job, detail: { timeline, ofKind } }: Props) {
  const { receipt } = ofKind;
  return (
    <>
      {timeline !== null && <TimelineSection timeline={timeline} />}
      {job.finishedMs === null && <p class="hint">{matmulTexts.whileItRuns}</p>}
      {receipt !== null && (
        <>
          <JobEventsList words={MATMUL_WORDS} history={receipt} isVerified={job.isVerified} />
          <VolunteersTable volunteers={receipt.volunteers} hasEnded />
        </>
      )}
    </>
  );
}
