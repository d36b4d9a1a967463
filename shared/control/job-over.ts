/** Nobody waits for a task any more: its job has ended, or the coordinator is stopping. Nothing went wrong, so no log tells of it. */
export class JobOver extends Error {
  override readonly name = "JobOver";

  constructor(message = "the job has ended") {
    super(message);
  }
}
