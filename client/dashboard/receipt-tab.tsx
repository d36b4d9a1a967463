import type { Receipt as AnyReceipt, JobView } from "../../shared/kinds/kinds.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { saveFile } from "../ui/jobs/save-file.ts";
import { receiptPage as texts } from "../ui/receipt-texts.ts";
import { Terms } from "../ui/terms.tsx";
import { duration } from "../ui/units.ts";
import { useAsked } from "../ui/use-asked.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { pagesOf } from "./loaded-kinds.ts";
import { ReceiptChecks } from "./receipt-checks.tsx";

/** The receipt of one job, to read, print and hand on; before the job has ended, that there will be one. */
export function ReceiptTab({ client, job: { jobId, finishedMs } }: { client: ParitabClient; job: JobView }) {
  const question = finishedMs === null ? null : [client, jobId];
  const asked = useAsked(question, (signal) => client.receipt(jobId, signal));
  if (finishedMs === null) return <p class="panel">{pageTexts.receipt.notYet}</p>;
  if (asked.kind === "nothing" || asked.kind === "asking") return <p class="panel hint">{texts.loading}</p>;
  if (asked.kind === "failed") {
    return (
      <p class="note error" role="alert">
        {texts.failed(asked.message)}
      </p>
    );
  }
  return <Paper client={client} receipt={asked.value} />;
}

function Paper({ client, receipt }: { client: ParitabClient; receipt: AnyReceipt }) {
  const { Receipt } = pagesOf(receipt);
  return (
    <article class="panel paper" aria-labelledby="receipt-title">
      <header>
        <h2 id="receipt-title">{texts.title(receipt.submission.name)}</h2>
        <p class="lead">{texts.lead}</p>
        <div class="buttons no-print">
          <button type="button" class="small" onClick={() => print()}>
            {texts.print}
          </button>
          <button type="button" class="small" onClick={() => save(receipt)}>
            {texts.save}
          </button>
        </div>
        <p class="hint no-print">{texts.handOn}</p>
      </header>
      <JobSection receipt={receipt} />
      <ReceiptChecks client={client} receipt={receipt} />
      <Receipt receipt={receipt} />
    </article>
  );
}

function JobSection({ receipt }: { receipt: AnyReceipt }) {
  const { job } = texts;
  const { jobId, submission, submittedMs, finishedMs } = receipt;
  const facts: [string, string][] = [
    [job.id, jobId],
    [job.submitter, submission.submitter],
    ...(submission.purpose === undefined ? [] : [[job.purpose, submission.purpose] as [string, string]]),
    [job.ended, job.endedText(pagesOf(receipt).endOf(receipt), new Date(finishedMs).toUTCString())],
    [job.took, duration(finishedMs - submittedMs)],
  ];
  return (
    <section aria-label={job.title}>
      <h2>{job.title}</h2>
      <Terms rows={facts} />
    </section>
  );
}

function save(receipt: AnyReceipt): void {
  const text = JSON.stringify(receipt, null, 2);
  saveFile(new Blob([text], { type: "application/json" }), `${receipt.jobId}-receipt.json`);
}
