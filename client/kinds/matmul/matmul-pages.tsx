import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import type { MatmulReceipt } from "../../../shared/kinds/matmul/receipt.ts";
import { CodedReceiptView } from "../../coded/coded-receipt-view.tsx";
import type { JobPages } from "../job-pages.ts";
import { MatmulCard } from "./matmul-card.tsx";
import { type MatmulDetail, openMatmulDetail } from "./matmul-detail.ts";
import { MatmulForm } from "./matmul-form-view.tsx";
import { matmulReceiptParts } from "./matmul-receipt.ts";

export const matmulPages: JobPages<MatmulJobView, MatmulDetail, MatmulReceipt> = {
  Form: MatmulForm,
  Card: MatmulCard,
  openDetail: openMatmulDetail,
  Receipt: ({ receipt }) => <CodedReceiptView receipt={receipt} parts={matmulReceiptParts(receipt)} />,
  endOf: ({ endKind }) => endKind,
};
