import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { codedTexts } from "../../coded/coded-texts.ts";
import { JobFacts, JobNotes } from "../../coded/crowd-facts.tsx";
import { ProgressLine } from "../../coded/progress-line.tsx";
import { JobActions, SaveButton } from "../../ui/jobs/job-actions.tsx";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import type { HeadProps } from "../job-pages.ts";
import { matmulTexts } from "./matmul-texts.ts";

const texts = matmulTexts.job;

/** A product of matrices: how many of its slices are there, and what can be done with it. */
export function MatmulHead({ dashboard: page, job, children, ...frame }: HeadProps<MatmulJobView>) {
  const { client } = page;
  const { jobId, name, slices, slicesDone } = job;
  const saveProduct = async () => {
    const bytes = await client.productFile(jobId);
    saveFile(new Blob([bytes], { type: "application/octet-stream" }), `${jobId}-product.npy`);
  };
  return (
    <JobFrame
      {...frame}
      job={job}
      settings={`${codedTexts.job.code(job)}, ${texts.shapes(job.rows, job.inner, job.columns)}`}
      actions={
        <JobActions
          dashboard={page}
          job={job}
          saving={({ act }) =>
            job.endKind === "done" && (
              <SaveButton label={texts.productNamed(name)} onClick={() => act(saveProduct)}>
                {texts.product}
              </SaveButton>
            )
          }
        >
          {children}
        </JobActions>
      }
    >
      <ProgressLine
        label={texts.progressLabel(name)}
        progress={texts.progress(slicesDone, slices)}
        done={slicesDone}
        all={slices}
        job={job}
      />
      <JobFacts job={job} />
      <JobNotes job={job} />
    </JobFrame>
  );
}
