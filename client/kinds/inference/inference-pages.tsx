import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { JobPages } from "../job-pages.ts";
import { InferenceForm } from "./form/inference-form-view.tsx";
import { InferenceCard } from "./inference-card.tsx";
import { type InferenceDetail, openInferenceDetail } from "./inference-detail.ts";
import { InferenceReceiptView } from "./inference-receipt.tsx";
import { SampleButton } from "./sample-button.tsx";

export const inferencePages: JobPages<InferenceJobView, InferenceDetail, InferenceReceipt> = {
  Form: (props) => (
    <>
      <SampleButton dashboard={props.dashboard} />
      <InferenceForm {...props} />
    </>
  ),
  Card: InferenceCard,
  openDetail: openInferenceDetail,
  Receipt: InferenceReceiptView,
  endOf: ({ state }) => state,
};
