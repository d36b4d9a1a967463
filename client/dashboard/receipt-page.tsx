import { useEffect, useState } from "preact/hooks";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { JobEventsList } from "../coded/job-events-list.tsx";
import { ReceiptSection } from "../coded/receipt-section.tsx";
import { VolunteersTable } from "../coded/volunteers-table.tsx";
import { InferenceReceiptView } from "../kinds/inference/inference-receipt.tsx";
import { HashCheck } from "../ui/jobs/hash-check.tsx";
import { saveFile } from "../ui/jobs/save-file.ts";
import { receiptPage as texts } from "../ui/receipt-texts.ts";
import { duration } from "../ui/units.ts";
import { hashOf } from "./open-job.ts";

type AnyReceipt = InferenceReceipt | RegressionReceipt | MatmulReceipt;
type Fetched = { kind: "loading" } | { kind: "there"; receipt: AnyReceipt } | { kind: "failed"; message: string };

/** A receipt to read, print and hand on, at an address of its own. */
export function ReceiptPage({ client, jobId }: { client: ParitabClient; jobId: string }) {
  const [fetched, setFetched] = useState<Fetched>({ kind: "loading" });
  useEffect(() => {
    const giveUp = new AbortController();
    client.receipt(jobId, giveUp.signal).then(
      (receipt) => setFetched({ kind: "there", receipt }),
      (error: unknown) => {
        if (!giveUp.signal.aborted) setFetched({ kind: "failed", message: (error as Error).message });
      },
    );
    return () => giveUp.abort();
  }, [client, jobId]);
  if (fetched.kind === "loading") return <p class="hint">{texts.loading}</p>;
  if (fetched.kind === "failed") {
    return (
      <p class="note error" role="alert">
        {texts.failed(fetched.message)} <a href={hashOf(jobId)}>{texts.back}</a>
      </p>
    );
  }
  return <Paper receipt={fetched.receipt} />;
}

function Paper({ receipt }: { receipt: AnyReceipt }) {
  return (
    <article class="panel paper" aria-labelledby="receipt-title">
      <header>
        <h1 id="receipt-title">{texts.title(receipt.submission.name)}</h1>
        <p class="lead">{texts.lead}</p>
        <div class="buttons no-print">
          <button type="button" class="small" onClick={() => print()}>
            {texts.print}
          </button>
          <button type="button" class="small" onClick={() => save(receipt)}>
            {texts.save}
          </button>
          <a class="button small" href={hashOf(receipt.jobId)}>
            {texts.back}
          </a>
        </div>
        <p class="hint no-print">{texts.handOn}</p>
      </header>
      <JobSection receipt={receipt} />
      {receipt.kind === "inference" ? (
        <InferenceReceiptView receipt={receipt} />
      ) : (
        <>
          <JobEventsList kind={receipt.kind} history={receipt} isVerified={receipt.verification.method !== "none"} />
          <VolunteersTable volunteers={receipt.volunteers} hasEnded />
          <ReceiptSection receipt={receipt} />
          <HashCheck hashes={codedHashes(receipt)} />
        </>
      )}
    </article>
  );
}

function JobSection({ receipt }: { receipt: AnyReceipt }) {
  const { job } = texts;
  const { jobId, submission, submittedMs, finishedMs } = receipt;
  const state = receipt.kind === "inference" ? receipt.state : receipt.endKind;
  const facts: [string, string][] = [
    [job.id, jobId],
    [job.submitter, submission.submitter],
    ...(submission.purpose === undefined ? [] : [[job.purpose, submission.purpose] as [string, string]]),
    [job.ended, job.endedText(state, new Date(finishedMs).toUTCString())],
    [job.took, duration(finishedMs - submittedMs)],
  ];
  return (
    <section aria-label={job.title}>
      <h2>{job.title}</h2>
      <dl>
        {facts.map(([term, words]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function codedHashes(receipt: RegressionReceipt | MatmulReceipt): [string, string | null][] {
  return receipt.kind === "matmul"
    ? [
        ["A", receipt.leftSha256],
        ["B", receipt.rightSha256],
      ]
    : [
        ["X", receipt.featuresSha256],
        ["y", receipt.labelsSha256],
        ["weights.npy", receipt.weightsSha256],
      ];
}

function save(receipt: AnyReceipt): void {
  const text = JSON.stringify(receipt, null, 2);
  saveFile(new Blob([text], { type: "application/json" }), `${receipt.jobId}-receipt.json`);
}
