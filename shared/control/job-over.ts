/** What a task was for is over: nobody waits for it, and nothing went wrong. */
export class JobOver extends Error {
  override readonly name = "JobOver";

  constructor() {
    super("the job has ended");
  }
}
