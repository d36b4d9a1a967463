import { HashCheck } from "../ui/jobs/hash-check.tsx";
import type { AnyCodedReceipt, ReceiptParts } from "./coded-words.ts";
import { JobEventsList } from "./job-events-list.tsx";
import { ReceiptSection } from "./receipt-section.tsx";
import { VolunteersTable } from "./volunteers-table.tsx";

/** The receipt of a coded run as a page: what happened, who took part, and how results were checked. */
export function CodedReceiptView({ receipt, parts }: { receipt: AnyCodedReceipt; parts: ReceiptParts }) {
  return (
    <>
      <JobEventsList words={parts.words} history={receipt} isVerified={receipt.verification.method !== "none"} />
      <VolunteersTable volunteers={receipt.volunteers} hasEnded />
      <ReceiptSection receipt={receipt} parts={parts} />
      <HashCheck hashes={parts.files} />
    </>
  );
}
