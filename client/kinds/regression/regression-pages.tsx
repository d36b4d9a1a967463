import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import { CodedReceiptView } from "../../coded/coded-receipt-view.tsx";
import { loadedLater } from "../../ui/loaded-later.tsx";
import type { JobPages } from "../job-pages.ts";
import { regressionAsked } from "./regression-asked.ts";
import { openRegressionDetail, type RegressionDetail } from "./regression-detail.ts";
import { RegressionAnswers, RegressionProgress } from "./regression-detail-view.tsx";
import { RegressionHead } from "./regression-head.tsx";
import { regressionReceiptParts } from "./regression-receipt.ts";

export const regressionPages: JobPages<RegressionJobView, RegressionDetail | null, RegressionReceipt> = {
  Form: loadedLater(async () => (await import("./regression-form-view.tsx")).RegressionForm),
  Head: RegressionHead,
  Answers: RegressionAnswers,
  Progress: RegressionProgress,
  openDetail: openRegressionDetail,
  Receipt: ({ receipt }) => <CodedReceiptView receipt={receipt} parts={regressionReceiptParts(receipt)} />,
  endOf: ({ endKind }) => endKind,
  asked: regressionAsked,
};
