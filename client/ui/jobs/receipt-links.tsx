import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { dashboard } from "../texts.ts";
import { jobHash } from "./job-address.ts";

const texts = dashboard.jobs;

interface ReceiptLinksProps {
  readonly client: ParitabClient;
  readonly job: { readonly jobId: string; readonly name: string };
}

/** To the receipt of a job that has ended: as a page, and as a file. */
export function ReceiptLinks({ client, job: { jobId, name } }: ReceiptLinksProps) {
  return (
    <>
      <a href={jobHash(jobId, "receipt")} aria-label={texts.readReceiptNamed(name)}>
        {texts.readReceipt}
      </a>
      <a href={client.receiptUrl(jobId)} download aria-label={texts.receiptNamed(name)}>
        {texts.receipt}
      </a>
    </>
  );
}
