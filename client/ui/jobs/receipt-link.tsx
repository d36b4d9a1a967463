import { receiptHashOf } from "../../dashboard/open-job.ts";
import { receiptPage as texts } from "../receipt-texts.ts";

/** To the receipt of a job that has ended, as a page. */
export function ReceiptLink({ job }: { job: { readonly jobId: string; readonly name: string } }) {
  return (
    <a href={receiptHashOf(job.jobId)} aria-label={texts.viewNamed(job.name)}>
      {texts.view}
    </a>
  );
}
