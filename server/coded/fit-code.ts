/** A code for the data at hand: of three rows nobody makes four blocks. */
import type { RunSubmission } from "./records.ts";

/**
 * @param blocks as many as the data can be cut into
 * @returns the submission with a K (and shards a volunteer) that it has blocks for, and what was changed, in a sentence
 */
export function fitCode<S extends RunSubmission>(submission: S, blocks: number): { submission: S; notes: string[] } {
  const { dataVolunteers: asked, shardsPerVolunteer } = submission;
  if (asked * shardsPerVolunteer <= blocks || blocks < 1) return { submission, notes: [] };
  const dataVolunteers = Math.min(asked, blocks);
  const smaller = { dataVolunteers, shardsPerVolunteer: Math.floor(blocks / dataVolunteers) };
  const shards =
    smaller.shardsPerVolunteer === shardsPerVolunteer ? "" : ` of ${smaller.shardsPerVolunteer} blocks each`;
  const note = `The data has ${blocks} rows or columns to cut, so K is ${dataVolunteers}${shards} in place of ${asked}.`;
  return { submission: { ...submission, ...smaller }, notes: [note] };
}
