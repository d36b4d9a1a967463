/** All assignments, with what is asked of them by volunteer and by job kept beside them. */
const NONE: ReadonlySet<number> = new Set();

/** What the table looks at. */
interface Sent {
  readonly volunteerId: string;
  readonly jobId: string;
}

export class AssignmentTable<Assignment extends Sent> extends Map<number, Assignment> {
  readonly #byVolunteer = new Map<string, Set<number>>();
  readonly #byJob = new Map<string, Set<number>>();

  override set(assignmentId: number, assignment: Assignment): this {
    this.delete(assignmentId);
    enter(this.#byVolunteer, assignment.volunteerId, assignmentId);
    enter(this.#byJob, assignment.jobId, assignmentId);
    return super.set(assignmentId, assignment);
  }

  override delete(assignmentId: number): boolean {
    const assignment = this.get(assignmentId);
    if (assignment === undefined) return false;
    leave(this.#byVolunteer, assignment.volunteerId, assignmentId);
    leave(this.#byJob, assignment.jobId, assignmentId);
    return super.delete(assignmentId);
  }

  override clear(): void {
    for (const assignmentId of [...this.keys()]) this.delete(assignmentId);
  }

  hasAnyOf(volunteerId: string): boolean {
    return this.#byVolunteer.has(volunteerId);
  }

  /** In the order in which they were sent. */
  ofJob(jobId: string): Assignment[] {
    return [...(this.#byJob.get(jobId) ?? NONE)].flatMap((assignmentId) => this.get(assignmentId) ?? []);
  }
}

function enter(sets: Map<string, Set<number>>, name: string, assignmentId: number): void {
  sets.set(name, (sets.get(name) ?? new Set()).add(assignmentId));
}

function leave(sets: Map<string, Set<number>>, name: string, assignmentId: number): void {
  const set = sets.get(name);
  set?.delete(assignmentId);
  if (set?.size === 0) sets.delete(name);
}
