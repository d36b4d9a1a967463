import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { ReceiptSection } from "../../coded/receipt-section.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import type { OpenDetail } from "../job-pages.ts";
import type { MatmulDetail } from "./matmul-detail.ts";
import { MATMUL_WORDS, matmulReceiptParts } from "./matmul-receipt.ts";
import { matmulTexts } from "./matmul-texts.ts";

interface MatmulDetailProps {
  readonly job: MatmulJobView;
  readonly detail: OpenDetail<MatmulDetail>;
}

/** Who took part and what happened: the receipt tells it, when the job has ended. */
export function MatmulDetailView({ job, detail: { timeline, ofKind } }: MatmulDetailProps) {
  const { receipt } = ofKind;
  return (
    <div class="detail">
      {timeline !== null && <TimelineSection timeline={timeline} />}
      {job.finishedMs === null && <p class="hint">{matmulTexts.whileItRuns}</p>}
      {receipt !== null && (
        <>
          <JobEventsList words={MATMUL_WORDS} history={receipt} isVerified={job.isVerified} />
          <VolunteersTable volunteers={receipt.volunteers} hasEnded />
          <ReceiptSection receipt={receipt} parts={matmulReceiptParts(receipt)} />
        </>
      )}
    </div>
  );
}
