import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../../shared/kinds/matmul/receipt.ts";
import { CodedReceiptView } from "../../coded/coded-receipt-view.tsx";
import { loadedLater } from "../../ui/loaded-later.tsx";
import type { JobPages } from "../job-pages.ts";
import { matmulAsked } from "./matmul-asked.ts";
import { type MatmulDetail, openMatmulDetail } from "./matmul-detail.ts";
import { MatmulAnswers, MatmulProgress } from "./matmul-detail-view.tsx";
import { MatmulHead } from "./matmul-head.tsx";
import { matmulReceiptParts } from "./matmul-receipt.ts";

export const matmulPages: JobPages<MatmulJobView, MatmulDetail, MatmulReceipt> = {
  Form: loadedLater(async () => (await import("./matmul-form-view.tsx")).MatmulForm),
  Head: MatmulHead,
  Answers: MatmulAnswers,
  Progress: MatmulProgress,
  openDetail: openMatmulDetail,
  Receipt: ({ receipt }) => <CodedReceiptView receipt={receipt} parts={matmulReceiptParts(receipt)} />,
  endOf: ({ endKind }) => endKind,
  asked: matmulAsked,
};
