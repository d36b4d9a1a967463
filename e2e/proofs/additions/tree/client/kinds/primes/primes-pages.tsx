/** A field, a button, and what is said of a job. */
import { useState } from "preact/hooks";
import type { PrimesReceipt, PrimesView } from "../../../shared/kinds/primes/kind.ts";
import { JobActions } from "../../ui/jobs/job-actions.tsx";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import type { FormProps, JobPages } from "../job-pages.ts";

function PrimesForm({ dashboard }: FormProps) {
  const [end, setEnd] = useState("100000");
  const submit = async (event: Event) => {
    event.preventDefault();
    const { jobId } = await dashboard.client.submit({ kind: "primes", end: Number(end) });
    dashboard.submitted({ jobId, name: "primes" });
  };
  return (
    <form onSubmit={submit}>
      <label>
        Primes below <input type="number" value={end} onInput={(event) => setEnd(event.currentTarget.value)} />
      </label>
      <button type="submit">Count them</button>
    </form>
  );
}

export const primesPages: JobPages<PrimesView, null, PrimesReceipt> = {
  Form: PrimesForm,
  Head: ({ dashboard, job, children, ...frame }) => (
    <JobFrame
      {...frame}
      job={job}
      stateText={job.state}
      settings={`${job.first} to ${job.end}`}
      actions={
        <JobActions dashboard={dashboard} job={job}>
          {children}
        </JobActions>
      }
    >
      <p>
        {job.primes} primes, {job.rangesDone} of {job.ranges} ranges
      </p>
    </JobFrame>
  ),
  Answers: ({ job }) => <p>{job.primes} primes</p>,
  Progress: ({ job }) => <p>{job.rangesDone} ranges</p>,
  openDetail: () => async () => null,
  Receipt: ({ receipt }) => <p>{receipt.primes} primes</p>,
  endOf: ({ state }) => state,
};
