/** What is computed now: which job, for whom, what for, how far along, and what goes in and out. */
import type { WorkView } from "../../shared/kinds/work-view.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import type { RefusedJob } from "../session/volunteer-settings.ts";
import { volunteer } from "../ui/texts.ts";
import { assignmentWords, progressWords } from "./assignment-words.ts";
import { useWork } from "./use-work.ts";

const texts = volunteer.now;

interface WorkCardProps {
  readonly assignment: AssignmentView;
  onRefuse(job: RefusedJob): void;
}

export function WorkCard({ assignment, onRefuse }: WorkCardProps) {
  const isTest = assignment.kind === "probe";
  const work = useWork(isTest ? null : assignment.jobId);
  return (
    <div class="now">
      <dl aria-label={texts.title}>
        <div>
          <dt>{texts.job}</dt>
          <dd>{isTest ? texts.test : assignment.jobName}</dd>
        </div>
        <div>
          <dt>{texts.submitter}</dt>
          <dd>{isTest ? texts.testFor : assignment.submitter}</dd>
        </div>
        {!isTest && (
          <div>
            <dt>{texts.batch}</dt>
            <dd>{texts.batchText(assignment.rowCount)}</dd>
          </div>
        )}
        <div class="wide-fact">
          <dt>{texts.what}</dt>
          <dd>{assignmentWords(assignment).what}</dd>
        </div>
        {work?.purpose !== undefined && (
          <div class="wide-fact">
            <dt>{texts.purpose}</dt>
            <dd>“{work.purpose}”</dd>
          </div>
        )}
        <div class="wide-fact">
          <dt>{texts.data}</dt>
          <dd>{texts.dataText(assignment.receivedBytes, assignment.sentBytes)}</dd>
        </div>
      </dl>
      {work !== null && <Progress work={work} onRefuse={onRefuse} />}
    </div>
  );
}

function Progress({ work, onRefuse }: { work: WorkView; onRefuse: WorkCardProps["onRefuse"] }) {
  const { jobId, name, progress, isByInvitation = false } = work;
  return (
    <div class="work-progress">
      <progress value={progress.done} max={progress.all} aria-label={texts.progress} />
      <span data-testid="progress">{progressWords(work)}</span>
      <a href={`/dashboard#jobs/${encodeURIComponent(jobId)}`}>{texts.follow}</a>
      {/* Whoever came for a job presses Stop. */}
      {!isByInvitation && (
        <button type="button" class="small" onClick={() => onRefuse({ jobId, name })}>
          {texts.refuse}
        </button>
      )}
    </div>
  );
}
