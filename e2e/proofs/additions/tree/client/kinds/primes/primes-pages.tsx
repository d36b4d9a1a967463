/** A field, a button, and a line in the list. */
import { useState } from "preact/hooks";
import type { PrimesReceipt, PrimesView } from "../../../shared/kinds/primes/kind.ts";
import { JobActions } from "../../ui/jobs/job-actions.tsx";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import type { FormProps, JobPages } from "../job-pages.ts";

function PrimesForm({ dashboard }: FormProps) {
  const [end, setEnd] = useState("100000");
  const submit = async (event: Event) => {
    event.preventDefault();
    await dashboard.client.submit({ kind: "primes", end: Number(end) });
    dashboard.refresh();
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
  Card: ({ dashboard, job, ...frame }) => (
    <JobFrame
      {...frame}
      job={job}
      stateText={job.state}
      settings={`${job.first} to ${job.end}`}
      details={null}
      actions={<JobActions dashboard={dashboard} job={job} />}
    >
      <p>
        {job.primes} primes, {job.rangesDone} of {job.ranges} ranges
      </p>
    </JobFrame>
  ),
  openDetail: () => async () => null,
  Receipt: ({ receipt }) => <p>{receipt.primes} primes</p>,
  endOf: ({ state }) => state,
};
